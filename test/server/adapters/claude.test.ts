import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AnalystFaultKind } from '../../../core/domain/analyst-opinion.ts';
import { type ClaudeSettings, createClaudeAnalyst } from '../../../server/adapters/claude.ts';
import { DEFAULT_MODEL } from '../../../server/analyst-model.ts';
import {
  type Behaviour,
  type FakeMessagesApi,
  QUIET_ANSWER,
  startFakeMessagesApi,
} from '../../support/fake-messages-api.ts';

const KEY = 'sk-ant-test-key-of-the-fake';
const answer = { ...QUIET_ANSWER, summary: 'Nothing to see.' };

let api: FakeMessagesApi;
beforeAll(async () => {
  api = await startFakeMessagesApi();
});
afterAll(() => api.close());

let seen = 0;
beforeEach(() => {
  api.behave({ kind: 'answer', answer });
  seen = api.requests.length;
});

const analystWith = (settings: Partial<ClaudeSettings> = {}) =>
  createClaudeAnalyst({
    apiKey: KEY,
    model: 'claude-haiku-5-5',
    baseUrl: api.url,
    effort: 'low',
    maxAnswerTokens: 2_000,
    maxRetries: 0,
    ...settings,
  });

const ask = (settings: Partial<ClaudeSettings> = {}, signal = new AbortController().signal) =>
  analystWith(settings).ask({ system: 'the instructions', user: '<data>\n{}\n</data>', signal });

const attempts = () => api.requests.length - seen;

describe('a question to Claude', () => {
  it('is one request with cached instructions, one block of data and the answer as schema', async () => {
    await ask();
    const { body, headers } = api.requests.at(-1) as (typeof api.requests)[number];
    expect(body.system).toEqual([
      { type: 'text', text: 'the instructions', cache_control: { type: 'ephemeral', ttl: '1h' } },
    ]);
    expect(body.messages).toEqual([{ role: 'user', content: '<data>\n{}\n</data>' }]);
    expect(body.output_config).toMatchObject({ effort: 'low', format: { type: 'json_schema' } });
    expect(body).not.toHaveProperty('tools');
    expect(body).not.toHaveProperty('metadata');
    expect(body.max_tokens).toBe(2_000);
    expect(headers.authorization ?? headers['x-api-key']).toContain(KEY);
    expect(headers).not.toHaveProperty('traceparent');
  });

  it('sends no effort to a model that does not know it', async () => {
    await ask({ effort: 'none' });
    expect(api.requests.at(-1)?.body.output_config).not.toHaveProperty('effort');
  });

  it('brings the answer with what it cost and which model gave it', async () => {
    expect(await ask()).toMatchObject({
      ok: true,
      answer,
      model: 'claude-haiku-5-5',
      usage: { input: 400, output: 120, cacheWrite: 0, cacheRead: 1_500 },
      requestId: 'msg_fake',
    });
  });

  it('reads an answer in a code fence', async () => {
    api.behave({ kind: 'text', text: `\`\`\`json\n${JSON.stringify(answer)}\n\`\`\`` });
    expect(await ask()).toMatchObject({ ok: true, answer });
  });

  it('drops fields it did not ask for', async () => {
    api.behave({ kind: 'answer', answer: { ...answer, execute: 'rm -rf /', __proto__x: 1 } });
    const reply = await ask();
    expect(reply.ok && Object.keys(reply.answer)).toEqual(Object.keys(answer));
  });

  it('takes a whole answer that happens to end at the limit', async () => {
    api.behave({ kind: 'answer', answer, stopReason: 'max_tokens' });
    expect(await ask()).toMatchObject({ ok: true });
  });

  const useless: [string, Behaviour, AnalystFaultKind][] = [
    ['a refusal', { kind: 'refusal', text: "I can't help with that." }, 'refused'],
    ['a refusal with an answer in it', { kind: 'refusal', text: JSON.stringify(answer) }, 'refused'],
    ['prose', { kind: 'text', text: 'The query looks fine to me.' }, 'invalid_answer'],
    ['a cut answer', { kind: 'text', text: '{"anomalies_detected": tr', stopReason: 'max_tokens' }, 'cut_short'],
    ['another schema', { kind: 'answer', answer: { anomalies: 3 } }, 'invalid_answer'],
    [
      'a wrong category',
      {
        kind: 'answer',
        answer: { ...answer, records: [{ record_index: 0, reason: 'x', risk_level: 'extreme', category: 'x' }] },
      },
      'invalid_answer',
    ],
    ['a megabyte', { kind: 'text', text: 'x'.repeat(1_000_000) }, 'invalid_answer'],
  ];
  it.each(useless)('counts the tokens of %s although it is of no use', async (_name, behaviour, fault) => {
    api.behave(behaviour);
    expect(await ask()).toMatchObject({ ok: false, fault, usage: { input: 400, output: 120 }, retryAfterMs: null });
  });

  const failures: [string, Behaviour, AnalystFaultKind, boolean][] = [
    ['a wrong key', { kind: 'error', status: 401, type: 'authentication_error' }, 'bad_key', false],
    ['a key without permission', { kind: 'error', status: 403, type: 'permission_error' }, 'bad_key', false],
    ['an unknown model', { kind: 'error', status: 404, type: 'not_found_error' }, 'unknown_model', false],
    ['a malformed request', { kind: 'error', status: 400, type: 'invalid_request_error' }, 'bad_request', false],
    ['a rate limit', { kind: 'error', status: 429, type: 'rate_limit_error' }, 'rate_limited', false],
    ['a broken provider', { kind: 'error', status: 500, type: 'api_error' }, 'provider_error', false],
    ['an overloaded provider', { kind: 'error', status: 529, type: 'overloaded_error' }, 'overloaded', false],
    ['a reset before the answer', { kind: 'reset' }, 'connection', true],
    ['a reset within the answer', { kind: 'reset_mid_stream' }, 'connection', true],
    [
      'a page instead of JSON',
      { kind: 'raw', status: 200, contentType: 'text/html', body: '<h1>Login</h1>' },
      'invalid_answer',
      true,
    ],
    [
      'broken JSON',
      { kind: 'raw', status: 200, contentType: 'application/json', body: '{"id":' },
      'invalid_answer',
      true,
    ],
    [
      'an empty object',
      { kind: 'raw', status: 200, contentType: 'application/json', body: '{}' },
      'invalid_answer',
      true,
    ],
  ];
  it.each(failures)('names %s and does not throw', async (_name, behaviour, fault, maybeCharged) => {
    api.behave(behaviour);
    const reply = await ask();
    expect(reply).toMatchObject({ ok: false, fault, usage: null, maybeCharged });
    expect(JSON.stringify(reply)).not.toContain(KEY);
    expect(JSON.stringify(reply)).not.toContain('of the fake');
  });

  it('is tried again after a failure that may pass', async () => {
    api.behave({ kind: 'error', status: 529, type: 'overloaded_error' }, { kind: 'reset' }, { kind: 'answer', answer });
    expect(await ask({ maxRetries: 2 })).toMatchObject({ ok: true });
    expect(attempts()).toBe(3);
  });

  it('is not tried again after one that will not', async () => {
    api.behave({ kind: 'error', status: 401, type: 'authentication_error' });
    await ask({ maxRetries: 2 });
    expect(attempts()).toBe(1);
  });

  it('waits as long as the provider asks for', async () => {
    api.behave(
      { kind: 'error', status: 429, type: 'rate_limit_error', headers: { 'retry-after-ms': '300' } },
      { kind: 'answer', answer },
    );
    const reply = await ask({ maxRetries: 1 });
    expect(reply.ok).toBe(true);
    expect(reply.latencyMs).toBeGreaterThanOrEqual(295);
  });

  it('does not sleep through a long wait: it hands it on', async () => {
    api.behave({ kind: 'error', status: 429, type: 'rate_limit_error', headers: { 'retry-after': '3600' } });
    expect(await ask({ maxRetries: 2 })).toMatchObject({ ok: false, fault: 'rate_limited', retryAfterMs: 3_600_000 });
    expect(attempts()).toBe(1);
  });

  it('obeys a provider that forbids another try', async () => {
    api.behave({ kind: 'error', status: 500, type: 'api_error', headers: { 'x-should-retry': 'false' } });
    await ask({ maxRetries: 2 });
    expect(attempts()).toBe(1);
  });

  it('ends at its deadline, whatever is left of its tries', async () => {
    api.behave({ kind: 'slow', ms: 2_000, answer });
    const reply = await ask({ maxRetries: 2, deadlineMs: 150 });
    expect(reply).toMatchObject({ ok: false, fault: 'timeout', maybeCharged: true });
    expect(reply.latencyMs).toBeLessThan(1_500);
  });

  it('gives up a slow attempt', async () => {
    api.behave({ kind: 'slow', ms: 2_000, answer });
    expect(await ask({ attemptTimeoutMs: 100 })).toMatchObject({ ok: false, fault: 'timeout' });
  });

  it('is given up when the process stops', async () => {
    api.behave({ kind: 'slow', ms: 2_000, answer });
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    expect(await ask({}, controller.signal)).toMatchObject({ ok: false, fault: 'connection' });
  });

  it('is not carried to another host by a redirect', async () => {
    const other = await startFakeMessagesApi();
    api.behave({ kind: 'redirect', to: `${other.url}/v1/messages` });
    expect(await ask()).toMatchObject({ ok: false, fault: 'connection' });
    expect(other.bytes()).toBe('');
    await other.close();
  });

  it('writes nothing to the console, however it ends', async () => {
    const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) => vi.spyOn(console, name));
    for (const [, behaviour] of failures) {
      api.behave(behaviour);
      await ask();
    }
    for (const spy of spies) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
  });
});

describe('the check of key and model', () => {
  const error = (status: number, type: string): Behaviour => ({ kind: 'error', status, type });

  it('accepts what the provider accepts and spends no tokens', async () => {
    expect(await analystWith().check()).toEqual({ ok: true });
    expect(attempts()).toBe(0);
  });

  it.each([
    [error(401, 'authentication_error'), 'bad_key', /ANTHROPIC_API_KEY/],
    [error(404, 'not_found_error'), 'unknown_model', /CLAUDE_MODEL is "claude-haiku-5-5"/],
  ] as const)('names what to mend: %j', async (behaviour, fault, message) => {
    api.models(behaviour);
    expect(await analystWith().check()).toMatchObject({
      ok: false,
      fault,
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('the default model', () => {
  const folder = dirname(createRequire(import.meta.url).resolve('@anthropic-ai/sdk'));
  const text = (path: string) => readFileSync(join(folder, path), 'utf8');

  it("stands in the SDK's own list of models and is not at its end of life", () => {
    const models = /export type Model = ([^;]*);/.exec(text('resources/messages/messages.d.ts'))?.[1] ?? '';
    expect(models).toContain(`'${DEFAULT_MODEL}'`);
    const deprecated = /DEPRECATED_MODELS = \{([^}]*)\}/.exec(text('resources/messages/messages.mjs'))?.[1] ?? 'none';
    expect(deprecated).toContain('claude-');
    expect(deprecated).not.toContain(`'${DEFAULT_MODEL}'`);
  });
});

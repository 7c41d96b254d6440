import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../../core/analyst/answer.ts';
import type { Analysis } from '../../../core/domain/analysis.ts';
import type { AnalystFaultKind, AnalystOutcome } from '../../../core/domain/analyst-opinion.ts';
import { HOUR, MINUTE, SECOND } from '../../../core/domain/time.ts';
import type { AnalystServiceDeps } from '../../../core/services/analyst-service.ts';
import { type ClaudeSettings, createClaudeAnalyst } from '../../../server/adapters/claude.ts';
import { analysisOf, findingOf } from '../../support/analyses.ts';
import { analystHarness } from '../../support/analyst-harness.ts';
import {
  type Behaviour,
  type FakeMessagesApi,
  QUIET_ANSWER,
  startFakeMessagesApi,
} from '../../support/fake-messages-api.ts';
import { datasetOf, observationOf, shapeOf } from '../../support/observations.ts';

let api: FakeMessagesApi;
let harness: ReturnType<typeof analystHarness>;
beforeEach(async () => {
  api = await startFakeMessagesApi();
});
afterEach(async () => {
  await harness.service.stop();
  await api.close();
});

function start(changes: Partial<AnalystServiceDeps> = {}, settings: Partial<ClaudeSettings> = {}) {
  harness = analystHarness(
    createClaudeAnalyst({
      apiKey: 'sk-ant-key-of-the-test',
      model: 'claude-haiku-5-5',
      baseUrl: api.url,
      effort: 'low',
      maxAnswerTokens: 2_000,
      maxRetries: 0,
      ...settings,
    }),
    changes,
  );
  return harness;
}

const invoices = datasetOf(
  'invoices',
  Array.from({ length: 40 }, (_, i) => ({ id: i, total: i === 7 ? 98_400 : 120 })),
);

/** A suspicious analysis of the shape; `records` of it are flagged. */
function suspicious(shape = 'a', records: readonly number[] = [], kind: 'bulk_read' | 'burst' = 'bulk_read'): Analysis {
  const fields = ['invoices.id', 'invoices.total'];
  const observation = observationOf({
    shape: shapeOf(`query{invoices{id total}} ${shape}`, fields),
    datasets: [invoices],
  });
  const findings = records.map((index) =>
    findingOf({
      kind: 'unusual_value',
      subject: { kind: 'record', dataset: 'invoices', index },
      p: 0.00001 * (index + 1),
    }),
  );
  return analysisOf(observation, [findingOf({ kind })], [{ findings, flagged: records }]);
}

const ordinary = (): Analysis => analysisOf(observationOf({ datasets: [invoices] }));

const answer = (changes: Partial<Answer>): Behaviour => ({ kind: 'answer', answer: { ...QUIET_ANSWER, ...changes } });

async function offered(analysis: Analysis): Promise<void> {
  harness.service.offer(analysis);
  await harness.service.settled();
}

describe('when the analyst is asked', () => {
  it('about what is suspicious, and never about an ordinary request', async () => {
    const { service } = start();
    await offered(ordinary());
    await offered(analysisOf(observationOf({}), [findingOf({ severity: 'low' })]));
    expect(api.requests).toHaveLength(0);
    await offered(suspicious());
    expect(api.requests).toHaveLength(1);
    expect(service.counters).toMatchObject({ offered: 1, asked: 1, answered: 1 });
  });

  it('about a new shape, however low its severity', async () => {
    start();
    await offered(analysisOf(observationOf({}), [findingOf({ kind: 'new_shape', severity: 'low' })]));
    expect(harness.store.asked[0]).toMatchObject({ reason: 'new_shape', subject: { kinds: ['new_shape'] } });
  });

  it('about a small sample of the rest', async () => {
    start({ policy: { severity: 'medium', sampleRate: 1, isOptedOut: () => false } });
    await offered(ordinary());
    expect(harness.store.asked[0]?.reason).toBe('sample');
  });

  it('never without key and switch: not a byte leaves, and nothing is kept', async () => {
    harness = analystHarness(null);
    await harness.service.start();
    await offered(suspicious());
    expect(await harness.service.consult(suspicious(), 1_000)).toEqual({ status: 'skipped', why: 'off' });
    expect(harness.service.status().state).toBe('off');
    expect(harness.store.statuses.at(-1)?.state).toBe('off');
    expect([api.bytes(), harness.service.counters.offered]).toEqual(['', 0]);
  });

  it('never about a query that reads an opted-out dataset', async () => {
    start({ policy: { severity: 'medium', sampleRate: 1, isOptedOut: (name) => /payroll/.test(name) } });
    for (const name of ['payroll', 'hr.payroll_2026']) {
      const analysis = analysisOf(observationOf({ shape: shapeOf(name), datasets: [datasetOf(name, [{ id: 1 }])] }), [
        findingOf({}),
      ]);
      await offered(analysis);
      expect(await harness.service.consult(analysis, 1_000)).toEqual({ status: 'skipped', why: 'opted_out' });
    }
    const named = analysisOf(observationOf({ shape: shapeOf('nested', ['staff.payroll.amount']) }), [findingOf({})]);
    await offered(named);
    expect(api.bytes()).toBe('');
  });

  it('once for a shape and kind of finding within the period; a repetition costs no call', async () => {
    const { clock, service } = start({ repeatMs: HOUR });
    for (let i = 0; i < 5; i++) await offered(suspicious());
    expect(api.requests).toHaveLength(1);
    expect(service.counters.repeated).toBe(4);
    await offered(suspicious('a', [], 'burst'));
    await offered(suspicious('b'));
    expect(api.requests).toHaveLength(3);
    clock.pass(HOUR);
    await offered(suspicious());
    expect(api.requests).toHaveLength(4);
  });

  it('once for what another process asked, or this one before its start', async () => {
    start();
    await offered(suspicious());
    const first = harness;
    start();
    harness.store.asked.push(...first.store.asked);
    await offered(suspicious());
    expect(api.requests).toHaveLength(1);
    expect(await harness.service.consult(suspicious(), 1_000)).toMatchObject({ status: 'answered', cached: true });
    await first.service.stop();
  });

  it('in one question about requests of the same kind that come together, with all their flagged records', async () => {
    start({ gatherMs: 20 });
    api.behave(
      answer({
        anomalies_detected: true,
        records: [1, 3].map((record_index) => ({
          record_index,
          reason: `about ${record_index}`,
          risk_level: 'high',
          category: 'range_violation',
        })),
      }),
    );
    const batch = [suspicious('a', [7, 8]), suspicious('a', [9, 10])];
    for (const analysis of batch) harness.service.offer(analysis);
    harness.clock.pass(20);
    await harness.service.settled();
    expect(api.requests).toHaveLength(1);
    expect(harness.store.asked[0]?.opinion?.records).toMatchObject([
      { observationId: batch[0]?.observation.id, dataset: 'invoices', recordIndex: 8, reason: 'about 1' },
      { observationId: batch[1]?.observation.id, dataset: 'invoices', recordIndex: 10, reason: 'about 3' },
    ]);
  });

  it('at most twice at a time', async () => {
    start();
    api.behave({ kind: 'slow', ms: 60, answer: QUIET_ANSWER });
    for (const shape of 'abcdefg') harness.service.offer(suspicious(shape));
    await harness.service.settled();
    expect(api.requests).toHaveLength(7);
    expect(api.concurrency.most).toBe(2);
  });

  it('with the records that fit a batch and a prompt that fits its bound', async () => {
    start({ limits: { redaction: 'strict', maxRecords: 5, maxValues: 8 } });
    await offered(
      suspicious(
        'a',
        Array.from({ length: 30 }, (_, i) => i),
      ),
    );
    const { user, estimatedTokens } = harness.store.asked[0] as (typeof harness.store.asked)[number];
    expect(JSON.parse(user.slice(7, -8)).records).toHaveLength(5);
    expect(estimatedTokens).toBeLessThanOrEqual(8_000);
  });

  it('with what people said about earlier findings', async () => {
    start();
    const labelled = { kind: 'bulk_read', severity: 'high', dataset: null, fields: [], label: 'expected' } as const;
    harness.store.labels.push(...Array.from({ length: 40 }, () => labelled));
    await offered(suspicious());
    expect(JSON.parse(harness.store.asked[0]?.user.slice(7, -8) ?? '').feedback).toEqual([
      { finding: 'bulk_read', severity: 'high', fields: [], judged: 'expected', times: 40 },
    ]);
  });
});

describe('the budget', () => {
  it('is kept beforehand: a question that could exceed it is not asked, and asked again when there is room', async () => {
    const { service, clock, notices } = start({
      budget: { tokensPerHour: 12_000, tokensPerDay: null, costPerDay: null },
    });
    api.behave({
      ...answer({}),
      usage: { input_tokens: 4_000, output_tokens: 500, cache_read_input_tokens: 3_000 },
    } as Behaviour);
    for (const shape of 'abc') await offered(suspicious(shape));
    expect(api.requests).toHaveLength(1);
    expect(service.counters.skipped.over_budget).toBe(2);
    expect(service.status()).toMatchObject({ state: 'over_budget', tokensLastHour: 7_500 });
    expect(notices).toEqual([expect.stringContaining('over its budget')]);
    clock.pass(HOUR);
    await offered(suspicious('b'));
    expect(api.requests).toHaveLength(2);
  });

  it('counts what other processes spent', async () => {
    const { store, clock } = start({ budget: { tokensPerHour: null, tokensPerDay: 10_000, costPerDay: null } });
    store.spendingSince = async () => [{ id: 'elsewhere', at: clock.now() - 2 * HOUR, tokens: 9_000, cost: 0 }];
    await offered(suspicious());
    expect(api.requests).toHaveLength(0);
  });

  it('is kept in money where prices are known', async () => {
    const prices = { input: 1, output: 5, cacheWrite: 2, cacheRead: 0.1 };
    const { service, store } = start({ prices, budget: { tokensPerHour: null, tokensPerDay: null, costPerDay: 0.03 } });
    api.behave({
      ...answer({}),
      usage: { input_tokens: 1_000, output_tokens: 2_000, cache_read_input_tokens: 5_000 },
    } as Behaviour);
    for (const shape of 'abcd') await offered(suspicious(shape));
    expect(store.asked[0]?.cost).toBeCloseTo((1_000 * 1 + 2_000 * 5 + 5_000 * 0.1) / 1e6, 12);
    expect(service.status().costLastDay).toBeLessThanOrEqual(0.03);
    expect(api.requests.length).toBeLessThan(4);
    expect(service.counters.skipped.over_budget).toBeGreaterThan(0);
  });

  it('learns from the count that comes back', async () => {
    start();
    api.behave({
      ...answer({}),
      usage: { input_tokens: 9_000, output_tokens: 10, cache_read_input_tokens: 0 },
    } as Behaviour);
    await offered(suspicious('a'));
    await offered(suspicious('b'));
    const [first, second] = harness.store.asked.map(({ estimatedTokens }) => estimatedTokens) as [number, number];
    expect(second).toBeGreaterThan(first * 2);
  });
});

describe('a provider that fails', () => {
  const failures: [Behaviour, AnalystFaultKind][] = [
    [{ kind: 'error', status: 400, type: 'invalid_request_error' }, 'bad_request'],
    [{ kind: 'error', status: 429, type: 'rate_limit_error' }, 'rate_limited'],
    [{ kind: 'error', status: 500, type: 'api_error' }, 'provider_error'],
    [{ kind: 'error', status: 529, type: 'overloaded_error' }, 'overloaded'],
    [{ kind: 'reset' }, 'connection'],
    [{ kind: 'reset_mid_stream' }, 'connection'],
    [{ kind: 'slow', ms: 3_000, answer: QUIET_ANSWER }, 'timeout'],
  ];
  it.each(failures)('is left alone after three failures and tried again later: %j', async (behaviour, fault) => {
    const { service, clock, notices, store } = start({}, { deadlineMs: 300 });
    api.behave(behaviour);
    for (const shape of 'abcdef') await offered(suspicious(shape));
    expect(api.requests).toHaveLength(3);
    expect(service.status()).toMatchObject({ state: 'open_circuit', lastFault: fault });
    expect(service.counters.failed[fault]).toBe(3);
    expect(service.counters.skipped.open_circuit).toBe(3);
    expect(notices).toHaveLength(1);
    expect(store.asked.map(({ status, opinion }) => [status, opinion])).toEqual([
      [fault, null],
      [fault, null],
      [fault, null],
    ]);
    clock.pass(31 * SECOND);
    api.behave(answer({}));
    await offered(suspicious('a'));
    expect(service.status()).toMatchObject({ state: 'idle', lastFault: null });
  });

  it('is left alone for twice as long when the try fails, too', async () => {
    const { clock } = start();
    api.behave({ kind: 'error', status: 500, type: 'api_error' });
    for (const shape of 'abc') await offered(suspicious(shape));
    clock.pass(31 * SECOND);
    await offered(suspicious('d'));
    clock.pass(31 * SECOND);
    await offered(suspicious('e'));
    expect(api.requests).toHaveLength(4);
    clock.pass(30 * SECOND);
    await offered(suspicious('f'));
    expect(api.requests).toHaveLength(5);
  });

  it('is left alone at once for as long as it asks', async () => {
    const { service, clock } = start();
    api.behave({ kind: 'error', status: 429, type: 'rate_limit_error', headers: { 'retry-after': '600' } });
    await offered(suspicious('a'));
    expect(service.status()).toMatchObject({ state: 'open_circuit', retryAt: clock.now() + 10 * MINUTE });
  });

  it.each([
    [{ kind: 'refusal', text: 'No.' }, 'refused'],
    [{ kind: 'text', text: '{"anomal', stopReason: 'max_tokens' }, 'cut_short'],
    [{ kind: 'answer', answer: { something: 'else' } }, 'invalid_answer'],
  ] as [Behaviour, AnalystFaultKind][])(
    'to be of use is paid once, counted and not asked again: %j',
    async (behaviour, fault) => {
      const { service, store } = start();
      api.behave(behaviour);
      for (let i = 0; i < 4; i++) await offered(suspicious());
      expect(api.requests).toHaveLength(1);
      expect(service.status()).toMatchObject({ state: 'idle', lastFault: fault, tokensLastHour: 2_020 });
      expect(store.asked[0]).toMatchObject({ status: fault, usage: { input: 400, output: 120 } });
    },
  );

  it('for a wrong key is reported once, at start, and not asked', async () => {
    const { service, notices } = start();
    api.models({ kind: 'error', status: 401, type: 'authentication_error' });
    await service.start();
    for (const shape of 'abc') await offered(suspicious(shape));
    expect(api.requests).toHaveLength(0);
    expect(notices).toEqual([expect.stringMatching(/ANTHROPIC_API_KEY/)]);
    expect(service.status()).toMatchObject({ state: 'misconfigured', lastFault: 'bad_key' });
    expect(JSON.stringify([notices, service.status()])).not.toContain('sk-ant');
  });

  it('for a model that went away is reported once and asked rarely', async () => {
    const { service, notices, clock } = start();
    api.behave({ kind: 'error', status: 404, type: 'not_found_error' });
    for (const shape of 'abc') await offered(suspicious(shape));
    expect([api.requests.length, notices.length, service.status().state]).toEqual([1, 1, 'misconfigured']);
    clock.pass(16 * MINUTE);
    api.behave(answer({}));
    await offered(suspicious('d'));
    expect(service.status().state).toBe('idle');
  });

  it('to be stored costs the record of it and nothing else', async () => {
    const { service, store, faults } = start();
    store.save = async () => Promise.reject(new Error('the store is away'));
    expect(await service.consult(suspicious(), 2_000)).toMatchObject({ status: 'answered' });
    expect(faults).toHaveLength(1);
  });
});

describe('a caller that waits', () => {
  it('gets the opinion, suspicious or not, with what it cost', async () => {
    const { service } = start();
    api.behave(answer({ summary: 'All is well.' }));
    const outcome = await service.consult(ordinary(), 2_000);
    expect(outcome).toMatchObject({ status: 'answered', cached: false });
    const { opinion } = outcome as Extract<AnalystOutcome, { status: 'answered' }>;
    expect(opinion).toMatchObject({
      reason: 'request',
      summary: 'All is well.',
      model: 'claude-haiku-5-5',
      usage: { output: 120 },
    });
    expect(opinion.latencyMs).toBeGreaterThanOrEqual(0);
  });

  it('shares the question that was queued for the same analysis and hurries it', async () => {
    const { service } = start({ gatherMs: 60 * SECOND });
    const analysis = suspicious();
    service.offer(analysis);
    expect(await service.consult(analysis, 2_000)).toMatchObject({ status: 'answered' });
    expect(api.requests).toHaveLength(1);
  });

  it('gets the earlier opinion at once', async () => {
    const { service } = start();
    await service.consult(suspicious(), 2_000);
    expect(await service.consult(suspicious(), 2_000)).toMatchObject({ status: 'answered', cached: true });
    expect(api.requests).toHaveLength(1);
  });

  it('waits no longer than it said; the opinion arrives all the same', async () => {
    const { service, store } = start();
    api.behave({ kind: 'slow', ms: 200, answer: QUIET_ANSWER });
    expect(await service.consult(suspicious(), 30)).toEqual({ status: 'pending' });
    await service.settled();
    expect(store.asked).toHaveLength(1);
  });

  it('is told when the provider fails and when the process stops', async () => {
    const { service } = start();
    api.behave({ kind: 'error', status: 500, type: 'api_error' }, { kind: 'slow', ms: 5_000, answer: QUIET_ANSWER });
    expect(await service.consult(suspicious('a'), 2_000)).toEqual({ status: 'failed', fault: 'provider_error' });
    const waiting = service.consult(suspicious('b'), 4_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await service.stop();
    expect(await waiting).toMatchObject({ status: 'failed', fault: 'connection' });
    expect(await service.consult(suspicious('c'), 2_000)).toEqual({ status: 'skipped', why: 'stopping' });
  });
});

describe('a hostile answer', () => {
  const HOSTILE =
    'See https://evil.example/x or www.evil.example, javascript:alert(1) <img src=x onerror=alert(1)> \u202Egnp.exe\u0000\u001b[31m';
  const LONG = 'x'.repeat(1_500);

  it('changes nothing but text, and its text is plain, short and links nowhere', async () => {
    const { store, service, drafted } = start();
    const analysis = suspicious('a', [7]);
    const before = structuredClone({ ...analysis, observation: null });
    api.behave(
      answer({
        anomalies_detected: false,
        records: [
          { record_index: 0, reason: HOSTILE, risk_level: 'low', category: 'business_logic' },
          { record_index: 0, reason: 'again', risk_level: 'high', category: 'business_logic' },
          { record_index: 1, reason: 'not asked about', risk_level: 'high', category: 'security_concern' },
          { record_index: -1, reason: 'not asked about', risk_level: 'high', category: 'security_concern' },
          { record_index: 1e9, reason: 'not asked about', risk_level: 'high', category: 'security_concern' },
        ],
        query_pattern_analysis: {
          typical: true,
          concerns: Array.from({ length: 15 }, (_, i) => `${i} ${LONG}`),
          recommendations: ['', HOSTILE, HOSTILE],
        },
        business_rules: Array.from({ length: 15 }, () => ({
          rule: LONG,
          violation: HOSTILE,
          risk_level: 'low' as const,
        })),
        summary: `${LONG.slice(0, 1_199)}😀😀`,
        draft_kill_switch_rule: { condition: 'process.exit()', reason: HOSTILE },
        draft_alert_rule: { metric: HOSTILE, comparison: 'above', threshold: 5, window_minutes: 0, reason: 'x' },
      }),
    );
    await offered(analysis);
    const opinion = store.asked[0]?.opinion;
    expect(opinion?.records).toHaveLength(1);
    expect(opinion?.queryPattern.concerns).toHaveLength(10);
    expect(opinion?.queryPattern.recommendations).toHaveLength(1);
    expect(opinion?.businessRules).toHaveLength(10);
    expect(opinion?.draftAlert).toBeNull();
    const text = JSON.stringify(opinion);
    expect(text.length).toBeLessThan(25_000);
    expect(text).not.toMatch(/https?:|javascript:|www\.|\u202E|\\u0000|\\u001b|\\ud83d/);
    expect(opinion?.summary.isWellFormed()).toBe(true);
    // What statistics said is what it was.
    expect({ ...analysis, observation: null }).toEqual(before);
    // The proposal names nothing that our facts have: it is refused, and only told.
    expect(opinion?.draftRule?.refused).toMatch(/exit/);
    expect(drafted).toHaveLength(1);
    expect(service.status().state).toBe('idle');
  });

  it('proposes a rule that our compiler has checked', async () => {
    const { store } = start();
    api.behave(
      answer({
        draft_kill_switch_rule: { condition: 'role == "support" and "invoices" in rootFields', reason: 'Export.' },
      }),
    );
    await offered(suspicious());
    expect(store.asked[0]?.opinion?.draftRule).toEqual({
      condition: 'role == "support" and "invoices" in rootFields',
      reason: 'Export.',
      refused: null,
    });
  });
});

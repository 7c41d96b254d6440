import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClaudeAnalyst } from '../../../server/adapters/claude.ts';
import { type AnalystEvalOptions, runAnalystEval } from '../../../server/cli/analyst-eval.ts';
import { type FakeMessagesApi, QUIET_ANSWER, startFakeMessagesApi } from '../../support/fake-messages-api.ts';

const folder = mkdtempSync(join(tmpdir(), 'analyst-eval-'));
let api: FakeMessagesApi;
beforeAll(async () => {
  api = await startFakeMessagesApi();
});
afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

const record = (category: string) => ({ record_index: 0, reason: 'r', risk_level: 'low', category });
const quiet = QUIET_ANSWER;
const CASES = [
  { name: 'exfiltration', prompt: '<data>\n{"a":1}\n</data>', expected: ['security_concern', 'size_anomaly'] },
  { name: 'price', prompt: '<data>\n{"a":2}\n</data>', expected: ['range_violation'] },
  { name: 'ordinary', prompt: '<data>\n{"a":3}\n</data>', expected: [] },
];
const ANSWERS = [
  { ...quiet, query_pattern_analysis: { ...quiet.query_pattern_analysis, concerns: ['It exports.'] } },
  { ...quiet, records: [record('range_violation'), record('business_logic')] },
  quiet,
];

const file = (name: string, lines: readonly unknown[]): string => {
  const path = join(folder, name);
  writeFileSync(path, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
  return path;
};

async function run(changes: Partial<AnalystEvalOptions>) {
  const out: string[] = [];
  const warnings: string[] = [];
  const code = await runAnalystEval({
    casesFile: file('cases.jsonl', CASES),
    analyst: null,
    language: 'English',
    prices: { input: 1, output: 5, cacheWrite: 2, cacheRead: 0.1 },
    json: false,
    write: (text) => void out.push(text),
    warn: (text) => void warnings.push(text),
    ...changes,
  });
  return { code, out: out.join(''), warnings };
}

const EXPECTED = `category               precision  recall    tp    fp    fn
unusual_combination            –       –     0     0     0
size_anomaly                   –    0.00     0     0     1
range_violation             1.00    1.00     1     0     0
security_concern            1.00    1.00     1     0     0
business_logic              0.00       –     0     1     0
all                         0.67    0.67     2     1     1

3 cases; quiet on 1 of 1 with nothing to report
`;

describe('analyst-eval', () => {
  it('measures the configured model over its API', async () => {
    api.behave(...ANSWERS.map((answer) => ({ kind: 'answer', answer }) as const));
    const analyst = createClaudeAnalyst({
      apiKey: 'k',
      model: 'claude-haiku-5-5',
      baseUrl: api.url,
      effort: 'low',
      maxAnswerTokens: 1_000,
      maxRetries: 0,
    });
    const { code, out, warnings } = await run({ analyst });
    expect([code, warnings]).toEqual([0, []]);
    expect(out).toBe(`${EXPECTED}tokens: 1200 input, 0 cache write, 4500 cache read, 360 output\ncost: 0.00345\n`);
    expect(api.requests.map(({ body }) => body.messages[0]?.content)).toEqual(CASES.map(({ prompt }) => prompt));
  });

  it('measures recorded answers without a model, text or JSON', async () => {
    const answers = [
      {
        name: 'exfiltration',
        answer: JSON.stringify(ANSWERS[0]),
        usage: { input: 10, output: 2, cacheWrite: 0, cacheRead: 0 },
      },
      { name: 'price', answer: ANSWERS[1] },
      { name: 'ordinary', answer: `\`\`\`json\n${JSON.stringify(ANSWERS[2])}\n\`\`\`` },
    ];
    const { code, out } = await run({ answersFile: file('answers.jsonl', answers), prices: null });
    expect(code).toBe(0);
    expect(out).toBe(
      `${EXPECTED}tokens: 10 input, 0 cache write, 0 cache read, 2 output\ncost: unknown (set SENTINEL_ANALYST_PRICES)\n`,
    );
  });

  it('names every line and case it could not use, and fails', async () => {
    const casesFile = file('broken.jsonl', [
      '{"name":',
      { name: 'x', prompt: 'p', expected: ['nonsense'] },
      '',
      CASES[1],
    ]);
    const { code, warnings } = await run({
      casesFile,
      answersFile: file('none.jsonl', [{ name: 'price', answer: 'prose' }]),
    });
    expect(code).toBe(1);
    expect(warnings.map((text) => text.replace(folder, ''))).toEqual([
      expect.stringMatching(/broken\.jsonl: line 1 is not JSON/),
      expect.stringMatching(/broken\.jsonl: line 2: expected\.0: /),
      'price: the recorded answer could not be read\n',
    ]);
  });

  it('prints each case as JSON on request', async () => {
    const { out } = await run({ answersFile: file('empty.jsonl', []), json: true });
    expect(JSON.parse(out.split('\n')[0] as string)).toMatchObject({
      name: 'exfiltration',
      expected: ['security_concern', 'size_anomaly'],
      found: [],
    });
  });

  it('asks for a model or for answers', async () => {
    await expect(run({})).rejects.toThrow(/ANTHROPIC_API_KEY and SENTINEL_ANALYST=1/);
  });
});

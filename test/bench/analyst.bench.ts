/**
 * What the analyst costs: CPU in the hook's path (offering), CPU off it (a prompt for 1,000 rows × 8 columns), tokens of
 * that prompt. `npx node test/bench/analyst.bench.ts`
 */
import { dossierOf } from '../../core/analyst/dossier.ts';
import { instructionsFor } from '../../core/analyst/instructions.ts';
import { buildPrompt } from '../../core/analyst/prompt.ts';
import { createTokenEstimator } from '../../core/analyst/token-estimate.ts';
import { subjectOf } from '../../core/analyst/when-to-ask.ts';
import type { Analysis } from '../../core/domain/analysis.ts';
import { conditionFacts } from '../../core/services/analyst-drafts.ts';
import type { Analyst } from '../../core/services/analyst-ports.ts';
import { analysisOf, detectedAnalysis, findingOf } from '../support/analyses.ts';
import { analystHarness } from '../support/analyst-harness.ts';
import { QUIET_ANSWER } from '../support/fake-messages-api.ts';
import { datasetOf, observationOf, shapeOf } from '../support/observations.ts';

const COLUMNS = ['id', 'total', 'quantity', 'status', 'country', 'email', 'created_at', 'note'];
const row = (i: number) => ({
  id: i,
  total: i % 100 === 7 ? 98_400 + i : 100 + (i % 371),
  quantity: 1 + (i % 9),
  status: ['open', 'paid', 'late', 'cancelled'][i % 4],
  country: ['AT', 'CH', 'DE'][i % 3],
  email: `person${i}@example.com`,
  created_at: new Date(Date.UTC(2026, 0, 1) + i * 3_600_000).toISOString(),
  note: i % 5 === 0 ? null : `delivered to the neighbour, second floor, ring ${i}`,
});
const rows = (count: number) =>
  datasetOf(
    'invoices',
    Array.from({ length: count }, (_, i) => row(i)),
  );
const shapeNumber = (i: number) =>
  shapeOf(
    `query{invoices{${COLUMNS.join(' ')}}} ${i}`,
    COLUMNS.map((name) => `invoices.${name}`),
  );

const history = rows(2_000);
const large = rows(1_000);
const flagged = Array.from({ length: 50 }, (_, i) => i * 20 + 7);
const detected = detectedAnalysis(observationOf({ shape: shapeNumber(0), datasets: [large] }), history, flagged);
const system = instructionsFor({ language: 'English', conditionFacts: conditionFacts() });
const estimator = createTokenEstimator();
const limits = { redaction: 'strict', maxRecords: 50, maxValues: 8 } as const;

const NO_USAGE = { input: 0, output: 0, cacheWrite: 0, cacheRead: 0 };

/** CPU of the main thread per run, in milliseconds: the mean, since the kernel's counter is coarse. */
function cpu(times: number, run: (i: number) => void): number {
  const before = process.threadCpuUsage();
  for (let i = 0; i < times; i++) run(i);
  const { user, system: kernel } = process.threadCpuUsage(before);
  return (user + kernel) / 1_000 / times;
}

const prompted = (analysis: Analysis) =>
  buildPrompt(dossierOf(analysis, 'suspicion', subjectOf(analysis, 'medium'), limits), [], system, 8_000, estimator);

const quick: Analyst = {
  model: 'none',
  maxAnswerTokens: 1_000,
  ask: async () => ({ ok: true, answer: QUIET_ANSWER, usage: NO_USAGE, model: 'none', latencyMs: 0, requestId: null }),
  check: async () => ({ ok: true }),
};

/** Median and 99 % point of single calls, by the clock; the loop has its turns in between, so that questions are asked. */
async function offering(what: string, analyses: readonly Analysis[]): Promise<void> {
  const { service } = analystHarness(quick);
  const figures: number[] = [];
  for (const analysis of analyses) {
    const started = performance.now();
    service.offer(analysis);
    figures.push((performance.now() - started) * 1_000);
    await service.settled();
  }
  figures.sort((a, b) => a - b);
  const at = (share: number): string => (figures[Math.floor(share * (figures.length - 1))] as number).toFixed(1);
  print(`offer, ${what} (${service.counters.asked} asked)`, `${at(0.5)} / ${at(0.99)} µs`, '≤ 20 µs');
}

function print(what: string, figure: string, mark: string): void {
  console.log(`${what.padEnd(64)}${figure.padStart(16)}   mark ${mark}`);
}

const many = (queryFindings: boolean) =>
  Array.from({ length: 2_000 }, (_, i) =>
    analysisOf(observationOf({ shape: shapeNumber(i), datasets: [] }), queryFindings ? [findingOf({})] : []),
  );
const same = shapeNumber(1);
await offering('ordinary requests', many(false));
await offering('suspicious, a new shape each time', many(true));
await offering(
  'suspicious, the same shape again',
  Array.from({ length: 2_000 }, () => analysisOf(observationOf({ shape: same }), [findingOf({})])),
);

const unsketched = { ...detected, datasets: detected.datasets.map((part) => ({ ...part, statistics: [] })) };
cpu(30, () => prompted(detected));
cpu(30, () => prompted(unsketched));
print('prompt, 1,000 rows × 8 columns, 50 flagged', `${cpu(200, () => prompted(detected)).toFixed(2)} ms`, '≤ 5 ms');
print('the same, field statistics sketched anew', `${cpu(200, () => prompted(unsketched)).toFixed(2)} ms`, '≤ 5 ms');
const prompt = prompted(detected);
print('its tokens, by the upper estimate', String(prompt?.estimatedTokens), '≤ 8,000');
print('  of which instructions (cached)', String(estimator.estimate(system)), '–');
print('  flagged records told, of 50', String(prompt?.recordCount), '–');

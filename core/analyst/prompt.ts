import type { DatasetSketch, FieldSketch } from './dataset-sketch.ts';
import type { Dossier } from './dossier.ts';
import { examplesOf, type LabelledFinding } from './examples.ts';
import type { TokenEstimator } from './token-estimate.ts';

/** What is sent: instructions, and one block of data. Stored and shown exactly so. */
export interface Prompt {
  readonly system: string;
  readonly user: string;
  /** Upper estimate of both parts together, as asked of the estimator. */
  readonly estimatedTokens: number;
  /** Records by the number they have in the prompt. */
  readonly recordCount: number;
  readonly truncated: boolean;
}

/** How much of a dossier is told, most first: the first level that fits the bound is sent. */
const LEVELS = [
  { records: Infinity, cells: 24, fields: 60, values: 8, findings: 20, selected: 120 },
  { records: 40, cells: 12, fields: 40, values: 5, findings: 12, selected: 80 },
  { records: 25, cells: 10, fields: 30, values: 4, findings: 10, selected: 60 },
  { records: 12, cells: 8, fields: 24, values: 3, findings: 8, selected: 40 },
  { records: 6, cells: 6, fields: 12, values: 2, findings: 6, selected: 24 },
  { records: 3, cells: 4, fields: 6, values: 0, findings: 4, selected: 12 },
  { records: 1, cells: 2, fields: 2, values: 0, findings: 2, selected: 4 },
] as const;

type Level = (typeof LEVELS)[number];

/** The prompt within `maxTokens` by the estimate, or null when not even the least of it fits. */
export function buildPrompt(
  dossier: Dossier,
  labelled: readonly LabelledFinding[],
  system: string,
  maxTokens: number,
  estimator: Pick<TokenEstimator, 'estimate'>,
): Prompt | null {
  const feedback = examplesOf(labelled, dossier.known);
  for (const level of LEVELS) {
    const records = dossier.records.slice(0, level.records);
    const user = dataBlock(documentOf(dossier, feedback, records, level));
    const estimatedTokens = estimator.estimate(system, user);
    if (estimatedTokens > maxTokens) continue;
    return { system, user, estimatedTokens, recordCount: records.length, truncated: level !== LEVELS[0] };
  }
  return null;
}

function documentOf(
  dossier: Dossier,
  feedback: readonly unknown[],
  records: Dossier['records'],
  level: Level,
): unknown {
  const query = dossier.query as { readonly selected: readonly string[]; readonly arguments: readonly unknown[] };
  return {
    asked_because: dossier.reason,
    requests: dossier.observations.length,
    query: {
      ...query,
      selected: query.selected.slice(0, level.selected),
      arguments: query.arguments.slice(0, level.findings),
    },
    findings: dossier.findings.slice(0, level.findings),
    datasets: dossier.datasets.slice(0, level.fields).map((dataset) => datasetAt(dataset, level)),
    records: records.map(({ sketch }, index) => ({
      record_index: index,
      ...sketch,
      values: Object.fromEntries(Object.entries(sketch.values).slice(0, level.cells)),
    })),
    feedback: feedback.slice(0, level.findings),
  };
}

function datasetAt(dataset: DatasetSketch, level: Level): unknown {
  return {
    ...dataset,
    findings: dataset.findings.slice(0, level.findings),
    fields: dataset.fields.slice(0, level.fields).map((field) => fieldAt(field, level)),
  };
}

function fieldAt({ values, ...field }: FieldSketch, level: Level): unknown {
  const shown = values?.slice(0, level.values) ?? [];
  return shown.length === 0 ? field : { ...field, values: shown };
}

/** No text in the document can close the block: in JSON's strings "<" is written as an escape, and nowhere else it stands. */
function dataBlock(document: unknown): string {
  const json = JSON.stringify(document)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
  return `<data>\n${json}\n</data>`;
}

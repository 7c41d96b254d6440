import { fieldStatistics } from '../detection/records/features/field-statistics.ts';
import type { Analysis } from '../domain/analysis.ts';
import type { AskReason } from '../domain/analyst-opinion.ts';
import type { Uuid } from '../domain/ids.ts';
import type { Dataset, Observation } from '../domain/observation.ts';
import { type DatasetSketch, sketchDataset } from './dataset-sketch.ts';
import { sketchFinding, sketchQuery } from './query-sketch.ts';
import { type DatasetPart, type DossierRecord, sketchRecords } from './record-sketch.ts';
import { type DossierLimits, MAX_FIELDS, MAX_FINDINGS } from './sketch-limits.ts';
import type { AskSubject } from './when-to-ask.ts';

/**
 * All that is kept of an analysis for a question: redacted, of bounded size, without a reference to the rows. Its
 * `query`, `findings` and `datasets` are what is sent (prompt.ts); the rest says what the answer is about.
 */
export interface Dossier {
  readonly subject: AskSubject;
  readonly reason: AskReason;
  readonly observations: readonly DossierObservation[];
  readonly query: unknown;
  readonly findings: readonly unknown[];
  readonly datasets: readonly DatasetSketch[];
  /** Flagged records in the order in which they are numbered for the model, strangest first. */
  readonly records: readonly DossierRecord[];
  /** Paths that the query selects: names of the schema and not keys in the data. */
  readonly known: ReadonlySet<string>;
}

/** What is needed to write down what the answer says about an observation. */
export interface DossierObservation {
  readonly id: Uuid;
  readonly observation: Omit<Observation, 'datasets' | 'arguments' | 'principal'> & {
    readonly principal: Pick<Observation['principal'], 'role' | 'userId'>;
  };
  readonly recordCounts: ReadonlyMap<string, number>;
}

const MAX_DATASETS = 12;
/** What sketches are drawn from where the analysis brought none: enough for shares, and a few milliseconds at most. */
const SKETCHED_RECORDS = 200;
const SKETCHED_CELLS = 3_000;

export function dossierOf(analysis: Analysis, reason: AskReason, subject: AskSubject, limits: DossierLimits): Dossier {
  const { observation } = analysis;
  const known = new Set(observation.shape.fields);
  let cells = SKETCHED_CELLS;
  const datasets = analysis.datasets.slice(0, MAX_DATASETS).map((part): DatasetPart => {
    const dataset = observation.datasets.find(({ name }) => name === part.dataset);
    if (part.statistics.length > 0 || !dataset) return { part, dataset, statistics: part.statistics };
    const excerpt = excerptOf(dataset, cells);
    cells -= excerpt.recordCount * excerpt.columns.length;
    return { part, dataset, statistics: excerpt.recordCount === 0 ? [] : fieldStatistics(excerpt) };
  });
  return {
    subject,
    reason,
    observations: [withoutData(observation)],
    query: sketchQuery(observation),
    findings: analysis.queryFindings
      .slice(0, MAX_FINDINGS)
      .map((finding) => sketchFinding(finding, observation, known)),
    datasets: datasets.map(({ part, statistics }) => sketchDataset(part, statistics, observation, known, limits)),
    records: sketchRecords(datasets, observation, known, limits),
    known,
  };
}

/** One question about several requests of the same shape and kinds: the flagged records of the later ones are added. */
export function joinDossiers(first: Dossier, later: Dossier, maxRecords: number): Dossier {
  return {
    ...first,
    observations: [...first.observations, ...later.observations],
    records: [...first.records, ...later.records].slice(0, maxRecords),
  };
}

function withoutData(observation: Observation): DossierObservation {
  const { datasets, arguments: _arguments, principal, ...rest } = observation;
  return {
    id: observation.id,
    observation: { ...rest, principal: { role: principal.role, userId: principal.userId } },
    recordCounts: new Map(datasets.map(({ name, recordCount }) => [name, recordCount])),
  };
}

/** The first records of a dataset, as many as the cells left allow; none where they would show nothing. */
function excerptOf(dataset: Dataset, cellsLeft: number): Dataset {
  const columns = dataset.columns.slice(0, MAX_FIELDS);
  const affordable = Math.floor(cellsLeft / Math.max(1, columns.length));
  const recordCount = affordable < 5 ? 0 : Math.min(dataset.recordCount, SKETCHED_RECORDS, affordable);
  return {
    ...dataset,
    recordCount,
    columns: columns.map(({ path, cells }) => ({ path, cells: cells.slice(0, recordCount) })),
  };
}

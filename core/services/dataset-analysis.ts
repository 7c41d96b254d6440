import { benjaminiHochberg } from '../detection/statistics/benjamini-hochberg.ts';
import { publishedScore } from '../detection/statistics/calibration.ts';
import { compareWithHistoryInSlices } from '../detection/records/changes/compare-with-history.ts';
import { explainRecord } from '../detection/records/explanation/explain.ts';
import { fieldStatisticsInSlices } from '../detection/records/features/field-statistics.ts';
import type { FeatureBatch } from '../detection/records/features/record-features.ts';
import { type RecordModel, scoreRecordsInSlices } from '../detection/records/model/record-model.ts';
import { simesPValue } from '../detection/statistics/simes.ts';
import type { TextDictionary } from '../detection/records/features/text-dictionary.ts';
import type { BaselineUsed, DatasetAnalysis } from '../domain/analysis.ts';
import type { Finding } from '../domain/finding.ts';
import type { Dataset } from '../domain/observation.ts';
import type { Severity } from '../domain/severity.ts';
import type { BaselineEntry } from './baseline-registry.ts';
import type { RunInSlices } from './slices.ts';

export type DatasetAnalyser = (
  dataset: Dataset,
  batch: FeatureBatch,
  /** The baselines of the ladder, the one of the shape first: the first with a model decides. */
  rungs: readonly [BaselineEntry, BaselineEntry],
  /** Rate of ordinary datasets that may be raised, 0–1. */
  alpha: number,
  /** Columns that the batch lacks because the request asked for their values (chosen-columns.ts). */
  chosen: ReadonlySet<string>,
  /** Whether people said that such findings are to be expected. */
  isExpected: (finding: Finding) => boolean,
) => Promise<DatasetAnalysis>;

/** Findings about single records of one dataset; the rest is in the count of flagged ones. */
const MAX_RECORD_FINDINGS = 50;
/** From so many records on, a flagged majority is one finding about the dataset instead of one about each record. */
const COLLECTIVE_MINIMUM = 4;
/** Share of the rate that the comparison with history may use up. */
const COMPARISON_SHARE = 0.1;
/** Compares one dataset of an observation with what is usual. */
export function createDatasetAnalyser(inSlices: RunInSlices, dictionary: TextDictionary): DatasetAnalyser {
  return async (dataset, batch, rungs, alpha, chosen, isExpected) => {
    const decides = rungs.find((entry) => entry.model !== null);
    const model = decides?.model ?? null;
    if (!decides || model === null || dataset.recordCount === 0) {
      return undecided(dataset, Math.max(...rungs.map((entry) => entry.recordCount)));
    }
    const baseline: BaselineUsed = {
      rung: decides === rungs[0] ? 'shape' : 'dataset',
      records: decides.recordCount,
      modelVersion: model.version,
    };
    const { scores, pValues } = await inSlices(scoreRecordsInSlices(model, batch));
    // A response holds many records: the rate holds for all of them together (Benjamini and Hochberg, 1995).
    const unusual = benjaminiHochberg(pValues, alpha);
    const finding = (index: number) => recordFinding(model, batch, dataset, dictionary, index, scores, pValues);
    const isMajority = dataset.recordCount >= COLLECTIVE_MINIMUM && unusual.length > dataset.recordCount / 2;
    const records = isMajority
      ? expectedTogether(
          collectiveFinding(dataset, unusual, finding(strangest(unusual, pValues)), pValues),
          unusual,
          isExpected,
        )
      : await inSlices(withoutExpected(unusual, finding, isExpected));
    const comparison = compareWithHistoryInSlices(model, batch, dataset.name, {
      alpha: alpha * COMPARISON_SHARE,
      selectionIsFixed: baseline.rung === 'shape',
      chosen,
      dictionary,
    });
    const changes = (await inSlices(comparison)).filter((change) => !isExpected(change));
    const findings = [...records.findings, ...changes];
    return {
      dataset: dataset.name,
      recordCount: dataset.recordCount,
      baseline,
      featuresUsed: model.encoder.columns.length,
      scores,
      pValues,
      flagged: records.flagged,
      collective: isMajority && records.flagged.length > 0,
      findings,
      statistics: findings.length > 0 ? await inSlices(fieldStatisticsInSlices(dataset)) : [],
    };
  };
}

interface FlaggedRecords {
  readonly flagged: readonly number[];
  readonly findings: readonly Finding[];
}

/** Records whose like was labelled expected are neither raised nor kept out of history. Pauses after each explanation. */
function* withoutExpected(
  unusual: readonly number[],
  findingOf: (index: number) => Finding,
  isExpected: (finding: Finding) => boolean,
): Generator<void, FlaggedRecords> {
  const raised: { readonly index: number; readonly finding: Finding }[] = [];
  for (const index of unusual.slice(0, MAX_RECORD_FINDINGS)) {
    const finding = findingOf(index);
    if (!isExpected(finding)) raised.push({ index, finding });
    yield;
  }
  return {
    flagged: [...raised.map(({ index }) => index), ...unusual.slice(MAX_RECORD_FINDINGS)],
    findings: raised.map(({ finding }) => finding),
  };
}

function expectedTogether(
  finding: Finding,
  unusual: readonly number[],
  isExpected: (finding: Finding) => boolean,
): FlaggedRecords {
  return isExpected(finding) ? { flagged: [], findings: [] } : { flagged: unusual, findings: [finding] };
}

function undecided(dataset: Dataset, records: number): DatasetAnalysis {
  return {
    dataset: dataset.name,
    recordCount: dataset.recordCount,
    baseline: { rung: 'none', records, modelVersion: null },
    featuresUsed: 0,
    scores: null,
    pValues: null,
    flagged: [],
    collective: false,
    findings: [],
    statistics: [],
  };
}

function recordFinding(
  model: RecordModel,
  batch: FeatureBatch,
  dataset: Dataset,
  dictionary: TextDictionary,
  index: number,
  scores: Float64Array,
  pValues: Float64Array,
): Finding {
  const { kind, reason, fields } = explainRecord(model, batch, index, dataset, dictionary);
  const p = pValues[index] as number;
  return {
    kind,
    subject: { kind: 'record', dataset: dataset.name, index },
    severity: recordSeverity(p),
    p,
    score: scores[index] as number,
    reason,
    fields,
  };
}

/** A calibrated p-value says how rare, not how bad: a single record's data is never critical by itself. */
function recordSeverity(p: number): Severity {
  if (p <= 0.0001) return 'high';
  return p <= 0.001 ? 'medium' : 'low';
}

/**
 * Most records of a response are unusual: the question was, or the data, not each record. How sure that is all of them say
 * together; a new filter value, of which every record is a little rare, is no certainty.
 */
function collectiveFinding(
  dataset: Dataset,
  flagged: readonly number[],
  example: Finding,
  pValues: Float64Array,
): Finding {
  const p = simesPValue(pValues);
  return {
    ...example,
    kind: 'distribution_change',
    subject: { kind: 'dataset', dataset: dataset.name },
    severity: recordSeverity(p),
    p,
    score: publishedScore(p, 0.5),
    reason: `${flagged.length} of ${dataset.recordCount} records are unusual together, such as: ${example.reason}`,
  };
}

function strangest(flagged: readonly number[], pValues: Float64Array): number {
  return flagged.reduce((best, index) => ((pValues[index] as number) < (pValues[best] as number) ? index : best));
}

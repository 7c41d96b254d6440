import { compareWithHistory } from '../../core/detection/records/changes/compare-with-history.ts';
import { explainRecord } from '../../core/detection/records/explanation/explain.ts';
import { fieldStatistics } from '../../core/detection/records/features/field-statistics.ts';
import { createKeyedHash } from '../../core/detection/records/features/keyed-hash.ts';
import { featuresOf } from '../../core/detection/records/features/record-features.ts';
import { featureRows } from './feature-rows.ts';
import { scoreRecordsInSlices, trainRecordModel } from '../../core/detection/records/model/record-model.ts';
import { finish } from '../../core/domain/steps.ts';
import type { Analysis, DatasetAnalysis } from '../../core/domain/analysis.ts';
import type { Finding } from '../../core/domain/finding.ts';
import type { Dataset, Observation } from '../../core/domain/observation.ts';

/** Hand-made analyses, and ones that the real detector made. */
export function findingOf(partial: Partial<Finding>): Finding {
  return {
    kind: 'bulk_read',
    subject: { kind: 'caller' },
    severity: 'high',
    p: 0.0001,
    score: null,
    reason: 'the caller read a lot',
    fields: [],
    ...partial,
  };
}

export function analysisOf(
  observation: Observation,
  queryFindings: readonly Finding[] = [],
  datasets: readonly Partial<DatasetAnalysis>[] = [],
): Analysis {
  return {
    observation,
    anomalous: queryFindings.length > 0,
    queryFindings,
    datasets: observation.datasets.map((dataset, index) => ({
      dataset: dataset.name,
      recordCount: dataset.recordCount,
      baseline: { rung: 'shape', records: 1_000, modelVersion: 3 },
      featuresUsed: dataset.columns.length,
      scores: null,
      pValues: null,
      flagged: [],
      findings: [],
      statistics: fieldStatistics(dataset),
      collective: false,
      ...datasets[index],
    })),
    recommendations: [],
  };
}

const hash = createKeyedHash('analyses');

/** Trains on `history` and lets the detector explain `flagged` records of the observation's first dataset. */
export function detectedAnalysis(observation: Observation, history: Dataset, flagged: readonly number[]): Analysis {
  const dataset = observation.datasets[0] as Dataset;
  const window = featureRows(featuresOf(history, observation.at, hash)).map((row, index) => ({
    key: `history/${index}`,
    at: observation.at - index * 60_000,
    features: row,
  }));
  const model = finish(trainRecordModel(window, { baselineKey: 'k', version: 1, trainedAt: observation.at }));
  if (!model) throw new Error('the history is too short for a model');
  const batch = featuresOf(dataset, observation.at, hash);
  const { scores, pValues } = finish(scoreRecordsInSlices(model, batch));
  const records = flagged.map((index): Finding => {
    const { kind, reason, fields } = explainRecord(model, batch, index, dataset);
    const subject = { kind: 'record', dataset: dataset.name, index } as const;
    return {
      kind,
      subject,
      severity: 'high',
      p: pValues[index] as number,
      score: scores[index] as number,
      reason,
      fields,
    };
  });
  const changes = compareWithHistory(model, batch, dataset.name, { selectionIsFixed: true });
  return analysisOf(observation, [], [{ scores, pValues, flagged, findings: [...records, ...changes] }]);
}

import type { Analysis, DatasetAnalysis, FieldStatistics } from '../../core/domain/analysis.ts';
import { FINDING_KINDS, type Finding } from '../../core/domain/finding.ts';
import type { Dataset } from '../../core/domain/observation.ts';
import type { Severity } from '../../core/domain/severity.ts';
import { formatInstant } from '../../core/domain/time.ts';

const RISK_LEVELS = { low: 'low', medium: 'medium', high: 'high', critical: 'high' } as const satisfies Record<
  Severity,
  string
>;

/** Index that the original gave to what concerns the whole dataset or query. */
const NO_RECORD = -1;

/**
 * One entry of `results`: the original's fields, and beside them the short form that its README promised (`is_anomaly`,
 * `score`, `model_details`, `security_concerns[].type/severity`). Scores have scikit-learn's sign: −1 to 0, lower is
 * stranger.
 */
export function datasetResult(analysis: Analysis, result: DatasetAnalysis, dataset: Dataset | undefined) {
  const { observation, queryFindings, recommendations } = analysis;
  const timestamp = formatInstant(observation.at);
  const identity = {
    query_id: observation.shape.id,
    query_hash: observation.queryHash,
    operation_name: observation.operationName,
  };
  const records = [...result.findings, ...queryFindings].map(anomalyRecord);
  const securityConcerns = records.filter((record) => record.category === 'security_concern');
  const anomalous = new Set([...result.flagged, ...result.findings.flatMap(recordIndexOf)]);
  return {
    ...identity,
    is_anomaly: anomalous.size > 0 || records.length > 0,
    score: strangest(result.scores),
    model_details: { model_type: 'isolation_forest', features_used: result.featuresUsed },
    processed_records: result.recordCount,
    anomalous_records: anomalous.size,
    statistical_flags: result.flagged.length,
    statistical_details: result.flagged.map((index) => statisticalDetail(result, dataset, index, timestamp)),
    query_analysis: queryAnalysis(analysis, result, records, { ...identity, timestamp }),
    recommendations,
    security_concerns: securityConcerns,
    metadata: {
      timestamp,
      query_hash: observation.queryHash,
      operation_name: observation.operationName,
      historical_data_size: result.baseline.records,
      baseline: result.baseline.rung,
      dropped_records: dataset?.droppedRecords ?? 0,
      dropped_columns: dataset?.droppedColumns ?? 0,
      errors: null,
    },
  };
}

function anomalyRecord(finding: Finding) {
  return {
    record_index: finding.subject.kind === 'record' ? finding.subject.index : NO_RECORD,
    reason: finding.reason,
    risk_level: RISK_LEVELS[finding.severity],
    category: FINDING_KINDS[finding.kind].category,
    type: finding.kind,
    severity: finding.severity,
    p_value: finding.p,
    fields: finding.fields.map(({ path, value, contribution, text }) => ({ path, value, contribution, text })),
  };
}

type AnomalyRecord = ReturnType<typeof anomalyRecord>;

function queryAnalysis(
  { queryFindings, recommendations }: Analysis,
  result: DatasetAnalysis,
  records: readonly AnomalyRecord[],
  { timestamp, ...identity }: { readonly timestamp: string; readonly query_hash: string },
) {
  const learning = result.baseline.rung === 'none';
  const changes = result.findings.filter(({ kind }) => kind === 'distribution_change' || kind === 'schema_change');
  return {
    ...identity,
    anomalies_detected: records.length > 0,
    records,
    query_pattern_analysis: {
      typical: queryFindings.length === 0,
      concerns: queryFindings.map((finding) => finding.reason),
      recommendations,
    },
    analysis_mode: learning ? 'baseline' : 'comparative',
    statistical_analysis: {
      new_data_stats: {
        record_count: result.recordCount,
        fields: Object.fromEntries(result.statistics.map((statistics) => [statistics.field, fieldStats(statistics)])),
      },
      historical_comparison: null,
      ...(learning
        ? { baseline_established: true }
        : { significant_changes: changes.map(({ kind, severity, reason }) => ({ type: kind, severity, reason })) }),
    },
    metadata: {
      historical_queries_analyzed: result.baseline.records,
      new_records_analyzed: result.recordCount,
      timestamp,
      status: learning ? 'initializing_history' : 'active',
    },
  };
}

function statisticalDetail(
  { scores, pValues }: DatasetAnalysis,
  dataset: Dataset | undefined,
  index: number,
  timestamp: string,
) {
  const columns = (dataset?.columns ?? []).toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const score = scores?.[index];
  const present = columns.filter((column) => column.cells[index] !== undefined);
  return {
    record: Object.fromEntries(present.map((column) => [column.path, column.cells[index]])),
    score: score === undefined ? null : -score,
    p_value: pValues?.[index] ?? null,
    index,
    // In the order of the sorted column names; a text is no number, whatever the original made of it.
    features: columns.map((column) => numberOf(column.cells[index])),
    timestamp,
  };
}

function fieldStats(statistics: FieldStatistics) {
  const { type, count, uniqueCount, min, max, mean, median, standardDeviation, averageLength, nullCount } = statistics;
  if (type === 'numeric' || type === 'timestamp') {
    const numericStats = { mean, std: standardDeviation, min, max, median, unique_values: uniqueCount };
    return { type: type === 'numeric' ? 'numeric' : 'date', numeric_stats: numericStats, null_count: nullCount };
  }
  return {
    type: 'categorical',
    stats: {
      unique_count: uniqueCount,
      uniqueness_ratio: count === 0 ? 0 : uniqueCount / count,
      avg_length: averageLength,
      value_distribution: Object.fromEntries(statistics.topValues.map(({ value, count }) => [value, count])),
    },
    null_count: nullCount,
  };
}

function recordIndexOf({ subject }: Finding): number[] {
  return subject.kind === 'record' ? [subject.index] : [];
}

/** The score of the strangest record with the original's sign, or null while the baseline still learns. */
function strangest(scores: Float64Array | null): number | null {
  if (!scores || scores.length === 0) return null;
  let highest = 0;
  for (const score of scores) if (score > highest) highest = score;
  return -highest;
}

function numberOf(cell: unknown): number | null {
  if (typeof cell === 'boolean') return cell ? 1 : 0;
  return typeof cell === 'number' ? cell : null;
}

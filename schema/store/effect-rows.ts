import type { Analysis, DatasetAnalysis } from '../../core/domain/analysis.ts';
import type { Baseline } from '../../core/domain/baseline.ts';
import type { Effects, Lesson, LessonRecord } from '../../core/domain/effects.ts';
import { type Finding, FINDING_KINDS } from '../../core/domain/finding.ts';
import { uuidv7 } from '../../core/domain/ids.ts';
import { recordCountOf, type Observation } from '../../core/domain/observation.ts';
import { type Severity, severityRank } from '../../core/domain/severity.ts';
import { storableText as clip } from '../../core/domain/text.ts';
import type { Codec } from './codec.ts';

/**
 * Effects → rows, pure. Text is clipped to its column and rid of what no database holds: neither a long value nor a NUL in
 * it must make a finding unstorable.
 */

const RISK_LEVEL: Record<Severity, string> = { low: 'LOW', medium: 'MEDIUM', high: 'HIGH', critical: 'HIGH' };

const clipOrNull = (text: string | null, length: number): string | null => (text === null ? null : clip(text, length));

export function queryPatternRow(observation: Observation, codec: Codec) {
  const { shape } = observation;
  const { features } = shape;
  return {
    query_id: shape.id,
    query_hash: observation.queryHash,
    source: observation.source,
    operation_name: clipOrNull(observation.operationName, 255),
    operation_type: shape.operationType,
    query_text: clip(shape.text, Infinity),
    root_fields: codec.json(shape.rootFields),
    fields: codec.json(shape.fields),
    query_length: features.queryLength,
    depth: features.depth,
    field_count: features.fields,
    argument_count: features.arguments,
    variable_count: features.variables,
    alias_count: features.aliases,
    has_pagination: codec.flag(features.hasPagination),
    has_filtering: codec.flag(features.hasFiltering),
    has_sorting: codec.flag(features.hasSorting),
    introspection: codec.flag(features.introspection),
    complexity_score: features.complexityScore,
    created_at: codec.instant(observation.at),
  };
}

export function requestLogRow(effects: Effects, codec: Codec) {
  const { observation } = effects;
  return {
    id: observation.id,
    at: codec.instant(observation.at),
    hook: effects.hook,
    source: observation.source,
    delivery_key: observation.deliveryKey,
    trace_id: clipOrNull(observation.traceId, 64),
    request_id: clipOrNull(observation.requestId, 255),
    role: clip(observation.principal.role, 191),
    user_id: clipOrNull(observation.principal.userId, 191),
    operation_name: clipOrNull(observation.operationName, 255),
    query_id: observation.shape.id,
    argument_paths: codec.json([...new Set(observation.arguments.map((argument) => argument.path))]),
    argument_facts: observation.argumentFacts ? codec.json(observation.argumentFacts) : null,
    record_count: recordCountOf(observation),
    new_entities: effects.newEntities ?? null,
    error_count: observation.errorCount,
    verdict: effects.verdict,
    rule_key: effects.ruleKey,
    anomalous: codec.flag(effects.analysis?.anomalous ?? false),
  };
}

/** The id of a baseline is derived from its key, so that rows can point to it without asking for it first. */
export function baselineId(baseline: Baseline): string {
  const hex = baseline.key;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function historicalDataRow(baseline: Baseline, lesson: Lesson, at: number, codec: Codec) {
  return {
    id: baselineId(baseline),
    baseline_key: baseline.key,
    source: baseline.source,
    query_id: baseline.queryId,
    dataset: clip(baseline.dataset, 255),
    scope: clip(baseline.scope, 191),
    record_count: lesson.learntCount,
    created_at: codec.instant(at),
    last_updated: codec.instant(at),
  };
}

export function historyBlockRows(lesson: Lesson, observation: Observation, codec: Codec) {
  return [
    { records: lesson.records, quarantined: false },
    { records: lesson.quarantined, quarantined: true },
  ]
    .filter(({ records }) => records.length > 0)
    .map(({ records, quarantined }) => ({
      id: uuidv7(observation.receivedAt),
      observation_id: observation.id,
      at: codec.instant(observation.at),
      shape_baseline_id: baselineId(lesson.ladder.shape),
      dataset_baseline_id: baselineId(lesson.ladder.dataset),
      quarantined: codec.flag(quarantined),
      released_by: null,
      best_priority: bestPriority(records),
      record_count: records.length,
      records: codec.json({
        columns: lesson.columns,
        records: records.map((record) => [record.priority, ...record.features]),
      }),
      raw: records[0]?.raw === undefined ? null : codec.json(records.map((record) => record.raw)),
    }));
}

function bestPriority(records: readonly LessonRecord[]): number {
  let best = Infinity;
  for (const { priority } of records) best = Math.min(best, priority);
  return best;
}

/** One analysis with its findings: a dataset's, or (`part` null) the query's and its caller's. */
export interface AnalysisRows {
  readonly analysis: ReturnType<typeof analysisRow>;
  readonly records: ReturnType<typeof recordRow>[];
  readonly fields: ReturnType<typeof fieldRows>;
  readonly statistics: ReturnType<typeof statisticRows>;
  readonly recommendations: { readonly id: string; readonly analysis_id: string; readonly description: string }[];
}

/** Rows for every part of the analysis in which something was found; `holds` says which findings still stand. */
export function analysisRows(analysis: Analysis, codec: Codec, holds: (finding: Finding) => boolean): AnalysisRows[] {
  const parts: { part: DatasetAnalysis | null; findings: Finding[] }[] = [
    { part: null, findings: analysis.queryFindings.filter(holds) },
    ...analysis.datasets.map((part) => ({ part, findings: part.findings.filter(holds) })),
  ];
  const found = parts.filter(({ findings }) => findings.length > 0);
  return found.map(({ part, findings }, index) => {
    const row = analysisRow(analysis, part, codec);
    const records = findings.map((finding) => recordRow(finding, row.id, analysis.observation, codec));
    return {
      analysis: row,
      records,
      fields: findings.flatMap((finding, i) =>
        fieldRows(finding, (records[i] as { id: string }).id, analysis.observation),
      ),
      statistics: part === null ? [] : statisticRows(part, row.id, analysis.observation, codec),
      // Recommendations are about the request: they stand once, at its first part.
      recommendations:
        index > 0
          ? []
          : analysis.recommendations.map((description) => ({
              id: uuidv7(analysis.observation.receivedAt),
              analysis_id: row.id,
              description,
            })),
    };
  });
}

function analysisRow(analysis: Analysis, part: DatasetAnalysis | null, codec: Codec) {
  const { observation } = analysis;
  return {
    id: uuidv7(observation.receivedAt),
    observation_id: observation.id,
    timestamp: codec.instant(observation.at),
    query_id: observation.shape.id,
    query_hash: observation.queryHash,
    source: observation.source,
    dataset: part === null ? null : clip(part.dataset, 255),
    operation_name: clipOrNull(observation.operationName, 255),
    role: clip(observation.principal.role, 191),
    user_id: clipOrNull(observation.principal.userId, 191),
    trace_id: clipOrNull(observation.traceId, 64),
    request_id: clipOrNull(observation.requestId, 255),
    processed_records: part?.recordCount ?? recordCountOf(observation),
    anomalous_records_count: part?.flagged.length ?? 0,
    historical_data_size: part?.baseline.records ?? 0,
    analysis_mode: part === null || part.baseline.rung !== 'none' ? 'comparative' : 'baseline',
    baseline: part?.baseline.rung ?? 'none',
    model_version: part?.baseline.modelVersion ?? null,
    anomalies_detected: codec.flag(analysis.anomalous),
    status: 'completed',
  };
}

function recordRow(finding: Finding, analysisId: string, observation: Observation, codec: Codec) {
  const { subject } = finding;
  return {
    id: uuidv7(observation.receivedAt),
    analysis_id: analysisId,
    timestamp: codec.instant(observation.at),
    kind: finding.kind,
    category: FINDING_KINDS[finding.kind].category,
    severity: finding.severity,
    severity_rank: severityRank(finding.severity),
    risk_level: RISK_LEVEL[finding.severity],
    dataset: subject.kind === 'record' || subject.kind === 'dataset' ? clip(subject.dataset, 255) : null,
    record_index: subject.kind === 'record' ? subject.index : -1,
    pattern: finding.pattern ?? null,
    reason: clip(finding.reason, 4_000),
    score: finding.score,
    p_value: finding.p,
    label: null,
    labelled_by: null,
    labelled_at: null,
    note: null,
    acknowledged_by: null,
    acknowledged_at: null,
  };
}

function fieldRows(finding: Finding, recordId: string, observation: Observation) {
  return finding.fields.map((field, index) => ({
    id: uuidv7(observation.receivedAt),
    record_id: recordId,
    rank: index + 1,
    field_name: clip(field.path, 255),
    value: clipOrNull(field.value, 1_000),
    contribution: field.contribution,
    tail_probability: field.tailProbability,
    usual_low: field.usual?.low ?? null,
    usual_median: field.usual?.median ?? null,
    usual_high: field.usual?.high ?? null,
    frequency: field.frequency ?? null,
    description: clip(field.text, 1_000),
  }));
}

function statisticRows(part: DatasetAnalysis, analysisId: string, observation: Observation, codec: Codec) {
  return part.statistics.map((column) => ({
    id: uuidv7(observation.receivedAt),
    analysis_id: analysisId,
    field_name: clip(column.field, 255),
    field_type: column.type,
    record_count: column.count,
    null_count: column.nullCount,
    missing_count: column.missingCount,
    unique_count: column.uniqueCount,
    uniqueness_ratio: column.count === 0 ? 0 : column.uniqueCount / column.count,
    avg_length: column.averageLength,
    min_value: column.min,
    max_value: column.max,
    mean_value: column.mean,
    median_value: column.median,
    std_dev: column.standardDeviation,
    top_values: codec.json(column.topValues),
  }));
}

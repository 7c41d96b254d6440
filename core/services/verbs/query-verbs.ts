import type { DatasetAnalysis } from '../../domain/analysis.ts';
import { unprocessable } from '../../domain/errors.ts';
import { type FieldDef, listOf, nullable, type ObjectDef, objectOf, oneOf, scalar } from '../../domain/kind.ts';
import { formatInstant } from '../../domain/time.ts';
import type { KnownBaseline } from '../ports/queries.ts';
import { type QueryService, queryRefOf, unknownQuery } from '../query-service.ts';
import type { Verb } from './verb.ts';

const text = scalar('string');
const field = (name: string, type: FieldDef['type'], description: string): FieldDef => ({ name, type, description });

const QUERY = field(
  'query_id',
  text,
  'The query: query_id of query_patterns, or its query_hash, of which the newest shape is meant.',
);
const QUERY_FIELDS: readonly FieldDef[] = [
  field('query_id', text, 'The query shape, in query_patterns.'),
  field('query_hash', text, 'MD5 of the query text as it was seen first.'),
];

export const QUERY_OBJECTS: readonly ObjectDef[] = [
  {
    name: 'query_overview',
    description: 'How much is known about a query.',
    fields: [
      ...QUERY_FIELDS,
      field('operation_name', nullable(text), 'Name its client gave it.'),
      field(
        'status',
        oneOf(['learning', 'active']),
        'active: a model scores its records; learning: its own baselines have none yet.',
      ),
      field('historical_records', scalar('int32'), 'Records its baselines have learnt, in all.'),
      field('baselines', listOf(objectOf('query_baseline')), 'Its baselines, the richest first.'),
    ],
  },
  {
    name: 'query_baseline',
    description: 'What one role reads through a query of one dataset, and the model that scores it.',
    fields: [
      field('dataset', text, 'Root-field path, or connector.collection.'),
      field('scope', text, 'The role.'),
      field('record_count', scalar('int32'), 'Records learnt.'),
      field('model_version', nullable(scalar('int32')), 'Version of the active model; null while it learns.'),
      field('model_features', nullable(scalar('int32')), 'Features of the model.'),
      field('model_records', nullable(scalar('int32')), 'Records the model was trained on.'),
      field('model_trained_at', nullable(scalar('timestamp')), 'When the model was trained.'),
    ],
  },
  {
    name: 'record_analysis',
    description: 'What detection says about one record.',
    fields: [
      field('id', scalar('uuid'), 'Id of the observation: of its row in request_log.'),
      ...QUERY_FIELDS,
      field('dataset', text, 'The dataset it was compared with.'),
      field('is_anomaly', scalar('boolean'), 'Whether anything was found, at the configured rate of false alarms.'),
      field('score', nullable(scalar('float64')), 'How strange it is, 0–1; null while the baseline learns.'),
      field('p_value', nullable(scalar('float64')), 'Calibrated probability among ordinary records, 0–1.'),
      field(
        'baseline',
        oneOf(['shape', 'dataset', 'none']),
        'What decided: the baseline of the query, the one of its dataset over all queries, or none as both still learn.',
      ),
      field('baseline_records', scalar('int32'), 'Records that baseline had learnt before.'),
      field('model_version', nullable(scalar('int32')), 'Version of the model that scored it.'),
      field('findings', listOf(objectOf('anomaly_record')), 'What was found, as it is kept in anomaly_records.'),
      field('recommendations', listOf(text), 'What to look at or do, one sentence each.'),
    ],
  },
];

export interface QueryVerbDeps {
  readonly queries: Pick<QueryService, 'overview' | 'analyzeRecord'>;
}

export function queryVerbs({ queries }: QueryVerbDeps): Verb[] {
  return [
    {
      name: 'query_summary',
      kind: 'function',
      description: 'How much is known about a query: what its baselines have learnt, and which models score it.',
      arguments: [QUERY],
      result: objectOf('query_overview'),
      role: 'viewer',
      run: async ({ query_id: id }, { tx }) => {
        const query = queryRefOf(id as string);
        const found = query && (await queries.overview(query, tx));
        if (!found) throw unknownQuery(id as string);
        return {
          query_id: found.query.shape.id,
          query_hash: found.query.queryHash,
          operation_name: found.query.operationName,
          status: found.baselines.some(({ model }) => model !== null) ? 'active' : 'learning',
          historical_records: found.historicalRecords,
          baselines: found.baselines.map(publishedBaseline),
        };
      },
    },
    {
      name: 'analyze_record',
      kind: 'procedure',
      description:
        'Scores one record as if the query had answered it to the role of its richest baseline, keeps what is found, and learns it unless it is flagged. Each call counts as one more record.',
      arguments: [
        QUERY,
        { ...field('record', scalar('json'), 'The record: a JSON object, by column.'), anyText: true },
      ],
      result: objectOf('record_analysis'),
      role: 'operator',
      run: async ({ query_id: id, record }, { tx, actor }) => {
        const query = queryRefOf(id as string);
        if (!query) throw unknownQuery(id as string);
        const { analysis } = await queries.analyzeRecord(query, asRecord(record), actor, tx);
        const { observation } = analysis;
        // The first dataset is the record, any other a list of records inside it.
        const result = analysis.datasets[0] as DatasetAnalysis;
        return {
          id: observation.id,
          query_id: observation.shape.id,
          query_hash: observation.queryHash,
          dataset: result.dataset,
          is_anomaly: analysis.anomalous,
          score: result.scores?.[0] ?? null,
          p_value: result.pValues?.[0] ?? null,
          baseline: result.baseline.rung,
          baseline_records: result.baseline.records,
          model_version: result.baseline.modelVersion,
          findings: await tx.anomalies.rowsOf(observation.id),
          recommendations: analysis.recommendations,
        };
      },
    },
  ];
}

function publishedBaseline({ dataset, scope, recordCount, model }: KnownBaseline) {
  return {
    dataset,
    scope,
    record_count: recordCount,
    model_version: model?.version ?? null,
    model_features: model?.features ?? null,
    model_records: model?.records ?? null,
    model_trained_at: model && formatInstant(model.trainedAt),
  };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw unprocessable('RECORD_FORM', 'A record is a JSON object.', { path: 'record' });
}

import { defineEntity, p } from '@mikro-orm/core';
import { publish } from '../publish.ts';
import { QueryPattern } from './query-pattern.ts';

/** One row per request or dataset in which something was found. */
export const AnomalyAnalysis = defineEntity({
  name: 'AnomalyAnalysis',
  tableName: 'anomaly_analyses',
  properties: {
    id: p.uuid().primary(),
    observation_id: p.uuid().index(),
    timestamp: p.datetime(3).index(),
    query_id: () => p.manyToOne(QueryPattern).mapToPk().fieldName('query_id'),
    query_hash: p.string().length(32).index(),
    source: p.string().length(16),
    dataset: p.string().length(255).nullable(),
    operation_name: p.string().length(255).nullable(),
    role: p.string().length(191),
    user_id: p.string().length(191).nullable(),
    trace_id: p.string().length(64).nullable().index(),
    request_id: p.string().length(255).nullable(),
    processed_records: p.integer(),
    anomalous_records_count: p.integer(),
    historical_data_size: p.integer(),
    analysis_mode: p.string().length(16),
    baseline: p.string().length(16),
    model_version: p.integer().nullable(),
    anomalies_detected: p.boolean(),
    status: p.string().length(16),
  },
  indexes: [{ properties: ['role', 'timestamp'] }, { properties: ['user_id', 'timestamp'] }],
});

export const anomalyAnalyses = publish(AnomalyAnalysis, {
  rowType: 'anomaly_analysis',
  description:
    'One row per request or dataset in which something unusual was found; the findings are its anomaly_records. Ordinary requests leave no row here (see request_log). Newest first when ordered by timestamp descending.',
  columns: {
    id: 'Stable id.',
    observation_id: 'The observed request; the id of its request_log row while that is kept.',
    timestamp: 'Event time of the request.',
    query_id: 'The shape of the query.',
    query_hash: "MD5 of the query text: the original plugin's id of a query.",
    source: { description: 'GraphQL response or NDC response.', values: ['graphql', 'ndc'] },
    dataset: 'The list of records analysed: root-field path, or connector.collection. Null: the query or its caller.',
    operation_name: 'Operation name the client chose.',
    role: 'Role of the session.',
    user_id: 'x-hasura-user-id of the session.',
    trace_id: 'Trace id of the request, when it carried one.',
    request_id: 'x-request-id of the request, when it was forwarded.',
    processed_records: { description: 'Records analysed.', unit: 'records' },
    anomalous_records_count: { description: 'Records flagged.', unit: 'records' },
    historical_data_size: { description: 'Records the baseline had learnt from.', unit: 'records' },
    analysis_mode: {
      description: 'baseline: still learning, no verdict on records; comparative: compared with history.',
      values: ['baseline', 'comparative'],
    },
    baseline: {
      description: 'Which baseline decided: of this query shape, of the dataset over all shapes, or none yet.',
      values: ['shape', 'dataset', 'none'],
    },
    model_version: 'Version of the model that decided.',
    anomalies_detected: 'The verdict at the configured rate.',
    status: { description: 'State of the analysis.', values: ['completed'] },
  },
  relations: {
    query_id: { target: 'query_patterns', key: 'query_id', objectName: 'query_pattern', arrayName: 'anomaly_analyses' },
  },
});

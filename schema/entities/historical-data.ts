import { defineEntity, p } from '@mikro-orm/core';
import { publish } from '../publish.ts';
import { QueryPattern } from './query-pattern.ts';

/** A baseline of the ladder: (query shape, dataset, scope), or (dataset, scope) where `query_id` is null. */
export const HistoricalData = defineEntity({
  name: 'HistoricalData',
  tableName: 'historical_data',
  properties: {
    id: p.uuid().primary(),
    /** Hash of (rung, source, query, dataset, scope): what makes the baseline unique even where a column is null. */
    baseline_key: p.string().length(64).unique(),
    source: p.string().length(16),
    query_id: () => p.manyToOne(QueryPattern).mapToPk().fieldName('query_id').nullable(),
    dataset: p.string().length(255),
    scope: p.string().length(191),
    record_count: p.integer(),
    created_at: p.datetime(3),
    last_updated: p.datetime(3),
  },
});

export const historicalData = publish(HistoricalData, {
  rowType: 'baseline',
  description:
    'One row per baseline: what is usual for one dataset and role, either for one query shape or (query_id null) over all shapes. Models are trained per baseline.',
  columns: {
    id: 'Stable id.',
    baseline_key: 'Hash of what the baseline is of.',
    source: { description: 'GraphQL responses or NDC responses.', values: ['graphql', 'ndc'] },
    query_id: 'The query shape; null for the baseline over all shapes of the dataset.',
    dataset: 'Root-field path, or connector.collection.',
    scope: 'The role whose records these are.',
    record_count: { description: 'Records learnt so far; the sample kept of them is bounded.', unit: 'records' },
    created_at: 'When the first record was learnt.',
    last_updated: 'When the last record was learnt.',
  },
  relations: {
    query_id: { target: 'query_patterns', key: 'query_id', objectName: 'query_pattern', arrayName: 'baselines' },
  },
  unique: [['baseline_key']],
});

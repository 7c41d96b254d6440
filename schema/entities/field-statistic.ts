import { defineEntity, p } from '@mikro-orm/core';
import { publish, publishSelect, UNPUBLISHED } from '../publish.ts';
import { AnomalyAnalysis } from './anomaly-analysis.ts';

/** What a column of an analysed dataset looked like: one row per column of every stored analysis. */
export const FieldStatistic = defineEntity({
  name: 'FieldStatistic',
  tableName: 'field_statistics',
  properties: {
    id: p.uuid().primary(),
    analysis_id: () => p.manyToOne(AnomalyAnalysis).mapToPk().fieldName('analysis_id').deleteRule('cascade'),
    field_name: p.string().length(255),
    field_type: p.string().length(50),
    record_count: p.integer(),
    null_count: p.integer(),
    missing_count: p.integer(),
    unique_count: p.integer(),
    uniqueness_ratio: p.double().$type<number>(),
    avg_length: p.double().$type<number>().nullable(),
    min_value: p.double().$type<number>().nullable(),
    max_value: p.double().$type<number>().nullable(),
    mean_value: p.double().$type<number>().nullable(),
    median_value: p.double().$type<number>().nullable(),
    std_dev: p.double().$type<number>().nullable(),
    top_values: p.json<readonly { value: string; count: number }[]>(),
  },
});

export const fieldStatistics = publish(FieldStatistic, {
  rowType: 'field_statistic',
  description: 'Statistics of each column of a dataset in which something was found, as it stood in that response.',
  columns: {
    id: 'Stable id.',
    analysis_id: 'The analysis of the dataset.',
    field_name: 'Dotted path of the column.',
    field_type: {
      description: 'What the values look like.',
      values: ['numeric', 'boolean', 'timestamp', 'categorical', 'identifier', 'text', 'nested', 'empty'],
    },
    record_count: { description: 'Records with a value.', unit: 'records' },
    null_count: { description: 'Records where it is null.', unit: 'records' },
    missing_count: { description: 'Records that lack the key.', unit: 'records' },
    unique_count: 'Distinct values.',
    uniqueness_ratio: 'Distinct values per record, 0–1.',
    avg_length: { description: 'Mean length of text values.', unit: 'characters' },
    min_value: 'Smallest number; timestamps as epoch milliseconds.',
    max_value: 'Largest number.',
    mean_value: 'Mean of the numbers.',
    median_value: 'Median of the numbers.',
    std_dev: 'Standard deviation of the numbers.',
    top_values: UNPUBLISHED,
  },
  relations: {
    analysis_id: {
      target: 'anomaly_analyses',
      key: 'id',
      objectName: 'anomaly_analysis',
      arrayName: 'field_statistics',
    },
  },
});

export const valueDistributions = publishSelect({
  name: 'value_distributions',
  rowType: 'value_distribution',
  description:
    'The most frequent values of categorical columns with their counts: the expanded form of field_statistics. Empty for identifiers, free text and personal data.',
  primaryKey: ['field_statistic_id', 'value'],
  columns: {
    field_statistic_id: { kind: 'uuid', note: 'The column described.' },
    value: { kind: 'string', note: 'The value as text.' },
    count: { kind: 'int32', note: { description: 'Records with this value.', unit: 'records' } },
  },
  relations: {
    field_statistic_id: {
      target: 'field_statistics',
      key: 'id',
      objectName: 'field_statistic',
      arrayName: 'value_distributions',
    },
  },
  sql: {
    sqlite: `select f.id as field_statistic_id, json_extract(v.value, '$.value') as value, json_extract(v.value, '$.count') as count from field_statistics f, json_each(f.top_values) v`,
    postgresql: `select f.id as field_statistic_id, v->>'value' as value, (v->>'count')::int as count from field_statistics f cross join lateral jsonb_array_elements(f.top_values) v`,
    mariadb: `select f.id as field_statistic_id, v.value, v.count from field_statistics f, json_table(f.top_values, '$[*]' columns (value varchar(255) path '$.value', count int path '$.count')) v`,
    sqlserver: `select f.id as field_statistic_id, v.value, v.count from field_statistics f cross apply openjson(f.top_values) with (value nvarchar(255) '$.value', count int '$.count') v`,
    oracle: `select f."id" as "field_statistic_id", v."value", v."count" from "field_statistics" f, json_table(f."top_values", '$[*]' columns ("value" varchar2(255) path '$.value', "count" number path '$.count')) v`,
  },
});

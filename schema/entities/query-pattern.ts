import { defineEntity, p } from '@mikro-orm/core';
import { listOf, scalar } from '../../core/domain/kind.ts';
import { namesOf, onEveryDialect, publish, publishSelect, type SelectDialect } from '../publish.ts';

/** One row per query shape ever seen; `request_log` and baselines point to it. */
export const QueryPattern = defineEntity({
  name: 'QueryPattern',
  tableName: 'query_patterns',
  properties: {
    query_id: p.string().length(64).primary(),
    query_hash: p.string().length(32).index(),
    source: p.string().length(16),
    operation_name: p.string().length(255).nullable(),
    operation_type: p.string().length(16),
    query_text: p.text(),
    root_fields: p.json<readonly string[]>(),
    fields: p.json<readonly string[]>(),
    query_length: p.integer(),
    depth: p.integer(),
    field_count: p.integer(),
    argument_count: p.integer(),
    variable_count: p.integer(),
    alias_count: p.integer(),
    has_pagination: p.boolean(),
    has_filtering: p.boolean(),
    has_sorting: p.boolean(),
    introspection: p.boolean(),
    complexity_score: p.double().$type<number>(),
    created_at: p.datetime(3),
  },
});

export const queryPatterns = publish(QueryPattern, {
  rowType: 'query_pattern',
  description:
    'One row per query shape: what requests have in common when literals, aliases and formatting are taken out. Empty until the first request was observed.',
  columns: {
    query_id: 'Fingerprint of the shape, `<source>:<version>:<hash>`.',
    query_hash: "MD5 of the first query text seen with this shape: the original plugin's id of a query.",
    source: { description: 'Where requests of this shape were seen.', values: ['graphql', 'ndc'] },
    operation_name: 'Operation name of the first request with this shape.',
    operation_type: { description: 'GraphQL operation type.', values: ['query', 'mutation', 'subscription'] },
    query_text: 'Normalised text, without literals.',
    root_fields: { description: 'Root fields, or connector.collection.', holds: listOf(scalar('string')) },
    fields: { description: 'Every leaf as root.child.leaf.', holds: listOf(scalar('string')) },
    query_length: { description: 'Length of the first text seen.', unit: 'characters' },
    depth: 'Nesting depth of the selection.',
    field_count: 'Distinct field names.',
    argument_count: 'Arguments used.',
    variable_count: 'Variables declared.',
    alias_count: 'Aliases used.',
    has_pagination: 'Whether an argument limits or offsets the result.',
    has_filtering: 'Whether an argument filters the result.',
    has_sorting: 'Whether an argument orders the result.',
    introspection: 'Whether the schema itself is asked for.',
    complexity_score: '2 × distinct field names + 3 × depth + 1.5 × arguments.',
    created_at: 'When the shape was first seen.',
  },
});

const FEATURES: Readonly<Record<string, 'int' | 'bool' | 'float'>> = {
  query_length: 'int',
  depth: 'int',
  field_count: 'int',
  argument_count: 'int',
  variable_count: 'int',
  has_pagination: 'bool',
  has_filtering: 'bool',
  has_sorting: 'bool',
  complexity_score: 'float',
};

const AS_NUMBER: Record<SelectDialect, (column: string, type: string) => string> = {
  sqlite: (column) => `cast(${column} as real)`,
  postgresql: (column, type) => (type === 'bool' ? `${column}::int::float8` : `${column}::float8`),
  mariadb: (column) => `cast(${column} as double)`,
  sqlserver: (column) => `cast(${column} as float)`,
  oracle: (column, type) => `to_binary_double(${type === 'bool' ? `case when ${column} then 1 else 0 end` : column})`,
};

const featuresSql = (dialect: SelectDialect): string => {
  const name = namesOf(dialect);
  // Text of SQL Server is Unicode only where it says so, and is compared with such.
  const text = (value: string): string => (dialect === 'sqlserver' ? `N'${value}'` : `'${value}'`);
  return Object.entries(FEATURES)
    .map(
      ([feature, type]) =>
        `select ${name('query_id')}, ${text(feature)} as ${name('feature_name')}, ${AS_NUMBER[dialect](name(feature), type)} as ${name('feature_value')}, ${text(type)} as ${name('feature_type')} from ${name('query_patterns')}`,
    )
    .join(' union all ');
};

export const queryFeatures = publishSelect({
  name: 'query_features',
  rowType: 'query_feature',
  description: 'The structural features of each query shape, one row per feature: query_patterns turned on its side.',
  primaryKey: ['query_id', 'feature_name'],
  columns: {
    query_id: { kind: 'string', note: 'The shape.' },
    feature_name: { kind: 'string', note: { description: 'Name of the feature.', values: Object.keys(FEATURES) } },
    feature_value: { kind: 'float64', note: 'Value; booleans as 0 or 1.' },
    feature_type: { kind: 'string', note: { description: 'Type of the value.', values: ['int', 'bool', 'float'] } },
  },
  relations: {
    query_id: { target: 'query_patterns', key: 'query_id', objectName: 'query_pattern', arrayName: 'query_features' },
  },
  sql: onEveryDialect(featuresSql),
});

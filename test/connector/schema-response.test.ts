import { describe, expect, it } from 'vitest';
import { schemaResponse } from '../../connector/schema-response.ts';
import { listOf, nullable, objectOf, oneOf, scalar } from '../../core/domain/kind.ts';
import type { Verb, VerbTable } from '../../core/services/verbs/verb.ts';
import type { Catalogue, CollectionDef, ColumnDef } from '../../schema/catalogue.ts';
import { CATALOGUE } from '../../schema/collections.ts';
import { offlineVerbs } from '../../server/offline-verbs.ts';

const NO_VERBS: VerbTable = { verbs: new Map(), objects: [] };

const column = (name: string, extra: Partial<ColumnDef> = {}): ColumnDef => ({
  name,
  kind: 'string',
  nullable: false,
  type: scalar('string'),
  description: `The ${name}.`,
  ...extra,
});

const collection = (name: string, rowType: string, columns: readonly ColumnDef[]): CollectionDef => ({
  name,
  rowType,
  description: `One row per ${rowType}.`,
  columns,
  primaryKey: ['id'],
  uniqueConstraints: new Map([[`${name}_by_id`, ['id']]]),
  foreignKeys: new Map(),
  backing: { type: 'table', table: name },
});

const catalogueOf = (...collections: CollectionDef[]): Catalogue => ({
  collections: new Map(collections.map((each) => [each.name, each])),
});

const verb = (name: string, kind: Verb['kind'], extra: Partial<Verb> = {}): Verb => ({
  name,
  kind,
  description: `Does ${name}.`,
  arguments: [{ name: 'id', description: 'Which.', type: scalar('uuid') }],
  result: objectOf('track'),
  role: 'operator',
  run: async () => null,
  ...extra,
});

const tracks = collection('tracks', 'track', [
  column('id', { kind: 'uuid', type: scalar('uuid') }),
  column('mood', { kind: 'string', type: oneOf(['calm', 'wild']), values: ['calm', 'wild'] }),
  column('length', { kind: 'int32', type: nullable(scalar('int32')), nullable: true }),
]);

describe('types', () => {
  it('carry the form of every scalar on the wire', () => {
    const { scalar_types } = schemaResponse(catalogueOf(tracks), NO_VERBS);
    expect(Object.entries(scalar_types).map(([name, type]) => [name, type.representation.type])).toEqual([
      ['String', 'string'],
      ['Uuid', 'uuid'],
      ['Int', 'int32'],
      ['Int64', 'int64'],
      ['Float', 'float64'],
      ['Boolean', 'boolean'],
      ['Timestamp', 'timestamptz'],
      ['Json', 'json'],
      ['Mood', 'enum'],
    ]);
  });

  it('give a column its nullability and its description', () => {
    const { object_types } = schemaResponse(catalogueOf(tracks), NO_VERBS);
    expect(object_types['track']).toEqual({
      description: 'One row per track.',
      fields: {
        id: { description: 'The id.', type: { type: 'named', name: 'Uuid' } },
        mood: { description: 'The mood.', type: { type: 'named', name: 'Mood' } },
        length: {
          description: 'The length.',
          type: { type: 'nullable', underlying_type: { type: 'named', name: 'Int' } },
        },
      },
      foreign_keys: {},
    });
  });

  it('make a closed set an enumeration with equality only', () => {
    const { scalar_types } = schemaResponse(catalogueOf(tracks), NO_VERBS);
    expect(scalar_types['Mood']?.representation).toEqual({ type: 'enum', one_of: ['calm', 'wild'] });
    expect(Object.keys(scalar_types['Mood']?.comparison_operators ?? {})).toEqual(['_eq', '_neq', '_in', '_nin']);
    expect(scalar_types['Mood']?.comparison_operators['_nin']).toEqual({
      type: 'custom',
      argument_type: { type: 'array', element_type: { type: 'named', name: 'Mood' } },
    });
  });

  it('name an enumeration after its column while that is unambiguous, else after its owner too', () => {
    const status = (...values: string[]): ColumnDef => column('status', { type: oneOf(values), values });
    const severity = column('severity', { type: oneOf(['low', 'high']), values: ['low', 'high'] });
    const { scalar_types, object_types } = schemaResponse(
      catalogueOf(
        collection('rules', 'rule', [column('id'), status('on', 'off'), severity]),
        collection('jobs', 'job', [column('id'), status('done', 'open'), severity]),
      ),
      NO_VERBS,
    );
    expect(Object.keys(scalar_types).filter((name) => scalar_types[name]?.representation.type === 'enum')).toEqual([
      'RuleStatus',
      'Severity',
      'JobStatus',
    ]);
    expect(object_types['job']?.fields['status']?.type).toEqual({ type: 'named', name: 'JobStatus' });
    expect(object_types['job']?.fields['severity']?.type).toEqual({ type: 'named', name: 'Severity' });
  });

  it('list what the query engine can do with text, numbers and time', () => {
    const { scalar_types } = schemaResponse(catalogueOf(tracks), NO_VERBS);
    expect(scalar_types['String']?.comparison_operators).toMatchObject({
      _eq: { type: 'equal' },
      _in: { type: 'in' },
      _neq: { type: 'custom', argument_type: { type: 'named', name: 'String' } },
      _ilike: { type: 'custom', argument_type: { type: 'named', name: 'String' } },
      _icontains: { type: 'contains_insensitive' },
      _starts_with: { type: 'starts_with' },
    });
    expect(scalar_types['Int']?.aggregate_functions).toEqual({
      sum: { type: 'sum', result_type: 'Int64' },
      avg: { type: 'average', result_type: 'Float' },
      min: { type: 'min' },
      max: { type: 'max' },
      ...Object.fromEntries(
        ['stddev', 'variance', 'median', 'p95'].map((name) => [
          name,
          { type: 'custom', result_type: { type: 'nullable', underlying_type: { type: 'named', name: 'Float' } } },
        ]),
      ),
    });
    expect(scalar_types['Timestamp']?.extraction_functions).toMatchObject({
      hour: { type: 'hour', result_type: 'Int' },
      day_of_week: { type: 'day_of_week', result_type: 'Int' },
      millisecond: { type: 'custom', result_type: { type: 'named', name: 'Int' } },
      start_of_day: { type: 'custom', result_type: { type: 'named', name: 'Timestamp' } },
    });
    expect(scalar_types['Json']?.comparison_operators).toEqual({});
  });

  it('count in a scalar whose values are JSON numbers', () => {
    const { capabilities, scalar_types } = schemaResponse(catalogueOf(tracks), NO_VERBS);
    const name = capabilities?.query?.aggregates?.count_scalar_type as string;
    expect(scalar_types[name]?.representation).toEqual({ type: 'int32' });
  });
});

describe('verbs', () => {
  const verbs: VerbTable = {
    verbs: new Map([
      ['shorten', verb('shorten', 'procedure')],
      ['similar', verb('similar', 'function', { result: listOf(objectOf('pair')), arguments: [] })],
    ]),
    objects: [
      {
        name: 'pair',
        description: 'Two tracks.',
        fields: [{ name: 'left', description: 'One.', type: objectOf('track') }],
      },
    ],
  };

  it('become procedures that take forwarded headers, and functions that do not', () => {
    const { procedures, functions, object_types } = schemaResponse(catalogueOf(tracks), verbs);
    expect(procedures).toEqual([
      {
        name: 'shorten',
        description: 'Does shorten.',
        arguments: {
          id: { description: 'Which.', type: { type: 'named', name: 'Uuid' } },
          headers: {
            description: expect.any(String),
            type: { type: 'nullable', underlying_type: { type: 'named', name: 'Json' } },
          },
        },
        result_type: { type: 'named', name: 'track' },
      },
    ]);
    expect(functions).toEqual([
      {
        name: 'similar',
        description: 'Does similar.',
        arguments: {},
        result_type: { type: 'array', element_type: { type: 'named', name: 'pair' } },
      },
    ]);
    expect(object_types['pair']?.fields['left']?.type).toEqual({ type: 'named', name: 'track' });
  });
});

describe('the published schema', () => {
  const schema = schemaResponse(CATALOGUE, offlineVerbs());

  it('defines every type it names, under one name each', () => {
    const scalars = Object.keys(schema.scalar_types);
    const objects = Object.keys(schema.object_types);
    const defined = new Set([...scalars, ...objects]);
    expect(defined.size).toBe(scalars.length + objects.length);
    expect(namedTypes(schema).filter((name) => !defined.has(name))).toEqual([]);
  });

  it('describes everything', () => {
    const fields = Object.entries(schema.object_types).flatMap(([owner, type]) =>
      Object.entries(type.fields).map(([name, { description }]) => ({ name: `${owner}.${name}`, description })),
    );
    const types = Object.entries(schema.object_types).map(([name, { description }]) => ({ name, description }));
    const undescribed = [...schema.collections, ...types, ...fields].filter(({ description }) => !description);
    expect(undescribed).toEqual([]);
  });

  it('has foreign keys that lead to collections and columns that exist, and never bear the name of a column', () => {
    const rowTypes = new Map(schema.collections.map(({ name, type }) => [name, schema.object_types[type]]));
    const faults = Object.values(schema.object_types).flatMap(({ fields, foreign_keys }) =>
      Object.entries(foreign_keys).filter(([name, { foreign_collection, column_mapping }]) => {
        const target = rowTypes.get(foreign_collection);
        const columnsExist = Object.entries(column_mapping).every(
          ([source, path]) => source in fields && path.length === 1 && (path[0] as string) in (target?.fields ?? {}),
        );
        return !columnsExist || name in fields || name in (target?.fields ?? {});
      }),
    );
    expect(faults).toEqual([]);
  });

  it('has unique columns that exist', () => {
    const faults = schema.collections.flatMap(({ name, type, uniqueness_constraints }) =>
      Object.values(uniqueness_constraints).flatMap(({ unique_columns }) =>
        unique_columns
          .filter((column) => !(column in (schema.object_types[type]?.fields ?? {})))
          .map((column) => `${name}.${column}`),
      ),
    );
    expect(faults).toEqual([]);
  });
});

/** Every type name anywhere in the document: named types, and result types that are plain names. */
function namedTypes(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const { type, name, result_type: result } = node as { type?: unknown; name?: unknown; result_type?: unknown };
  const own = [type === 'named' ? name : undefined, result].filter((each) => typeof each === 'string');
  return own.concat(Object.values(node).flatMap(namedTypes));
}

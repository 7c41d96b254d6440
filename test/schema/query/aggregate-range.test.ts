import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { evaluateInMemory } from '../../../schema/query/evaluate-in-memory.ts';
import type { AggregateForm, ComparisonTargetForm, QueryForm, RowSet } from '../../../schema/query/form.ts';
import { createQueryEngine } from '../../../schema/query/query-engine.ts';
import type { Tables } from '../../../schema/query/query-engine.ts';
import { runQuery } from '../../../schema/query/run-query.ts';
import { columns, compare, request } from '../../support/query-builders.ts';
import { openMariadb, openPostgres, openSqlite } from '../../support/query-databases.ts';
import type { FixtureDatabase } from '../../support/query-databases.ts';
import { fixtureCatalogue, fixtureUuid } from '../../support/query-fixture.ts';

const MOST = '9223372036854775807';
const LEAST = '-9223372036854775808';
const HUGE = 1.5e308;

const artist = (id: number, name: string, reach: string | null): Record<string, unknown> => ({
  id,
  name,
  external_id: fixtureUuid(id),
  status: 'open',
  reach,
});
const album = (n: number, artist_id: number, title: string, weight: number): Record<string, unknown> => ({
  id: fixtureUuid(n),
  artist_id,
  title,
  weight,
});

// By name: beyond, at the edge, back from beyond, below.
const tables: Tables = new Map([
  [
    'artists',
    [
      artist(1, 'above', MOST),
      artist(2, 'above', '1'),
      artist(3, 'edge', '9223372036854775806'),
      artist(4, 'edge', '1'),
      artist(5, 'back', MOST),
      artist(6, 'back', MOST),
      artist(7, 'back', LEAST),
      artist(8, 'below', LEAST),
      artist(9, 'below', '-1'),
    ],
  ],
  [
    'albums',
    [
      album(21, 1, 'above', HUGE),
      album(22, 1, 'above', HUGE),
      album(23, 2, 'back', HUGE),
      album(24, 2, 'back', HUGE),
      album(25, 2, 'back', -HUGE),
      album(26, 3, 'usual', 0.25),
      album(27, 4, 'single', HUGE),
      album(28, 5, 'below', -HUGE),
      album(29, 5, 'below', -HUGE),
    ],
  ],
  ['tracks', []],
]);

const engine = createQueryEngine(fixtureCatalogue);
const mariadbUrl = process.env['TEST_MARIADB_URL'];
const DATABASES: Record<string, () => Promise<FixtureDatabase | undefined>> = {
  memory: async () => undefined,
  SQLite: () => openSqlite(tables),
  PostgreSQL: () => openPostgres(inject('postgresUrl'), tables),
  ...(mariadbUrl ? { MariaDB: () => openMariadb(mariadbUrl, tables) } : {}),
};

const over = (name: string, column: string): AggregateForm => ({ kind: 'function', function: name, column });
const sumOfWeights: ComparisonTargetForm = {
  kind: 'aggregate',
  path: [{ relationship: 'albums' }],
  aggregate: over('sum', 'weight'),
};

describe.each(Object.keys(DATABASES))('aggregates at the edge of their range on %s', (name) => {
  let database: FixtureDatabase | undefined;

  beforeAll(async () => {
    database = await DATABASES[name]?.();
  });
  afterAll(() => database?.close());

  const answer = async (collection: string, query: QueryForm): Promise<RowSet> => {
    const form = request(collection, query);
    const [set] = database ? await runQuery(engine, database.runner, form) : evaluateInMemory(engine, tables, form);
    return set as RowSet;
  };
  const one = async (aggregate: AggregateForm, collection: string, column: string, group: string): Promise<unknown> => {
    const predicate = compare(column, '_eq', group);
    const { aggregates } = await answer(collection, { predicate, aggregates: new Map([['x', aggregate]]) });
    return aggregates?.['x'];
  };

  it.each([
    ['the sum of int64 at the edge', over('sum', 'reach'), 'edge', MOST],
    ['the sum of int64 that was beyond on the way', over('sum', 'reach'), 'back', '9223372036854775806'],
    ['the mean of int64 beyond', over('avg', 'reach'), 'above', 2 ** 62],
    ['the mean of int64 that cancel out', over('avg', 'reach'), 'back', (2 ** 63 - 2) / 3],
  ])('answer %s', async (_sentence, aggregate, group, expected) => {
    expect(await one(aggregate, 'artists', 'name', group)).toEqual(expected);
  });

  it.each([
    ['the sum of floats that was beyond on the way', over('sum', 'weight'), 'back', HUGE],
    ['the mean of floats whose sum is beyond', over('avg', 'weight'), 'above', HUGE],
    ['the mean of floats that cancel out', over('avg', 'weight'), 'back', 5e307],
    ['the median of floats that are far apart', over('median', 'weight'), 'back', HUGE],
    ['no deviation of a single float', over('stddev', 'weight'), 'single', null],
  ])('answer %s', async (_sentence, aggregate, group, expected) => {
    const actual = await one(aggregate, 'albums', 'title', group);
    expect(actual).toEqual(expected === null ? null : expect.closeTo(expected, -295));
  });

  it.each([
    ['sum', 'artists', 'reach', 'name', 'above', 'int64'],
    ['sum', 'artists', 'reach', 'name', 'below', 'int64'],
    ['sum', 'albums', 'weight', 'title', 'above', 'float64'],
    ['sum', 'albums', 'weight', 'title', 'below', 'float64'],
    ['variance', 'albums', 'weight', 'title', 'back', 'float64'],
    ['stddev', 'albums', 'weight', 'title', 'back', 'float64'],
  ])('refuse the %s of %s.%s beyond it', async (name, collection, column, key, group, kind) => {
    const refusal = {
      kind: 'unprocessable',
      code: 'AGGREGATE_OUT_OF_RANGE',
      message: `The ${name} of "${column}" exceeds the range of ${kind}.`,
    };
    const aggregates = new Map([['x', over(name, column)]]);
    const predicate = compare(key, '_eq', group);
    await expect(answer(collection, { predicate, aggregates })).rejects.toMatchObject({
      ...refusal,
      path: 'query.aggregates.x',
    });
    await expect(answer(collection, { groups: { dimensions: [{ column: key }], aggregates } })).rejects.toMatchObject({
      ...refusal,
      path: 'query.groups.aggregates.x',
    });
  });

  it('count as the end of it in conditions on groups and their order', async () => {
    const namesOf = async (column: string, key: string, operator: string, value: unknown): Promise<unknown> => {
      const aggregate = over('sum', column);
      const { groups } = await answer(key === 'name' ? 'artists' : 'albums', {
        groups: {
          dimensions: [{ column: key }],
          aggregates: new Map(),
          predicate: { kind: 'compare', aggregate, operator, value: { kind: 'literal', value } },
          orderBy: [{ direction: 'desc', target: { kind: 'aggregate', aggregate } }],
        },
      });
      return groups?.map(({ dimensions }) => dimensions[0]);
    };
    expect(await namesOf('reach', 'name', '_gte', LEAST)).toEqual(['above', 'edge', 'back', 'below']);
    expect(await namesOf('reach', 'name', '_gt', MOST)).toEqual([]);
    expect(await namesOf('reach', 'name', '_eq', LEAST)).toEqual(['below']);
    expect(await namesOf('weight', 'title', '_gt', 1)).toEqual(['above', 'back', 'single']);
    expect(await namesOf('weight', 'title', '_lt', -1)).toEqual(['below']);
  });

  it('count as the end of it over a path', async () => {
    const { rows } = await answer('artists', {
      fields: columns('id'),
      predicate: compare(sumOfWeights, '_neq', 0),
      orderBy: [{ direction: 'asc', target: sumOfWeights }],
    });
    expect(rows?.map((row) => row['id'])).toEqual([5, 3, 2, 4, 1]);
  });
});

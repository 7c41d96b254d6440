import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type {
  AggregatesForm,
  OrderByForm,
  PathStepForm,
  PredicateForm,
  QueryForm,
} from '../../../schema/query/form.ts';
import { DEFAULT_LIMITS } from '../../../schema/query/limits.ts';
import { createQueryEngine } from '../../../schema/query/query-engine.ts';
import { MAX_VARIABLES } from '../../../schema/query/resolve-context.ts';
import { runQuery } from '../../../schema/query/run-query.ts';
import { and, columns, compare, not, or, request } from '../../support/query-builders.ts';
import { type FixtureDatabase, openMariadb, openPostgres, openSqlite } from '../../support/query-databases.ts';
import { fixtureCatalogue, fixtureTables } from '../../support/query-fixture.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const tables = fixtureTables(seededRandom(1));
const engine = createQueryEngine(fixtureCatalogue);
const mariadbUrl = process.env['TEST_MARIADB_URL'];
const DATABASES: Record<string, () => Promise<FixtureDatabase>> = {
  SQLite: () => openSqlite(tables),
  PostgreSQL: () => openPostgres(inject('postgresUrl'), tables),
  ...(mariadbUrl ? { MariaDB: () => openMariadb(mariadbUrl, tables) } : {}),
};

const { pathSteps, sortKeys, aggregates, dimensions, existsDepth, tables: mostTables } = DEFAULT_LIMITS;
const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const relationship = { target: 'artists', mapping: new Map([['id', ['id']]]), type: 'object' } as const;
const path = (n: number): PathStepForm[] => numbers(n).map(() => ({ relationship }));
const sort = (steps: number): OrderByForm => ({
  direction: 'asc',
  target: { kind: 'column', column: 'name', path: path(steps) },
});
const FUNCTIONS = ['stddev', 'median', 'sum', 'max', 'variance', 'p95'];
const named = (n: number): AggregatesForm =>
  new Map(
    numbers(n).map((i) => [
      `a${i}`,
      { kind: 'function', function: FUNCTIONS[i % FUNCTIONS.length] as string, column: 'rating' },
    ]),
  );
const exists = (predicate: PredicateForm): PredicateForm => ({
  kind: 'exists',
  in: { kind: 'related', relationship },
  predicate,
});

const AT_THE_LIMIT: Record<string, QueryForm> = {
  'a path': { orderBy: [sort(pathSteps)] },
  'sort keys, each along a path': { orderBy: numbers(sortKeys).map(() => sort(Math.floor(mostTables / sortKeys))) },
  aggregates: { aggregates: named(aggregates) },
  'dimensions with aggregates': {
    groups: {
      dimensions: numbers(dimensions).map(() => ({ column: 'name', path: path(mostTables / dimensions) })),
      aggregates: named(aggregates),
    },
  },
  'exists inside one another': {
    predicate: numbers(existsDepth).reduce<PredicateForm>(
      (predicate) => not(or(and(exists(predicate), compare('name', '_eq', 'y')), compare('name', '_eq', 'z'))),
      compare('name', '_eq', 'x'),
    ),
  },
  'exists beside one another': {
    predicate: or(...numbers(mostTables).map((i) => exists(compare('id', '_eq', -i)))),
  },
  variables: {
    predicate: or(
      ...numbers(MAX_VARIABLES).map((i): PredicateForm => ({
        kind: 'compare',
        target: { kind: 'column', column: 'id' },
        operator: '_eq',
        value: { kind: 'variable', name: `v${i}` },
      })),
    ),
  },
};

describe.each(Object.keys(DATABASES))('what the limits allow is answered by %s:', (name) => {
  let database: FixtureDatabase;
  beforeAll(async () => {
    database = await (DATABASES[name] as () => Promise<FixtureDatabase>)();
  });
  afterAll(async () => database.close());

  it.each(Object.keys(AT_THE_LIMIT))('%s', async (part) => {
    const query = AT_THE_LIMIT[part] as QueryForm;
    const set = Object.fromEntries(numbers(MAX_VARIABLES).map((i) => [`v${i}`, i]));
    const form = request('artists', { fields: columns('id'), limit: 3, ...query }, [set]);
    expect(await runQuery(engine, database.runner, form)).toHaveLength(1);
  });

  it('as many values as there may be; one row more is refused, not cut', async () => {
    const few = createQueryEngine(fixtureCatalogue, { cells: 30 });
    const wide = new Map(numbers(10).map((i) => [`f${i}`, { kind: 'column', column: 'id' }] as const));
    const [three] = await runQuery(few, database.runner, request('artists', { fields: wide, limit: 3 }));
    expect(three?.rows).toHaveLength(3);
    await expect(runQuery(few, database.runner, request('artists', { fields: wide, limit: 4 }))).rejects.toMatchObject({
      kind: 'unprocessable',
      code: 'TOO_MANY_ROWS',
      path: 'query',
    });
  });
});

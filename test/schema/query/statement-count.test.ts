import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PredicateForm, QueryForm } from '../../../schema/query/form.ts';
import { createQueryEngine } from '../../../schema/query/query-engine.ts';
import type { QueryRunner } from '../../../schema/query/query-runner.ts';
import { runQuery } from '../../../schema/query/run-query.ts';
import { columns, request, target } from '../../support/query-builders.ts';
import { openSqlite } from '../../support/query-databases.ts';
import type { FixtureDatabase } from '../../support/query-databases.ts';
import { fixtureCatalogue, fixtureTables } from '../../support/query-fixture.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const engine = createQueryEngine(fixtureCatalogue);
const count = new Map([['n', { kind: 'star-count' }]] as const);

/** Counts statements, and snapshots, which are taken for more than one only. */
function counting(runner: QueryRunner): QueryRunner & { statements: number; snapshots: number } {
  const counted = {
    dialect: runner.dialect,
    statements: 0,
    snapshots: 0,
    execute: (statement: Parameters<QueryRunner['execute']>[0]) => {
      counted.statements++;
      return runner.execute(statement);
    },
    snapshot: <T>(run: Parameters<typeof runner.snapshot<T>>[0]) => {
      counted.snapshots++;
      return runner.snapshot<T>((execute) =>
        run((statement) => {
          counted.statements++;
          return execute(statement);
        }),
      );
    },
  };
  return counted;
}

const tracks: QueryForm = { fields: columns('title'), limit: 10 };
const albums: QueryForm = {
  fields: new Map([...columns('title'), ['tracks', { kind: 'relationship', relationship: 'tracks', query: tracks }]]),
  aggregates: count,
  limit: 10,
};
const artists: QueryForm = {
  fields: new Map([...columns('name'), ['albums', { kind: 'relationship', relationship: 'albums', query: albums }]]),
};

const artist = { kind: 'relationship', relationship: 'member_artist', query: { fields: columns('name') } } as const;
const known: PredicateForm = { kind: 'exists', in: { kind: 'related', relationship: 'member_artist' } };
const members: QueryForm = {
  fields: new Map([
    [
      'members',
      {
        kind: 'column',
        column: 'members',
        fields: { kind: 'collection', query: { fields: new Map([['artist', artist]]), predicate: known } },
      },
    ],
  ]),
};

describe('the number of statements', () => {
  let database: FixtureDatabase;

  beforeAll(async () => {
    database = await openSqlite(fixtureTables(seededRandom(3)));
  });
  afterAll(() => database?.close());

  it.each([
    ['rows of one collection', 'artists', { fields: columns('id') }, 1, 0],
    [
      'rows, aggregates and groups',
      'artists',
      { fields: columns('id'), aggregates: count, groups: { dimensions: [], aggregates: count } },
      3,
      1,
    ],
    ['two levels below the root', 'artists', artists, 4, 1],
    ['lists whose elements are compared with collections', 'artists', members, 3, 1],
    ['levels below a root without rows', 'artists', { ...artists, limit: 0 }, 1, 1],
  ] as const)('is that of the shape: %s', async (_sentence, collection, query, statements, snapshots) => {
    const runner = counting(database.runner);
    await runQuery(engine, runner, request(collection, query));
    expect({ statements: runner.statements, snapshots: runner.snapshots }).toEqual({ statements, snapshots });
  });

  it('does not depend on the number of rows or of variable sets', async () => {
    const predicate = {
      kind: 'compare',
      target: target('id'),
      operator: '_lte',
      value: { kind: 'variable', name: 'id' },
    } as const;
    for (const sets of [1, 2, 300]) {
      const runner = counting(database.runner);
      const variables = Array.from({ length: sets }, (_, id) => ({ id: id + 1 }));
      await runQuery(engine, runner, request('artists', { ...artists, predicate }, variables));
      expect(runner.statements).toBe(4);
    }
  });
});

import { expect, it } from 'vitest';
import { createQueryEngine } from '../../../schema/query/query-engine.ts';
import { runQuery } from '../../../schema/query/run-query.ts';
import { columns, request } from '../../support/query-builders.ts';
import { openSqlite } from '../../support/query-databases.ts';
import { fixtureCatalogue, fixtureTables } from '../../support/query-fixture.ts';
import { seededRandom } from '../../support/seeded-random.ts';

it('a statement that takes too long stops and says which part of the request it was', async () => {
  const database = await openSqlite(fixtureTables(seededRandom(1)), 100);
  // A join without columns: every artist with every other, five times over.
  const everyOther = { target: 'artists', mapping: new Map(), type: 'object' } as const;
  const slow = request('artists', {
    fields: new Map([
      ['id', { kind: 'column', column: 'id' }],
      [
        'others',
        {
          kind: 'relationship',
          relationship: everyOther,
          query: {
            fields: columns('id'),
            predicate: {
              kind: 'compare',
              target: {
                kind: 'aggregate',
                path: Array.from({ length: 12 }, () => ({ relationship: everyOther })),
                aggregate: { kind: 'star-count' },
              },
              operator: '_lt',
              value: { kind: 'literal', value: 0 },
            },
          },
        },
      ],
    ]),
  });
  const engine = createQueryEngine(fixtureCatalogue);
  // More often than threads may be given up.
  for (let i = 0; i < 4; i++) {
    await expect(runQuery(engine, database.runner, slow)).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'STATEMENT_TIMEOUT',
      path: 'query.fields.others.query',
    });
  }
  const [answer] = await runQuery(engine, database.runner, request('artists', { fields: columns('id'), limit: 1 }));
  expect(answer).toEqual({ rows: [{ id: 1 }] });
  expect(await database.runner.close()).toBe(true);
  await database.close();
});

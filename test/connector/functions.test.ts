import { setTimeout as after } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHost, type NdcHost } from '../../connector/host.ts';
import { createConnector } from '../../connector/sentinel-connector.ts';
import { listOf, objectOf, scalar } from '../../core/domain/kind.ts';
import { systemClock } from '../../core/domain/time.ts';
import type { Transaction } from '../../core/services/ports/store.ts';
import type { Verb } from '../../core/services/verbs/verb.ts';
import { CATALOGUE } from '../../schema/collections.ts';
import { createQueryEngine } from '../../schema/query/query-engine.ts';
import { type QueryRunner, runnerInside } from '../../schema/query/query-runner.ts';
import { createMariadbReader } from '../../schema/readers/mariadb-reader.ts';
import { createPostgresReader } from '../../schema/readers/postgres-reader.ts';
import type { Reader } from '../../schema/readers/reader.ts';
import { createSqliteReader } from '../../schema/readers/sqlite-reader.ts';
import { type Database, openDatabase } from '../../schema/store/database.ts';
import type { DatabaseLocation } from '../../schema/store/database-url.ts';
import { createStore, type OpenStore } from '../../schema/store/store.ts';
import { beatOf } from '../support/heartbeats.ts';
import { ENDLESS_INSTANCES, ENDLESS_PREDICATE } from '../support/endless-predicate.ts';
import { call, type HttpAnswer } from '../support/http.ts';
import { createTestDatabase, TEST_DIALECTS, type TestDatabase } from '../support/stores.ts';

const STATEMENT_MS = 1_000;
const FUNCTION_MS = 500;

async function openReader(location: DatabaseLocation): Promise<Reader> {
  const options = { statementTimeoutMs: STATEMENT_MS };
  if (location.dialect === 'sqlite') return createSqliteReader({ path: location.path, ...options });
  const create = location.dialect === 'postgresql' ? createPostgresReader : createMariadbReader;
  return create({ connectionString: location.url, ...options });
}

const column = (name: string): object => ({ type: 'column', column: name });
describe.each(TEST_DIALECTS)('a function on %s', (dialect) => {
  let given: TestDatabase;
  let database: Database;
  let store: OpenStore;
  let reader: Reader;
  let host: NdcHost;
  let post: (path: string, body: unknown) => Promise<HttpAnswer>;
  let statements = 0;
  /** What another connection does while the function runs. */
  let meanwhile: () => Promise<void> = async () => {};

  const VERBS: readonly Verb[] = [
    {
      name: 'ask',
      kind: 'function',
      description: 'How many instances there are.',
      arguments: [{ name: 'asked', type: scalar('int32'), description: 'Any number.' }],
      result: objectOf('answer'),
      role: 'viewer',
      run: async ({ asked }, { tx }) => {
        const instances = await tx.instances.alive(0);
        await meanwhile();
        return { asked, names: instances.map(({ name }) => name) };
      },
    },
    {
      name: 'write',
      kind: 'function',
      description: 'Tries to change something.',
      arguments: [],
      result: scalar('boolean'),
      role: 'viewer',
      run: async (_args, { tx }) => {
        await tx.rules.nextRevision();
        return true;
      },
    },
  ];

  const counted = (execute: QueryRunner['execute']): QueryRunner['execute'] => {
    return (...statement) => {
      statements++;
      return execute(...statement);
    };
  };

  beforeAll(async () => {
    given = await createTestDatabase(dialect);
    database = await openDatabase(given.location);
    store = createStore({
      database,
      clock: systemClock,
      minimumRecords: 100,
      maximumRecords: 1_000,
      onCulprit: () => {},
      onOutage: () => {},
    });
    reader = await openReader(given.location);
    for (const n of [1, 2, 3]) await beatOf(store, n);
    host = createHost({
      connector: createConnector({
        engine: createQueryEngine(CATALOGUE),
        runner: reader,
        verbs: {
          verbs: new Map(VERBS.map((verb) => [verb.name, verb])),
          objects: [
            {
              name: 'answer',
              description: 'An answer.',
              fields: [
                { name: 'asked', type: scalar('int32'), description: 'What was asked.' },
                { name: 'names', type: listOf(scalar('string')), description: 'Names of instances.' },
              ],
            },
          ],
        },
        snapshot: <T>(run: (tx: Transaction, runner: QueryRunner) => Promise<T>) =>
          reader.snapshot((execute, rows) => run(store.reading(rows), runnerInside(dialect, counted(execute)))),
        transaction: () => Promise.reject(new Error('a function opens no transaction')),
        functionTimeMs: FUNCTION_MS,
      }),
      secret: undefined,
      logger: { info() {}, warn() {}, error() {} },
      metrics: () => '',
    });
    const url = await host.listen({ host: '127.0.0.1', port: 0 });
    post = async (path, body) => call(url, { path, body });
  });

  afterAll(async () => {
    await host.close();
    await reader.close();
    await store.close();
    await given.drop();
  });

  const ask = (instances: object, variables?: object[]): Promise<HttpAnswer> =>
    post('/query', {
      collection: 'ask',
      arguments: { asked: variables ? { type: 'variable', name: 'n' } : { type: 'literal', value: 1 } },
      collection_relationships: {
        instances: {
          target_collection: 'kill_switch_instances',
          column_mapping: {},
          relationship_type: 'array',
          arguments: {},
        },
      },
      ...(variables && { variables }),
      query: {
        fields: {
          __value: {
            ...column('__value'),
            fields: {
              type: 'object',
              fields: {
                asked: column('asked'),
                names: column('names'),
                instances: { type: 'relationship', relationship: 'instances', arguments: {}, query: instances },
              },
            },
          },
        },
      },
    });

  const NAMES = { fields: { name: column('name') } };

  it('and its relationships see one state of the data', async () => {
    meanwhile = () => beatOf(store, 4);
    const answer = await ask(NAMES);
    meanwhile = async () => {};
    expect(answer.status, answer.text).toBe(200);
    expect(answer.json).toEqual([
      {
        rows: [
          {
            __value: {
              asked: 1,
              names: ['1', '2', '3'],
              instances: { rows: ['1', '2', '3'].map((name) => ({ name })) },
            },
          },
        ],
      },
    ]);
    const later = (await ask(NAMES)).json;
    expect(later).toMatchObject([{ rows: [{ __value: { names: ['1', '2', '3', '4'] } }] }]);
  });

  it('reads its relationships at once for all variable sets', async () => {
    for (const sets of [1, 5, 50]) {
      statements = 0;
      const variables = Array.from({ length: sets }, (_, n) => ({ n }));
      const answer = await ask({ ...NAMES, aggregates: { n: { type: 'star_count' } } }, variables);
      expect(answer.status, answer.text).toBe(200);
      const values = (answer.json as { rows: { __value: { asked: number; instances: object } }[] }[]).map(
        ({ rows }) => rows[0]?.__value,
      );
      expect(values.map((value) => value?.asked)).toEqual(variables.map(({ n }) => n));
      expect(new Set(values.map((value) => JSON.stringify(value?.instances))).size).toBe(1);
      expect(statements).toBe(2);
    }
  });

  it('writes nothing', async () => {
    const answer = await post('/query', {
      collection: 'write',
      arguments: {},
      collection_relationships: {},
      query: { fields: { __value: column('__value') } },
    });
    expect(answer.status, answer.text).toBe(500);
  });

  it('that is called for longer than a request may last is stopped, whatever the calls take', async () => {
    meanwhile = () => after(FUNCTION_MS / 10);
    const variables = Array.from({ length: 1_000 }, (_, n) => ({ n }));
    const startedAt = performance.now();
    const answer = await ask(NAMES, variables);
    meanwhile = async () => {};
    expect(answer).toMatchObject({ status: 502, json: { details: { code: 'FUNCTION_TIMEOUT' } } });
    expect(performance.now() - startedAt).toBeLessThan(3 * FUNCTION_MS);
    expect((await ask(NAMES)).status).toBe(200);
  });

  it('whose relationship asks for too much is stopped in time, and the process goes on meanwhile', async () => {
    for (let n = 5; n <= ENDLESS_INSTANCES; n++) await beatOf(store, n);
    let turns = 0;
    const ticking = setInterval(() => turns++, 1);
    const answer = await ask({ ...NAMES, predicate: ENDLESS_PREDICATE });
    clearInterval(ticking);
    expect(answer).toMatchObject({ status: 502, json: { details: { code: 'STATEMENT_TIMEOUT' } } });
    expect(turns).toBeGreaterThan(10);
    expect((await ask(NAMES)).status).toBe(200);
  });
});

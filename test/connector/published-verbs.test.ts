import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHost, type NdcHost } from '../../connector/host.ts';
import { createConnector } from '../../connector/sentinel-connector.ts';
import type { ActorRole } from '../../core/domain/actor.ts';
import { systemClock } from '../../core/domain/time.ts';
import { createBaselineRegistry } from '../../core/services/baseline-registry.ts';
import { createKillSwitchService } from '../../core/services/kill-switch-service.ts';
import { ANOMALY_OBJECTS, anomalyVerbs } from '../../core/services/verbs/anomaly-verbs.ts';
import { KILL_SWITCH_OBJECTS, killSwitchVerbs } from '../../core/services/verbs/kill-switch-verbs.ts';
import { CATALOGUE } from '../../schema/collections.ts';
import { createQueryEngine } from '../../schema/query/query-engine.ts';
import { runnerInside } from '../../schema/query/query-runner.ts';
import { openReader } from '../../schema/readers/open-reader.ts';
import type { Reader } from '../../schema/readers/reader.ts';
import { openDatabase } from '../../schema/store/database.ts';
import { createStore, type OpenStore } from '../../schema/store/store.ts';
import { beatOf } from '../support/heartbeats.ts';
import { ENDLESS_INSTANCES, ENDLESS_PREDICATE } from '../support/endless-predicate.ts';
import { call, type HttpAnswer } from '../support/http.ts';
import { createTestDatabase, TEST_DIALECTS, type TestDatabase } from '../support/stores.ts';

const column = (name: string): object => ({ type: 'column', column: name });
const columns = (...names: string[]): object => Object.fromEntries(names.map((name) => [name, column(name)]));

const CHANGES = {
  column_mapping: { id: ['rule_id'] },
  relationship_type: 'array',
  target_collection: 'kill_switch_rule_audit',
  arguments: {},
};

/** A rule with the audit rows that stand beside it. */
const RULE_FIELDS = {
  type: 'object',
  fields: {
    ...columns('id', 'key', 'status', 'revision', 'updated_by'),
    changes: {
      type: 'relationship',
      relationship: 'changes',
      arguments: {},
      query: {
        fields: columns('change', 'actor', 'surface', 'reason'),
        order_by: { elements: [{ order_direction: 'asc', target: { type: 'column', name: 'revision', path: [] } }] },
      },
    },
  },
};

const callOf = (name: string, args: object, fields: object | null = null): object => ({
  type: 'procedure',
  name,
  arguments: args,
  fields,
});

const create = (key: string, extra: object = {}, fields: object | null = null): object =>
  callOf('create_kill_switch_rule', { key, condition: 'role == "support"', ...extra }, fields);

describe.each(TEST_DIALECTS)('the verbs over NDC on %s', (dialect) => {
  let database: TestDatabase;
  let store: OpenStore;
  let reader: Reader;
  const hosts: NdcHost[] = [];
  const logged: unknown[] = [];

  beforeAll(async () => {
    database = await createTestDatabase(dialect);
    const { location } = database;
    store = createStore({
      database: await openDatabase(location),
      clock: systemClock,
      minimumRecords: 100,
      maximumRecords: 1_000,
      onCulprit: () => {},
      onOutage: () => {},
      resultTimeoutMs: 1_000,
    });
    reader = await openReader(location);
  });

  afterAll(async () => {
    await Promise.all(hosts.map((host) => host.close()));
    await reader.close();
    await store.close();
    await database.drop();
  });

  async function serve(role: ActorRole): Promise<(path: string, body: unknown) => Promise<HttpAnswer>> {
    const killSwitch = createKillSwitchService({
      rules: store.rules,
      clock: systemClock,
      disabled: false,
      pause: async () => {},
      onUnsupported: () => {},
    });
    await killSwitch.refresh();
    const registry = createBaselineRegistry({
      history: store.history,
      models: store.models,
      minimumRecords: 100,
      alpha: 0.01,
      onFault: () => {},
    });
    const verbs = [
      ...anomalyVerbs({ clock: systemClock, registry, expected: { refresh: async () => {} } }),
      ...killSwitchVerbs({
        clock: systemClock,
        killSwitch,
        instances: {
          awaitEverywhere: async (revision) => ({ revision, instances: [], allApplied: true }),
        },
        pause: async () => {},
      }),
    ];
    const connector = createConnector({
      engine: createQueryEngine(CATALOGUE),
      runner: reader,
      verbs: {
        verbs: new Map(verbs.map((verb) => [verb.name, verb])),
        objects: [...ANOMALY_OBJECTS, ...KILL_SWITCH_OBJECTS],
      },
      snapshot: (run) => reader.snapshot((execute, rows) => run(store.reading(rows), runnerInside(dialect, execute))),
      transaction: (run) => store.transaction((tx) => run(tx, tx.runner)),
      role,
    });
    const host = createHost({
      connector,
      secret: undefined,
      logger: { info() {}, warn() {}, error: (fields) => logged.push(fields) },
      metrics: () => '',
    });
    hosts.push(host);
    const url = await host.listen({ host: '127.0.0.1', port: 0 });
    return async (path, body) => call(url, { path, body });
  }

  const mutate = async (operations: object[], role: ActorRole = 'admin'): Promise<HttpAnswer> => {
    const post = await serve(role);
    return post('/mutation', { operations, collection_relationships: { changes: CHANGES } });
  };

  const resultsOf = (answer: HttpAnswer): Record<string, unknown>[] => {
    expect(answer.status, answer.text).toBe(200);
    const { operation_results } = answer.json as { operation_results: { result: Record<string, unknown> }[] };
    return operation_results.map(({ result }) => result);
  };

  const keysOf = async (): Promise<unknown> => {
    const post = await serve('viewer');
    const answer = await post('/query', {
      collection: 'kill_switch_rules',
      arguments: {},
      collection_relationships: {},
      query: { fields: columns('key') },
    });
    return (answer.json as { rows: { key: string }[] }[])[0]?.rows.map(({ key }) => key);
  };

  it('a rule that is made, switched on and off in one request shows its audit at each step', async () => {
    const headers = { 'x-hasura-role': 'support-lead', 'x-hasura-user-id': '42' };
    const [made] = resultsOf(await mutate([create('steps', { headers }, RULE_FIELDS)]));
    expect(made).toMatchObject({
      key: 'steps',
      status: 'draft',
      updated_by: '42',
      changes: { rows: [{ change: 'create', actor: '42', surface: 'ndc', reason: null }] },
    });
    const id = made?.['id'];
    const [on, off] = resultsOf(
      await mutate([
        callOf('activate_kill_switch_rule', { id, reason: 'leak' }, RULE_FIELDS),
        callOf(
          'deactivate_kill_switch_rule',
          { id, reason: 'fixed', headers: { 'X-Hasura-Role': 'admin' } },
          RULE_FIELDS,
        ),
      ]),
    );
    const changesOf = (rule: unknown): string[] =>
      (rule as { changes: { rows: { change: string; actor: string }[] } }).changes.rows.map(
        (row) => `${row.change} ${row.actor}`,
      );
    expect(changesOf(on)).toEqual(['create 42', 'activate unknown']);
    expect(changesOf(off)).toEqual(['create 42', 'activate unknown', 'deactivate admin']);
    expect(off?.['revision']).toBeGreaterThan(on?.['revision'] as number);
  });

  it('an operation may be repeated; other content under the same key is a conflict', async () => {
    const [first] = resultsOf(await mutate([create('twice')]));
    const [second] = resultsOf(await mutate([create('twice')]));
    expect(second).toEqual(first);
    expect(await mutate([create('twice', { priority: 7 })])).toMatchObject({
      status: 409,
      json: { details: { code: 'RULE_EXISTS', path: 'operations[0].arguments.key' } },
    });
  });

  it.each<[string, object, number, string]>([
    ['a condition that does not parse', create('broken', { condition: 'role ==' }), 422, 'condition'],
    ['activation without a reason', create('broken', { status: 'active' }), 422, 'reason'],
    ['a status that is not one', create('broken', { status: 'on' }), 422, 'status'],
    ['an unknown rule', callOf('archive_kill_switch_rule', { id: '01900000-0000-7000-8000-000000000000' }), 422, 'id'],
    ['a revision that is gone', callOf('label_anomaly', { id: 'no uuid', label: 'confirmed' }), 422, 'id'],
  ])('%s undoes what came before it', async (_name, operation, status, argument) => {
    const before = await keysOf();
    const answer = await mutate([create('undone'), operation]);
    expect(answer.status, answer.text).toBe(status);
    expect(answer.json).toMatchObject({ details: { path: `operations[1].arguments.${argument}` } });
    expect(await keysOf()).toEqual(before);
  });

  it('callers that race for one key get the rule or a conflict, never a defect', async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, priority) => mutate([create('raced', { priority: priority % 2 })])),
    );
    expect(logged).toEqual([]);
    expect(answers.map(({ status }) => status).filter((status) => status !== 200 && status !== 409)).toEqual([]);
    expect(answers.some(({ status }) => status === 200)).toBe(true);
  });

  it('changes of one rule that race all stand in the end, in the order of their revisions', async () => {
    const [rule] = resultsOf(await mutate([create('contested')]));
    const changes = [
      { description: 'd' },
      { priority: 5 },
      { except_condition: 'role == "admin"' },
      { valid_to: '2030-01-01T00:00:00Z' },
    ];
    const answers = await Promise.all(
      changes.map((change) => mutate([callOf('update_kill_switch_rule', { id: rule?.['id'], ...change })])),
    );
    for (const answer of answers) resultsOf(answer);
    const [last] = resultsOf(await mutate([callOf('update_kill_switch_rule', { id: rule?.['id'], priority: 5 })]));
    expect(last).toMatchObject({
      description: 'd',
      priority: 5,
      except_condition: 'role == "admin"',
      valid_to: '2030-01-01T00:00:00.000Z',
    });
  });

  it('a relationship of a result that asks for too much is stopped, and undoes the mutation', async () => {
    for (let n = 1; n <= ENDLESS_INSTANCES; n++) await beatOf(store, n);
    const before = await keysOf();
    const post = await serve('admin');
    const query = { fields: columns('name'), predicate: ENDLESS_PREDICATE };
    const fields = {
      type: 'object',
      fields: { all: { type: 'relationship', relationship: 'all', arguments: {}, query } },
    };
    const answer = await post('/mutation', {
      operations: [create('endless', {}, fields)],
      collection_relationships: {
        all: { ...CHANGES, target_collection: 'kill_switch_instances', column_mapping: {} },
      },
    });
    expect(answer, answer.text).toMatchObject({ status: 502, json: { details: { code: 'STATEMENT_TIMEOUT' } } });
    expect(await keysOf()).toEqual(before);
  });

  it('more operations than a transaction may hold others up for are refused before any runs', async () => {
    const before = await keysOf();
    const operations = Array.from({ length: 101 }, (_, index) => create(`many-${index}`));
    const post = await serve('admin');
    for (const path of ['/mutation', '/mutation/explain']) {
      const answer = await post(path, { operations, collection_relationships: {} });
      expect(answer, answer.text).toMatchObject({
        status: 422,
        json: { details: { code: 'TOO_MANY_OPERATIONS', path: 'operations' } },
      });
    }
    const most = { operations: operations.slice(1), collection_relationships: {} };
    expect((await post('/mutation/explain', most)).status).toBe(200);
    expect(await keysOf()).toEqual(before);
  });

  it('a token of a lesser role is refused', async () => {
    expect(await mutate([create('viewer')], 'viewer')).toMatchObject({
      status: 403,
      json: { details: { code: 'VERB_FORBIDDEN' } },
    });
  });

  it('functions answer over the same rules, with fields selected', async () => {
    const post = await serve('viewer');
    const answer = await post('/query', {
      collection: 'kill_switch_check_condition',
      arguments: { condition: { type: 'variable', name: 'text' } },
      collection_relationships: {},
      variables: [{ text: 'role == "a"' }, { text: 'role ==' }],
      query: {
        fields: { __value: { ...column('__value'), fields: { type: 'object', fields: columns('ok', 'position') } } },
      },
    });
    expect(answer.json, answer.text).toEqual([
      { rows: [{ __value: { ok: true, position: null } }] },
      { rows: [{ __value: { ok: false, position: expect.any(Number) } }] },
    ]);
  });

  it('a database that is gone is an upstream that does not answer', async ({ skip }) => {
    if (dialect === 'sqlite') skip('the file of an open SQLite database stays readable');
    const post = await serve('admin');
    await database.drop();
    const query = {
      collection: 'kill_switch_rules',
      arguments: {},
      collection_relationships: {},
      query: { aggregates: {} },
    };
    const expected = {
      status: 502,
      json: { message: 'The database does not answer.', details: { code: expect.any(String) } },
    };
    expect(await post('/query', query)).toMatchObject(expected);
    expect(await post('/mutation', { operations: [create('late')], collection_relationships: {} })).toMatchObject(
      expected,
    );
  });
});

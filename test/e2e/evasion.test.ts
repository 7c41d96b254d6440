import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServiceProcess, startService } from '../support/service-process.ts';
import { callProcedure, postJson } from '../support/traffic.ts';

/** Requests that mean the same and look otherwise, against the started service: what a caller may try around a rule. */

let service: ServiceProcess;

const TIGHT = { SENTINEL_DECISION_TIMEOUT_MS: '1', SENTINEL_DECISION_POLICY: 'block' };

beforeAll(async () => {
  // What a rule says must not depend on how busy the machine is.
  service = await startService({ environment: { SENTINEL_DECISION_TIMEOUT_MS: '10000' } });
});

afterAll(async () => {
  await service.end();
  service.remove();
});

interface TestRule {
  readonly condition: string;
  readonly key?: string;
  readonly [field: string]: unknown;
}

/** Runs while the rules are in force. */
async function withRules(rules: readonly TestRule[], run: () => Promise<void>): Promise<void> {
  const ids: unknown[] = [];
  try {
    for (const rule of rules) {
      const key = `evasion-${crypto.randomUUID()}`;
      const created = { key, status: 'active', reason: 'a test', ...rule };
      ids.push((await callProcedure(service, 'create_kill_switch_rule', created))['id']);
    }
    await run();
  } finally {
    for (const id of ids) await callProcedure(service, 'archive_kill_switch_rule', { id });
  }
}

interface Answer {
  readonly status: number;
  /** `any`: each test knows the shape of its own refusal. */
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

async function hook(name: string, body: unknown): Promise<Answer> {
  const response = await postJson(`${service.apiUrl}/hooks/${name}`, body);
  return { status: response.status, body: response.status === 204 ? null : await response.json() };
}

const SESSION = { role: 'user', variables: { 'x-hasura-role': 'user' } };

const preParse = (query: string, changes: object = {}) =>
  hook('pre-parse', { session: SESSION, rawRequest: { query, variables: null, operationName: null }, ...changes });

describe('a rule on the role', () => {
  it.each([
    ['bare', 'user'],
    ['tagged', { Parsed: 'user' }],
    ['tagged and empty', { Unparsed: '' }],
    ['of no readable form', [1]],
  ])('holds for a session whose role is %s', async (_, role) => {
    await withRules([{ condition: 'role == "user"' }], async () => {
      expect((await preParse('{ customers { id } }', { session: { ...SESSION, role } })).status).toBe(400);
    });
  });
});

describe('a rule on a number', () => {
  it.each(['1001', '99999999999999999999', '9007199254740993', '1e30', '1e999'])('holds for %s', async (amount) => {
    await withRules([{ condition: 'arguments.transfer.amount > 1000' }], async () => {
      expect((await preParse(`mutation { transfer(amount: ${amount}) { id } }`)).status).toBe(400);
      expect((await preParse('mutation { transfer(amount: 1000) { id } }')).status).toBe(204);
    });
  });
});

describe('a request that is too large or too deep to be read', () => {
  const PADDED: [string, string][] = [
    ['a long comment', `{ customers { id } }#${'x'.repeat(530_000)}`],
    ['20,001 more fields', `{ customers { id ${'__typename '.repeat(20_001)} } }`],
    ['a deep argument', `{ customers(where: ${'['.repeat(101)}${']'.repeat(101)}) { id } }`],
  ];

  it.each(PADDED)('does not get around a rule on its fields by %s', async (_, query) => {
    await withRules([{ condition: '"customers" in rootFields' }], async () => {
      expect((await preParse('{ customers { id } }')).status).toBe(400);
      expect(await preParse(query)).toMatchObject({
        status: 400,
        body: { message: 'Temporarily blocked. The request is too large or nested too deep to be judged.' },
      });
    });
  });

  const [[, TOO_LARGE]] = PADDED as [[string, string]];

  it.each([
    ['depth >= 8', 400],
    ['(limit ?? 0) > 100', 400],
    ['fields.exists(f, f.endsWith(".ssn"))', 400],
    ['has(arguments.customers.where)', 400],
    ['role == "user" and not ("customers" in rootFields)', 400],
    ['role == "user" and operationType == "mutation"', 400],
    ['role == "user"', 400],
    ['role == "other" and depth >= 8', 204],
    ['role == "other"', 204],
    ['variables.n == 1 and depth >= 8', 204],
  ])('meets the rule %s with %i', async (condition, status) => {
    await withRules([{ condition }], async () => {
      expect((await preParse(TOO_LARGE)).status).toBe(status);
    });
  });

  it('passes where the exception holds whatever it asks for', async () => {
    await withRules([{ condition: '"customers" in rootFields', except_condition: 'role == "user"' }], async () => {
      expect((await preParse(TOO_LARGE)).status).toBe(204);
    });
  });

  it.each([
    ['respond', { body: { data: null } }],
    ['strip', { paths: ['customers.id'] }],
  ])('is refused, not answered, by a rule that would %s', async (type, action) => {
    await withRules([{ condition: '"customers" in rootFields', action_type: type, action }], async () => {
      expect(await preParse(TOO_LARGE)).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining('too large') },
      });
    });
  });

  it('is counted by a rule that only logs, and passes', async () => {
    await withRules([{ condition: '"customers" in rootFields', action_type: 'log' }], async () => {
      expect((await preParse(TOO_LARGE)).status).toBe(204);
    });
  });

  it('goes on to the engine where it is no GraphQL at all', async () => {
    await withRules([{ condition: '"customers" in rootFields' }], async () => {
      expect((await preParse('{ customers { id ')).status).toBe(204);
    });
  });
});

describe('a rule on arguments', () => {
  it('meets every combination of the uses of two fields', async () => {
    await withRules([{ condition: 'arguments.a.x == 1 and arguments.b.y == 2' }], async () => {
      expect((await preParse('{ a(x: 1) { i } b(y: 2) { i } }')).status).toBe(400);
      expect((await preParse('{ p: a(x: 1) { i } q: a(x: 0) { i } r: b(y: 0) { i } s: b(y: 2) { i } }')).status).toBe(
        400,
      );
      expect((await preParse('{ p: a(x: 3) { i } q: a(x: 0) { i } r: b(y: 0) { i } s: b(y: 2) { i } }')).status).toBe(
        204,
      );
    });
  });

  it('refuses what has too many combinations to be judged', async () => {
    const uses = (field: string, argument: string) =>
      Array.from({ length: 300 }, (_, i) => `${field}${i}: ${field}(${argument}: ${i}) { i }`).join(' ');
    const query = `{ ${uses('a', 'x')} ${uses('b', 'y')} }`;
    await withRules([{ condition: 'arguments.a.x + arguments.b.y == 1000' }], async () => {
      expect(await preParse(query)).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining('too large') },
      });
    });
    // What one half rules out needs no combinations.
    await withRules([{ condition: 'arguments.a.x == 1000 and arguments.b.y == 1' }], async () => {
      expect((await preParse(query)).status).toBe(204);
    });
  });

  it('is answered by the rule of the highest priority, whichever use it matches', async () => {
    const rule = (key: string, x: number, priority: number) => ({ key, condition: `arguments.a.x == ${x}`, priority });
    const query = '{ p: a(x: 1) { i } q: a(x: 2) { i } }';
    await withRules([rule('lo', 1, 1), rule('hi', 2, 10)], async () => {
      expect(await preParse(query)).toMatchObject({ status: 400, body: { ruleKey: 'hi' } });
    });
    const strip = { ...rule('strips', 2, 10), action_type: 'strip', action: { paths: ['a.secret'] } };
    await withRules([rule('blocks', 1, 1), strip], async () => {
      expect(await preParse(query.replaceAll('{ i }', '{ i secret }'))).toMatchObject({
        status: 299,
        body: { query: expect.not.stringContaining('secret') },
      });
    });
  });
});

describe('a request that takes its time', () => {
  const fields = Array.from({ length: 1_600 }, (_, i) => `a${i}: a(x: ${i}) { f${i} }`).join(' ');
  const rules = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ condition: `fields.exists(f, f.endsWith("y${i}"))` }));

  it('is judged by rules that go through its fields, once each', async () => {
    await withRules([...rules(10), { condition: 'fields.exists(f, f.endsWith("f1599"))', key: 'last' }], async () => {
      expect(await preParse(`{ ${fields} }`)).toMatchObject({ status: 400, body: { ruleKey: 'last' } });
    });
  });

  it('is refused by the policy when the time is up', async () => {
    const patient = service;
    service = await startService({ environment: TIGHT });
    try {
      await withRules(rules(100), async () => {
        expect(await preParse(`{ ${fields} }`)).toMatchObject({ status: 500, body: { code: 'KILL_SWITCH_UNDECIDED' } });
        expect((await preParse('{ a { f } }')).status).toBe(204);
      });
    } finally {
      await service.end();
      service.remove();
      service = patient;
    }
  });
});

describe('a rule on what a connector is asked for', () => {
  const preNdc = (request: object) =>
    hook('pre-ndc-request', {
      session: SESSION,
      dataConnectorName: 'shop',
      operationType: 'query',
      ndcVersion: 'v0.2.0',
      ndcRequest: { arguments: {}, collection_relationships: {}, ...request },
    });

  const compare = (name: string, value: object) => ({
    type: 'binary_comparison_operator',
    column: { type: 'column', name },
    operator: '_eq',
    value,
  });
  const scalar = (value: unknown) => ({ type: 'scalar', value });
  const fields = { id: { type: 'column', column: 'id' } };
  const orders = (predicate: object, changes: object = {}) =>
    preNdc({ collection: 'orders', query: { fields, predicate }, ...changes });

  const HIDDEN = { type: 'exists', in_collection: { type: 'unrelated', collection: 'salaries', arguments: {} } };
  const nested = (levels: number) => {
    let predicate: object = HIDDEN;
    for (let i = 0; i < levels; i++) predicate = { type: 'not', expression: predicate };
    return predicate;
  };
  const among = (siblings: number) => ({
    type: 'and',
    expressions: [...Array.from({ length: siblings }, () => ({ type: 'and', expressions: [] })), HIDDEN],
  });

  it.each([
    ['in a few levels', nested(3)],
    ['below 300 levels', nested(300)],
    ['behind 60,000 siblings', among(60_000)],
  ])('meets a collection %s', async (_, predicate) => {
    await withRules([{ condition: 'collection == "salaries"' }], async () => {
      expect((await orders(predicate)).status).toBe(400);
    });
    await withRules([{ condition: 'role == "other" and collection == "salaries"' }], async () => {
      expect((await orders(predicate)).status).toBe(204);
    });
  });

  const path = [{ relationship: 'customer', arguments: {}, predicate: HIDDEN }];
  const sorted = (target: object) => ({ order_by: { elements: [{ order_direction: 'asc', target }] } });
  const count = { type: 'star_count' };
  const grouped = (groups: object) => ({ groups: { dimensions: [], aggregates: { n: count }, ...groups } });
  const dimension = { type: 'column', column_name: 'country', path };
  const column = { type: 'column', name: 'x', path };
  const largest = { type: 'single_column', column: 'x', function: 'max' };
  const hiding = { where: { type: 'literal', value: HIDDEN } };

  it.each<[string, object, object?]>([
    ['a sort key', sorted({ type: 'column', name: 'name', path })],
    ['an aggregate that is sorted by', sorted({ type: 'aggregate', path, aggregate: count })],
    ['a sort key of two steps', sorted({ type: 'column', name: 'name', path: [{ relationship: 'shop' }, ...path] })],
    [
      'the predicate of a step, two levels down',
      sorted({
        type: 'column',
        name: 'name',
        path: [
          {
            relationship: 'customer',
            predicate: {
              type: 'exists',
              in_collection: { type: 'nested_collection', column_name: 'addresses' },
              predicate: compare('y', column),
            },
          },
        ],
      }),
    ],
    ['a dimension of groups', grouped({ dimensions: [dimension] })],
    ['the sort key of groups', grouped(sorted({ type: 'aggregate', path, aggregate: count }))],
    ['the predicate of groups', grouped({ predicate: { type: 'not', expression: HIDDEN } })],
    ['a compared value', { predicate: compare('x', column) }],
    [
      'a compared aggregate',
      {
        predicate: { ...compare('x', scalar(1)), column: { type: 'aggregate', path, aggregate: count } },
      },
    ],
    ['an argument that is a predicate', {}, { arguments: { where: { type: 'literal', value: nested(2) } } }],
    [
      'an argument of a step',
      sorted({
        type: 'column',
        name: 'name',
        path: [{ relationship: 'customer', arguments: { where: { type: 'literal', value: HIDDEN } } }],
      }),
    ],
    [
      'an argument of a column',
      {
        fields: { tags: { type: 'column', column: 'tags', arguments: { where: { type: 'literal', value: HIDDEN } } } },
      },
    ],
    [
      'an argument of a nested collection',
      {
        predicate: {
          type: 'exists',
          in_collection: { type: 'nested_collection', column_name: 'items', arguments: hiding },
        },
      },
    ],
    ['a predicate of an unknown kind, which may ask about anything', { predicate: { type: 'later', of: HIDDEN } }],
    ['an argument of a sort key', sorted({ type: 'column', name: 'name', path: [], arguments: hiding })],
    ['an argument of a dimension', grouped({ dimensions: [{ ...dimension, path: [], arguments: hiding }] })],
    [
      'an argument of an aggregate',
      { aggregates: { n: { ...count, type: 'column_count', column: 'x', arguments: hiding } } },
    ],
    ['an argument of an aggregate of groups', grouped({ aggregates: { n: { ...largest, arguments: hiding } } })],
    [
      'an argument of an aggregate that is sorted by',
      sorted({ type: 'aggregate', path: [], aggregate: { ...largest, arguments: hiding } }),
    ],
    [
      'an argument of a compared column',
      { predicate: { ...compare('x', scalar(1)), column: { type: 'column', name: 'x', arguments: hiding } } },
    ],
    [
      'an argument of a relationship',
      {},
      { collection_relationships: { customer: { target_collection: 'customers', arguments: hiding } } },
    ],
    [
      'nested groups',
      {
        fields: {
          items: {
            type: 'column',
            column: 'items',
            fields: { type: 'collection', query: grouped({ dimensions: [dimension] }) },
          },
        },
      },
    ],
  ])('meets a collection asked about in %s', async (_, query, changes = {}) => {
    await withRules([{ condition: 'collection == "salaries"' }], async () => {
      const ask = (more: object) => preNdc({ collection: 'orders', query: { fields, ...more }, ...changes });
      expect((await ask(query)).status).toBe(400);
      expect((await preNdc({ collection: 'orders', query: { fields } })).status).toBe(204);
    });
  });

  it('is not misled by a value that only looks like a predicate', async () => {
    const filter = { type: 'and', expressions: [{ type: 'not' }, { type: 'shade', of: 'blue' }] };
    await withRules([{ condition: 'collection == "salaries"' }], async () => {
      const given = { arguments: { filter: { type: 'literal', value: filter } } };
      expect((await preNdc({ collection: 'orders', query: { fields }, ...given })).status).toBe(204);
    });
  });

  it('meets a collection asked about in an argument of a procedure', async () => {
    await withRules([{ condition: 'collection == "salaries"' }], async () => {
      const deleting = (where: object) =>
        hook('pre-ndc-request', {
          session: SESSION,
          dataConnectorName: 'shop',
          operationType: 'mutation',
          ndcRequest: {
            operations: [{ type: 'procedure', name: 'delete_orders', arguments: { where } }],
            collection_relationships: {},
          },
        });
      expect((await deleting({ type: 'and', expressions: [HIDDEN] })).status).toBe(400);
      expect((await deleting({ type: 'and', expressions: [] })).status).toBe(204);
    });
  });

  const customer = (given: object) => ({
    collection_relationships: { customer: { target_collection: 'customers', ...given } },
  });
  const tenant = (value: string) => ({ tenant: { type: 'literal', value } });

  it.each<[string, (value: string) => object]>([
    ['given to a relationship', (value) => ({ query: { fields }, ...customer({ arguments: tenant(value) }) })],
    [
      'compared along a path, as version 0.1 does',
      (value) => {
        const compared = { type: 'column', name: 'tenant', path: [{ relationship: 'customer', arguments: {} }] };
        return { query: { fields, predicate: { ...compare('x', scalar(value)), column: compared } }, ...customer({}) };
      },
    ],
  ])('meets a value that is %s', async (_, asking) => {
    await withRules([{ condition: 'collection == "customers" and arguments.customers.tenant == "acme"' }], async () => {
      expect((await preNdc({ collection: 'orders', ...asking('acme') })).status).toBe(400);
      expect((await preNdc({ collection: 'orders', ...asking('other') })).status).toBe(204);
    });
  });

  it('meets a value compared on the way to a sort key', async () => {
    const customers = { customer: { target_collection: 'customers', relationship_type: 'object', arguments: {} } };
    const asking = (value: unknown) => {
      const predicate = compare('vip', scalar(value));
      const target = { type: 'column', name: 'name', path: [{ relationship: 'customer', arguments: {}, predicate }] };
      const query = { fields, ...sorted(target) };
      return preNdc({ collection: 'orders', query, collection_relationships: customers });
    };
    await withRules([{ condition: 'collection == "orders" and arguments.customers.vip == true' }], async () => {
      expect((await asking(true)).status).toBe(400);
      expect((await asking(false)).status).toBe(204);
    });
  });

  it.each([
    ['a literal', compare('x', scalar(1)), {}],
    [
      'the second of two comparisons',
      { type: 'or', expressions: [compare('x', scalar(0)), compare('x', scalar(1))] },
      {},
    ],
    [
      'the last variable set',
      compare('x', { type: 'variable', name: 'v' }),
      { variables: [{ v: 0 }, { v: 2 }, { v: 1 }] },
    ],
    [
      'an argument of the collection',
      { type: 'and', expressions: [] },
      { arguments: { x: { type: 'literal', value: 1 } } },
    ],
  ])('meets a value that is %s', async (_, predicate, changes) => {
    await withRules([{ condition: 'collection == "orders" and arguments.orders.x == 1' }], async () => {
      expect((await orders(predicate, changes)).status).toBe(400);
      expect((await orders(compare('x', scalar(5)))).status).toBe(204);
      expect((await orders(compare('y', scalar(1)))).status).toBe(204);
    });
  });

  it('is not asked where only GraphQL is meant', async () => {
    await withRules([{ condition: 'arguments.orders.x == 1' }], async () => {
      expect((await orders(compare('x', scalar(1)))).status).toBe(204);
      expect((await preParse('{ orders(x: 1) { id } }')).status).toBe(400);
    });
  });
});

import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand, type ServiceProcess, startService } from '../support/service-process.ts';
import { callProcedure, graphql, ndcRows, ORDERS_QUERY, postJson, teachOrders, until } from '../support/traffic.ts';

// `any`: the shape of an answer is what the tests assert.
// oxlint-disable-next-line typescript/no-explicit-any
type Json = any;

let service: ServiceProcess;

beforeAll(async () => {
  service = await startService();
});

afterAll(async () => {
  const code = await service.end();
  service.remove();
  expect(code).toBe(0);
});

async function rest(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${service.apiUrl}${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

describe('the rules over REST', () => {
  it('are created, found, changed, switched on with proof, lifted and archived', async () => {
    const created = await rest('POST', '/kill-switch/rules', {
      namespace: 'payments',
      key: 'hsbc-down',
      condition: 'WORKFLOW == "PURCHASE" and BANK == "HSBC"',
      tags: ['bank'],
      ticket: 'OPS-17',
      guard: { maxShare: 0.5, windowSeconds: 60, minRequests: 100 },
      maxDurationSeconds: 3_600,
    });
    expect(created.status).toBe(201);
    expect(created.body.rule).toMatchObject({
      key: 'hsbc-down',
      status: 'draft',
      tags: ['bank'],
      ticket: 'OPS-17',
      guard: { maxShare: 0.5, windowSeconds: 60, minRequests: 100 },
      refreshSeconds: 30,
    });

    const patched = await rest('PATCH', '/kill-switch/rules/hsbc-down?namespace=payments', {
      guard: null,
      owner: 'payments team',
      expectedRevision: created.body.rule.revision,
    });
    expect(patched.body.rule).toMatchObject({ guard: null, owner: 'payments team', ticket: 'OPS-17' });

    const before = Date.now();
    const active = await rest('POST', '/kill-switch/rules/hsbc-down/activate?namespace=payments', {
      reason: 'HSBC is down',
      waitForInstances: true,
      timeoutMs: 5_000,
    });
    expect(active.status).toBe(200);
    expect(active.body.rule).toMatchObject({ status: 'active', activatedBy: 'loopback' });
    expect(Date.parse(active.body.rule.validTo) - before).toBeGreaterThan(3_590_000);
    expect(active.body.warnings).toEqual([expect.objectContaining({ code: 'NO_DRY_RUN' })]);
    expect(active.body.propagation).toMatchObject({
      revision: active.body.rule.revision,
      allApplied: true,
      instances: [{ appliedRevision: active.body.rule.revision, state: 'current' }],
    });

    const fact = { WORKFLOW: 'PURCHASE', BANK: 'HSBC' };
    const evaluated = await rest('POST', '/kill-switch/evaluate', { namespace: 'payments', fact, explain: true });
    expect(evaluated.body).toMatchObject({
      matches: true,
      decision: { action: 'block', ruleKey: 'hsbc-down', until: active.body.rule.validTo },
      matched: ['hsbc-down'],
      errors: [],
      stale: false,
      explanation: { ruleKey: 'hsbc-down' },
    });
    expect(evaluated.body.explanation.parts[0]).toMatchObject({ depth: 0, value: true });
    expect(evaluated.body.explanation.parts).toContainEqual(expect.objectContaining({ text: 'BANK', value: 'HSBC' }));

    expect(
      (await rest('POST', '/kill-switch/rules/hsbc-down/deactivate?namespace=payments', {})).body.rule.status,
    ).toBe('inactive');
    expect((await rest('POST', '/kill-switch/evaluate', { namespace: 'payments', fact })).body.matches).toBe(false);
    expect((await rest('POST', '/kill-switch/rules/hsbc-down/archive?namespace=payments')).body.rule.status).toBe(
      'archived',
    );
    const audit = await ndcRows(service, 'kill_switch_rule_audit', ['change', 'surface'], {
      order_by: {
        elements: [
          { order_direction: 'asc', target: { type: 'column', name: 'revision', path: [], field_path: null } },
        ],
      },
    });
    expect(audit.map((row) => row['change'])).toEqual(['create', 'update', 'activate', 'deactivate', 'archive']);
    expect(audit.every((row) => row['surface'] === 'rest')).toBe(true);
  });

  it('say all that a program needs to act, and explain the exception, too', async () => {
    const rule = { namespace: 'acts', reason: 'test', status: 'active' };
    const created = await rest('POST', '/kill-switch/rules', {
      ...rule,
      key: 'narrow',
      condition: 'A == 1',
      exceptCondition: 'B == 2',
      actionType: 'mask',
      action: { masks: [{ path: 'card.number', mask: 'keep_last', count: 4 }] },
    });
    expect(created.body).toMatchObject({ rule: { status: 'active' } });
    const ask = async (fact: object, ruleKey?: string) =>
      (
        await rest('POST', '/kill-switch/evaluate', {
          namespace: 'acts',
          fact,
          ...(ruleKey && { explain: true, ruleKey }),
        })
      ).body;
    expect((await ask({ A: 1 })).decision).toEqual({
      action: 'mask',
      ruleKey: 'narrow',
      message: null,
      until: null,
      body: null,
      strip: [],
      mask: [{ path: 'card.number', mask: 'keep_last', count: 4 }],
    });
    const spared = await ask({ A: 1, B: 2 }, 'narrow');
    expect(spared.matches).toBe(false);
    expect(spared.explanation.parts.filter((part: Json) => part.depth === 0)).toMatchObject([
      { of: 'condition', text: 'A == 1', value: true },
      { of: 'except', text: 'B == 2', value: true },
    ]);
  });

  it('are listed whole or since a revision, and not at all when nothing changed', async () => {
    await rest('POST', '/kill-switch/rules', { namespace: 'listed', key: 'one', condition: 'a == 1' });
    const whole = await rest('GET', '/kill-switch/rules?namespace=listed');
    expect(whole.body.rules.map((rule: Json) => rule.key)).toEqual(['one']);
    expect((await rest('GET', `/kill-switch/rules?namespace=listed&since=${whole.body.revision}`)).body.rules).toEqual(
      [],
    );
    const etag = whole.headers.get('etag') as string;
    expect(
      (await rest('GET', '/kill-switch/rules?namespace=listed', undefined, { 'if-none-match': etag })).status,
    ).toBe(304);
    // As a proxy that compresses answers weakens it.
    const weak = { 'if-none-match': `W/${etag}, "other"` };
    expect((await rest('GET', '/kill-switch/rules?namespace=listed', undefined, weak)).status).toBe(304);
    await rest('POST', '/kill-switch/rules', { namespace: 'listed', key: 'two', condition: 'a == 2' });
    const since = await rest('GET', `/kill-switch/rules?namespace=listed&since=${whole.body.revision}`, undefined, {
      'if-none-match': etag,
    });
    expect(since.body.rules.map((rule: Json) => rule.key)).toEqual(['two']);
    expect((await rest('GET', '/kill-switch/rules?namespace=listed&status=active')).body.rules).toEqual([]);
  });

  it.each<[string, string, unknown, number, RegExp]>([
    ['an unknown key', '/kill-switch/rules', { key: 'x', condition: 'a', conditon: 'b' }, 422, /no "conditon" here/],
    ['a broken condition', '/kill-switch/rules', { key: 'x', condition: 'role == ' }, 422, /column 9/],
    [
      'a wait of no time',
      '/kill-switch/rules',
      { key: 'x', condition: 'role == "a"', timeoutMs: 0 },
      422,
      /1 to 60000/,
    ],
    ['an unknown rule', '/kill-switch/rules/nobody/activate', { reason: 'x' }, 404, /no rule "nobody"/],
    [
      'a rule without reason',
      '/kill-switch/rules',
      { key: 'x', condition: 'role == "a"', status: 'active' },
      422,
      /reason/,
    ],
    [
      'a schedule in no zone',
      '/kill-switch/rules',
      { key: 'x', condition: 'role == "a"', schedule: { zone: 'Mars/Base', windows: [] } },
      422,
      /IANA/,
    ],
    ['a body that is a list', '/kill-switch/evaluate', [], 400, /JSON object/],
  ])('refuses %s with what is wrong', async (_, path, body, status, message) => {
    const answer = await rest('POST', path, body);
    expect(answer.status).toBe(status);
    expect(answer.body.error).toMatch(message);
  });

  it('translates a condition of the original service, and into CEL', async () => {
    const imported = await rest('POST', '/kill-switch/check-condition', {
      condition: '$now > d"2026-01-01" and name =~ "a|b"',
      language: 'rule-engine',
      namespace: 'shop',
    });
    expect(imported.body).toMatchObject({
      ok: true,
      normalised: 'now > d"2026-01-01" and name =~ "^(?:a|b)"',
      cel: expect.stringContaining('name.matches("^(?:a|b)")'),
      notes: expect.arrayContaining([expect.stringContaining('anchored')]),
    });
    const unspeakable = await rest('POST', '/kill-switch/check-condition', {
      condition: 'a == 1 and',
      language: 'rule-engine',
      namespace: 'shop',
    });
    expect(unspeakable.body).toMatchObject({ ok: false, cel: null, message: expect.any(String) });
    const unknown = await rest('POST', '/kill-switch/check-condition', { condition: 'a', language: 'python' });
    expect(unknown).toMatchObject({ status: 422, body: { error: expect.stringContaining('rule-engine') } });
  });

  it('lets a viewer read and evaluate, and nothing else', async () => {
    const { stdout } = await runCommand(['token', 'create', 'reader', '--role', 'viewer'], {
      ANOMALY_DETECTION_DATA: service.folder,
    });
    const headers = { authorization: `Bearer ${/sentinel_\S+/.exec(stdout)?.[0]}` };
    const check = await rest('POST', '/kill-switch/check-condition', { condition: 'roel == "a"' }, headers);
    expect(check.body).toMatchObject({ ok: false, position: 0, message: expect.stringContaining('"role"') });
    expect((await rest('GET', '/kill-switch/rules', undefined, headers)).status).toBe(200);
    const refused = await rest('POST', '/kill-switch/rules', { key: 'x', condition: 'role == "a"' }, headers);
    expect(refused).toMatchObject({ status: 403, body: { code: 'VERB_FORBIDDEN' } });
    const wrong = await rest('GET', '/kill-switch/rules', undefined, { authorization: 'Bearer nobody' });
    expect(wrong.status).toBe(401);
  });

  it('replays a condition over the requests that were logged', async () => {
    await teachOrders(service);
    const replay = await rest('POST', '/kill-switch/replay', {
      condition: 'role == "sales" and "orders" in rootFields',
    });
    expect(replay.body).toMatchObject({
      evaluated: 40,
      matched: 40,
      share: 1,
      errors: 0,
      topRoles: [{ name: 'sales', matches: 40 }],
      topOperations: [{ name: 'Orders', matches: 40 }],
      notKept: [],
    });
    expect(replay.body.samples).toHaveLength(20);
    const none = await rest('POST', '/kill-switch/replay', { condition: 'role == "support" and limit > 5' });
    expect(none.body).toMatchObject({ evaluated: 40, matched: 0, notKept: ['limit'] });
  });
});

describe('the stream', () => {
  it('says at once that rules changed, from where the client left off, and of its namespace only', async () => {
    const events: string[] = [];
    const stream = await openStream('/kill-switch/stream?namespace=streamed', events);
    await until(async () => events.length === 1);
    await rest('POST', '/kill-switch/rules', { namespace: 'elsewhere', key: 'a', condition: 'a == 1' });
    const { body } = await rest('POST', '/kill-switch/rules', { namespace: 'streamed', key: 'a', condition: 'a == 1' });
    await until(async () => events.length === 2);
    expect(events[1]).toBe(`id: ${body.rule.revision}\nevent: rules\ndata: {"revision":${body.rule.revision}}`);
    stream.destroy();

    const current: string[] = [];
    const again = await openStream('/kill-switch/stream?namespace=streamed', current, String(body.rule.revision));
    await rest('POST', '/kill-switch/rules', { namespace: 'streamed', key: 'b', condition: 'b == 1' });
    await until(async () => current.length === 1);
    expect(current[0]).toContain(`id: ${body.rule.revision + 1}`);
    again.destroy();
  });
});

describe('the flags of OFREP', () => {
  it('evaluates one rule, a namespace, and all of them', async () => {
    for (const [key, status] of [
      ['on', 'active'],
      ['tried', 'dry_run'],
      ['off', 'draft'],
    ] as const) {
      const rule = { namespace: 'shop', key, condition: 'country == "AT"', status, reason: 'a test' };
      expect((await rest('POST', '/kill-switch/rules', rule)).status).toBe(201);
    }
    const ask = (key: string, context: unknown) =>
      rest('POST', `/ofrep/v1/evaluate/flags/${key}`, { context: { targetingKey: 'u1', ...(context as object) } });
    expect((await ask('shop.on', { country: 'AT' })).body).toMatchObject({
      key: 'shop.on',
      value: true,
      reason: 'TARGETING_MATCH',
      variant: 'on',
    });
    expect((await ask('shop.on', { country: 'DE' })).body).toMatchObject({ value: false, reason: 'STATIC' });
    expect((await ask('shop.tried', { country: 'AT' })).body).toMatchObject({ value: false, reason: 'DISABLED' });
    expect((await ask('shop.off', { country: 'AT' })).body).toMatchObject({ value: false, reason: 'DISABLED' });
    expect((await ask('shop', { country: 'AT' })).body).toMatchObject({
      value: { matches: true, action: 'block', ruleKey: 'on' },
    });
    expect(await ask('shop.nothing', {})).toMatchObject({ status: 404, body: { errorCode: 'FLAG_NOT_FOUND' } });

    const all = await rest('POST', '/ofrep/v1/evaluate/flags?namespace=shop', { context: { country: 'AT' } });
    expect(all.body.flags.map((flag: Json) => [flag.key, flag.value === true])).toEqual([
      ['shop', false],
      ['shop.on', true],
      ['shop.tried', false],
    ]);
    expect(all.body.eventStreams).toEqual([
      { type: 'sse', endpoint: { requestUri: '/ofrep/v1/stream' }, inactivityDelaySec: 120 },
    ]);
    const again = await rest(
      'POST',
      '/ofrep/v1/evaluate/flags?namespace=shop',
      { context: { country: 'AT' } },
      {
        'if-none-match': all.headers.get('etag') as string,
      },
    );
    expect(again.status).toBe(304);
  });

  it.each<[string, unknown, number, string]>([
    ['a body that is no JSON', '{', 400, 'PARSE_ERROR'],
    ['a context that is a list', { context: [] }, 400, 'INVALID_CONTEXT'],
    ['a context of another type than the rule needs', { context: { country: {} } }, 400, 'GENERAL'],
  ])('refuses %s', async (_, body, status, errorCode) => {
    await rest('POST', '/kill-switch/rules', {
      namespace: 'typed',
      key: 'a',
      condition: 'country > "A"',
      status: 'active',
      reason: 'a test',
    });
    const response = await postJson(`${service.apiUrl}/ofrep/v1/evaluate/flags/typed.a`, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ key: 'typed.a', errorCode });
  });
});

describe('the same over NDC and GraphQL', () => {
  it('checks a rule, and names what its author should know', async () => {
    const { data } = await graphql(
      service,
      '{ killSwitchCheckRule(condition: "depth > 3", refreshSeconds: 600) { ok coverage stages warnings { code } } }',
    );
    expect(data['killSwitchCheckRule']).toEqual({
      ok: true,
      coverage: ['graphql'],
      stages: ['pre-parse'],
      warnings: [{ code: 'GRAPHQL_ONLY' }, { code: 'NO_EXPIRY' }, { code: 'SLOW_REFRESH' }],
    });
  });

  it('shows in the row of a rule what it covers, and its condition in one spelling', async () => {
    const condition = "depth>3&&role!='a'";
    const made = await callProcedure(service, 'create_kill_switch_rule', { key: 'covering', condition });
    const row = {
      normalised_condition: 'depth > 3 and role != "a"',
      stages: ['pre-parse'],
      coverage: ['graphql'],
      coverage_warnings: ['GRAPHQL_ONLY'],
    };
    expect(made).toMatchObject(row);
    const where = {
      predicate: {
        type: 'binary_comparison_operator',
        column: { type: 'column', name: 'key' },
        operator: '_eq',
        value: { type: 'scalar', value: 'covering' },
      },
    };
    expect(await ndcRows(service, 'kill_switch_rules', Object.keys(row), where)).toEqual([row]);
    const camel = { normalisedCondition: row.normalised_condition, stages: row.stages, coverage: row.coverage };
    const fields = 'normalisedCondition stages coverage coverageWarnings';
    const { data } = await graphql(service, `{ killSwitchRules(where: {key: {_eq: "covering"}}) { ${fields} } }`);
    expect(data['killSwitchRules']).toEqual([{ ...camel, coverageWarnings: row.coverage_warnings }]);
    expect((await rest('GET', '/kill-switch/rules/covering')).body).toMatchObject({
      rule: camel,
      warnings: [{ code: 'GRAPHQL_ONLY' }, { code: 'NO_EXPIRY' }],
    });
  });

  it('answers an activation once every instance has applied it', async () => {
    const rule = await callProcedure(service, 'create_kill_switch_rule', {
      key: 'waited',
      condition: 'role == "waiting"',
      status: 'active',
      reason: 'a test',
      wait_for_instances: true,
    });
    const instances = await ndcRows(service, 'kill_switch_instances', ['applied_revision', 'state']);
    expect(instances).toEqual([{ applied_revision: rule['revision'], state: 'current' }]);
    const { data } = await graphql(
      service,
      'query ($revision: Int) { killSwitchPropagation(revision: $revision) { allApplied instances { lagMs } } }',
      { revision: rule['revision'] },
    );
    expect(data['killSwitchPropagation'].allApplied).toBe(true);
    expect(data['killSwitchPropagation'].instances[0].lagMs).toBeLessThan(1_000);
  });

  it('takes a rule out of force that acts on more than its guard allows, and says so in the audit', async () => {
    const { id } = await callProcedure(service, 'create_kill_switch_rule', {
      key: 'guarded',
      condition: '"orders" in rootFields',
      status: 'active',
      reason: 'a slip of the pen',
      guard: { max_share: 0.2, window_seconds: 60, min_requests: 10 },
    });
    const ask = async () =>
      (
        await postJson(`${service.apiUrl}/hooks/pre-parse`, {
          session: { role: 'sales', variables: {} },
          rawRequest: { query: ORDERS_QUERY, variables: null, operationName: 'Orders' },
        })
      ).status;
    const answers = [];
    for (let i = 0; i < 10; i++) answers.push(await ask());
    expect(new Set(answers)).toEqual(new Set([400]));
    await until(async () => (await ask()) === 204);
    await until(async () => {
      const audit = await ndcRows(service, 'kill_switch_rule_audit', ['rule_id', 'change', 'actor', 'reason']);
      return audit.some((row) => row['rule_id'] === id && row['change'] === 'guard' && row['actor'] === 'guard');
    });
    const rules = await ndcRows(service, 'kill_switch_rules', ['key', 'status']);
    expect(rules).toContainEqual({ key: 'guarded', status: 'dry_run' });
  });

  it('shows the state of a rule that its row does not tell', async () => {
    await callProcedure(service, 'create_kill_switch_rule', {
      key: 'tomorrow',
      condition: 'role == "nobody"',
      status: 'active',
      reason: 'a test',
      valid_from: new Date(Date.now() + 86_400_000).toISOString(),
    });
    const { data } = await graphql(
      service,
      '{ killSwitchRules(where: {key: {_eq: "tomorrow"}}) { status states { state evaluated enforced lastMatchedAt } } }',
    );
    expect(data['killSwitchRules']).toEqual([
      { status: 'active', states: [{ state: 'scheduled', evaluated: '0', enforced: 0, lastMatchedAt: null }] },
    ]);
  });

  it('shows how often a rule was evaluated, and how often it matched, once the counts are written', async () => {
    await callProcedure(service, 'create_kill_switch_rule', {
      key: 'counted',
      condition: 'role == "counted" and depth > 1',
      status: 'active',
      reason: 'a test',
    });
    for (const [role, query] of [
      ['counted', '{ a }'],
      ['counted', '{ a { b } }'],
      ['another', '{ a { b } }'],
    ] as const) {
      await postJson(`${service.apiUrl}/hooks/pre-parse`, {
        session: { role, variables: {} },
        rawRequest: { query, variables: {}, operationName: null },
      });
    }
    // Facts of programs, by each way to ask; who wants an explanation tries something out.
    const rule = { namespace: 'counting', key: 'asked', condition: 'BANK == "HSBC"', reason: 'a test' };
    await callProcedure(service, 'create_kill_switch_rule', { ...rule, status: 'active' });
    await callProcedure(service, 'create_kill_switch_rule', {
      ...rule,
      key: 'fails',
      condition: 'amount > 5',
      status: 'active',
    });
    const fact = { BANK: 'HSBC' };
    await rest('POST', '/validate', { identifier: 'counting', data: fact });
    await rest('POST', '/kill-switch/evaluate', { namespace: 'counting', fact });
    await rest('POST', '/kill-switch/evaluate', { namespace: 'counting', fact, explain: true });
    await rest('POST', '/ofrep/v1/evaluate/flags/counting', { context: fact });
    await rest('POST', '/ofrep/v1/evaluate/flags/counting.asked', { context: fact });
    await rest('POST', '/ofrep/v1/evaluate/flags?namespace=counting', { context: fact });
    const statesOf = async (key: string) => {
      const query = `{ killSwitchRules(where: {key: {_eq: "${key}"}}) { states { evaluated enforced } } }`;
      const { data } = await graphql(service, query);
      return data['killSwitchRules'];
    };
    const states = () => statesOf('counted');
    // Counts are written every 10 s.
    await until(async () => JSON.stringify(await states()) !== '[{"states":[{"evaluated":"0","enforced":0}]}]', 15);
    // The index rules the rule out for the third role.
    expect(await states()).toEqual([{ states: [{ evaluated: '2', enforced: 1 }] }]);
    expect(await statesOf('asked')).toEqual([{ states: [{ evaluated: '5', enforced: 5 }] }]);
    // Null is not ordered: its author hears of it, once.
    const alarms = service
      .output()
      .split('\n')
      .filter((line) => line.includes('fails on more than 1 % of its evaluations') && line.includes('counting.fails'));
    expect(alarms).toEqual([expect.stringMatching(/"failed":[1-4],/)]);
    const metrics = await fetch(`${service.ndcUrl}/metrics`);
    expect(await metrics.text()).toMatch(/^sentinel_kill_switch_erroring_rules [12]$/m);
    // With each change of a rule an instance says what it knows.
    await callProcedure(service, 'create_kill_switch_rule', { ...rule, key: 'unused' });
    await until(async () => {
      const [instance] = await ndcRows(service, 'kill_switch_instances', ['erroring']);
      return JSON.stringify(instance?.['erroring']).includes('counting.fails');
    });
  });
});

/** The events of a stream, as text without the empty line between them; comments and retry left out. */
async function openStream(path: string, events: string[], lastEventId?: string) {
  return new Promise<{ destroy(): void }>((opened, failed) => {
    const outgoing = request(
      new URL(path, service.apiUrl),
      { headers: { accept: 'text/event-stream', ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) } },
      (incoming) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (chunk: string) => {
          text += chunk;
          const blocks = text.split('\n\n');
          text = blocks.pop() as string;
          events.push(...blocks.filter((block) => block.startsWith('id:')));
        });
        incoming.on('error', () => {});
        opened(outgoing);
      },
    );
    outgoing.on('error', failed);
    outgoing.end();
  });
}

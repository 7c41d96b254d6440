import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/stores.ts';
import { type ServiceProcess, startService } from '../support/service-process.ts';
import { createTcpProxy } from '../support/tcp-proxy.ts';
import { callProcedure, graphql, ndcRows, postJson, until } from '../support/traffic.ts';

let database: TestDatabase;
let proxy: Awaited<ReturnType<typeof createTcpProxy>>;
/** The second one reaches the database through a connection that can be cut. */
let first: ServiceProcess;
let second: ServiceProcess;
let throughProxy: string;

beforeAll(async () => {
  database = await createTestDatabase('postgresql', { migrated: false });
  const { hostname, port } = new URL(database.url);
  proxy = await createTcpProxy({ host: hostname, port: Number(port) });
  throughProxy = Object.assign(new URL(database.url), { host: `127.0.0.1:${proxy.port}` }).href;
  first = await startService({ environment: { DATABASE_URL: database.url } });
  second = await startService({ environment: { DATABASE_URL: throughProxy } });
});

afterAll(async () => {
  await first.end();
  await second.end('SIGKILL');
  for (const service of [first, second]) service.remove();
  await proxy.cut();
  await database.drop();
});

const isRefused = async (service: ServiceProcess, role: string): Promise<boolean> => {
  const { status } = await postJson(`${service.apiUrl}/hooks/pre-parse`, {
    session: { role, variables: {} },
    rawRequest: { query: '{ orders { id } }', variables: null, operationName: null },
  });
  return status === 400;
};

const block = (role: string, more: object = {}) => ({
  key: `no-${role}`,
  condition: `role == "${role}"`,
  status: 'active',
  reason: 'a test',
  ...more,
});

/** What programs are told of the rule `no-beta`, by each way to ask. */
async function askedByPrograms({ apiUrl }: ServiceProcess): Promise<unknown[]> {
  const answers = [
    await postJson(`${apiUrl}/validate`, { identifier: 'ddn', data: { role: 'beta' } }),
    await postJson(`${apiUrl}/kill-switch/evaluate`, { fact: { role: 'beta' } }),
    await postJson(`${apiUrl}/kill-switch/evaluate`, { fact: { role: 'beta' }, explain: true }),
    await postJson(`${apiUrl}/ofrep/v1/evaluate/flags/ddn.no-beta`, { context: { role: 'beta' } }),
  ];
  return Promise.all(answers.map((answer) => answer.json()));
}

const BY_PROGRAMS = [
  { matches: true },
  expect.objectContaining({ matched: ['no-beta'] }),
  expect.objectContaining({ matched: ['no-beta'], explanation: expect.objectContaining({ ruleKey: 'no-beta' }) }),
  expect.objectContaining({ value: true, reason: 'TARGETING_MATCH' }),
];

describe('two processes on one PostgreSQL', () => {
  it('both enforce an activation by the time its answer arrives, and say so', async () => {
    expect(await Promise.all([isRefused(first, 'alpha'), isRefused(second, 'alpha')])).toEqual([false, false]);
    const rule = await callProcedure(first, 'create_kill_switch_rule', block('alpha', { wait_for_instances: true }));
    expect(await Promise.all([isRefused(first, 'alpha'), isRefused(second, 'alpha')])).toEqual([true, true]);

    const proof = await postJson(`${second.apiUrl}/kill-switch/rules/no-alpha/deactivate`, { waitForInstances: true });
    expect(await proof.json()).toMatchObject({
      rule: { id: rule['id'], status: 'inactive' },
      propagation: { allApplied: true, instances: [{ state: 'current' }, { state: 'current' }] },
    });
    expect(await Promise.all([isRefused(first, 'alpha'), isRefused(second, 'alpha')])).toEqual([false, false]);
  });

  it('hear of a change well before their poll', async () => {
    const delays: number[] = [];
    for (let i = 0; i < 5; i++) {
      await callProcedure(first, 'create_kill_switch_rule', block(`fast-${i}`));
      const answered = performance.now();
      await until(() => isRefused(second, `fast-${i}`), 3);
      delays.push(performance.now() - answered);
    }
    // By polling alone it would be a second on average: five such waits in a row would need a lot of luck.
    expect(Math.max(...delays)).toBeLessThan(1_500);
    expect(delays.toSorted((a, b) => a - b)[2]).toBeLessThan(500);
  });

  it('keep what they know while the database is away, and catch up when it is back', async () => {
    await callProcedure(first, 'create_kill_switch_rule', block('beta', { wait_for_instances: true }));
    await proxy.cut();
    expect(await isRefused(second, 'beta')).toBe(true);
    const { id } = await callProcedure(first, 'create_kill_switch_rule', block('gamma'));
    expect(await isRefused(first, 'gamma')).toBe(true);
    expect(await isRefused(second, 'gamma')).toBe(false);
    const stale = async () => {
      const fact = { namespace: 'ddn', fact: { role: 'beta' } };
      const response = await postJson(`${second.apiUrl}/validate`, { identifier: 'ddn', data: fact.fact });
      return (await response.json()) as unknown;
    };
    expect(await stale()).toEqual({ matches: true });
    expect(await askedByPrograms(second)).toEqual(BY_PROGRAMS);
    await until(async () => {
      const response = await fetch(`${second.apiUrl}/ready`);
      return response.status === 503;
    });

    // Who is cut off does not count as reached.
    const proof = await postJson(`${first.apiUrl}/kill-switch/rules/no-gamma/deactivate`, {
      waitForInstances: true,
      timeoutMs: 300,
    });
    expect(await proof.json()).toMatchObject({ rule: { id }, propagation: { allApplied: false } });

    await proxy.mend();
    await callProcedure(first, 'activate_kill_switch_rule', { id, reason: 'once more' });
    await until(() => isRefused(second, 'gamma'), 20);
    await until(async () => (await fetch(`${second.apiUrl}/ready`)).status === 200);
  });

  it('leave no half change behind when one is killed in the middle of many', async () => {
    const changes = Array.from({ length: 60 }, (_, i) =>
      callProcedure(first, 'create_kill_switch_rule', block(`mid-${i}`)).then(
        () => `mid-${i}`,
        () => null,
      ),
    );
    await changes[10];
    await first.end('SIGKILL');
    const answered = (await Promise.all(changes)).filter((role) => role !== null);
    expect(answered.length).toBeGreaterThan(10);

    const rules = await ndcRows(second, 'kill_switch_rules', ['id', 'key', 'revision']);
    const stored = rules.filter((rule) => String(rule['key']).startsWith('no-mid-'));
    const audit = await ndcRows(second, 'kill_switch_rule_audit', ['rule_id', 'revision']);
    for (const { id, revision } of stored) expect(audit).toContainEqual({ rule_id: id, revision });
    expect(new Set(audit.map((row) => row['revision'])).size).toBe(audit.length);
    // What was answered is stored, and what is stored is enforced by the other.
    expect(stored.map((rule) => rule['key'])).toEqual(expect.arrayContaining(answered.map((role) => `no-${role}`)));
    for (const rule of stored) await until(() => isRefused(second, String(rule['key']).slice('no-'.length)), 5);
    first = await startService({ environment: { DATABASE_URL: database.url }, folder: first.folder });
    for (const role of answered) expect(await isRefused(first, role)).toBe(true);
  });

  it('never lift a rule by a restart, not even one while the database is away', async () => {
    await callProcedure(first, 'create_kill_switch_rule', block('delta'));
    const { folder } = second;
    await until(async () => readFileSync(join(folder, 'kill-switch-rules.jsonl'), 'utf8').includes('no-delta'));
    await second.end('SIGKILL');
    await proxy.cut();
    const port = new URL(second.apiUrl).port;
    const starting = startService({ environment: { DATABASE_URL: throughProxy, PORT: port }, folder });
    const standby = { apiUrl: `http://127.0.0.1:${port}` } as ServiceProcess;
    await until(() => isRefused(standby, 'delta').catch(() => false));
    expect(await isRefused(standby, 'nobody')).toBe(false);
    const ready = await fetch(`${standby.apiUrl}/ready`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { status: 'not ready', missing: ['the database does not answer'] },
    ]);
    expect((await fetch(`${standby.apiUrl}/graphql`)).status).toBe(503);
    expect(await askedByPrograms(standby)).toEqual(BY_PROGRAMS);
    expect((await fetch(`${standby.apiUrl}/kill-switch/rules`)).status).toBe(503);
    const ofStandby = await fetch(`${standby.apiUrl}/kill-switch/stream`);

    await proxy.mend();
    const answers: Promise<boolean>[] = [];
    const asking = setInterval(() => answers.push(isRefused(standby, 'delta')), 5);
    second = await starting;
    // A stream of the stand-by would never tell of a change.
    await ofStandby.text();
    await until(async () => (await fetch(`${second.apiUrl}/ready`)).status === 200);
    clearInterval(asking);
    // Not one request met a closed port or an unwatched moment.
    expect(new Set(await Promise.all(answers))).toEqual(new Set([true]));
    expect(second.output()).toMatch(/^stand-by .*rules last known, revision \d+/m);
  });

  it('start without a snapshot by the configured policy', async () => {
    await proxy.cut();
    const folder = mkdtempSync(join(tmpdir(), 'ndc-sentinel-'));
    const port = String(50_000 + (process.pid % 10_000));
    const starting = startService({
      environment: { DATABASE_URL: throughProxy, PORT: port, SENTINEL_BOOT_POLICY: 'block' },
      folder,
    });
    const standby = { apiUrl: `http://127.0.0.1:${port}` } as ServiceProcess;
    await until(() => isRefused(standby, 'anybody').catch(() => false));
    await proxy.mend();
    const third = await starting;
    expect(await isRefused(third, 'anybody')).toBe(false);
    await third.end();
    third.remove();
  });

  it('test the way of a rule themselves, and share what they found', async () => {
    const { data } = await graphql(first, '{ killSwitchInstances { name state appliedRevision selfTestOk } }');
    expect(data['killSwitchInstances'].length).toBeGreaterThanOrEqual(2);
    const stopped = await ndcRows(first, 'kill_switch_instances', ['state']);
    expect(stopped.every((row) => row['state'] !== 'unsupported')).toBe(true);
  });
});

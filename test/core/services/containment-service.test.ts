import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '../../../core/domain/actor.ts';
import type { Analysis } from '../../../core/domain/analysis.ts';
import type { KillSwitchRule } from '../../../core/domain/kill-switch-rule.ts';
import { createContainment, parsePolicies } from '../../../core/services/containment-service.ts';
import { createKillSwitchService } from '../../../core/services/kill-switch-service.ts';
import { createRule, setStatus, updateRule } from '../../../core/services/verbs/rule-changes.ts';
import { openDatabase } from '../../../schema/store/database.ts';
import { createStore, type OpenStore } from '../../../schema/store/store.ts';
import { createTestDatabase, type TestDatabase } from '../../support/stores.ts';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const HOUR = 3_600_000;
const ADMIN: Actor = { name: 'ann', role: 'admin', surface: 'rest' };
const OPERATOR: Actor = { name: 'olga', role: 'operator', surface: 'rest' };

describe('rules that detections switch on', () => {
  let given: TestDatabase;
  let store: OpenStore;
  const clock = { at: NOW, now: () => clock.at };
  const faults: unknown[] = [];

  beforeAll(async () => {
    given = await createTestDatabase('sqlite');
    store = createStore({
      database: await openDatabase(given.location),
      clock,
      minimumRecords: 100,
      maximumRecords: 1_000,
      onCulprit: () => {},
      onOutage: () => {},
    });
  });

  afterAll(async () => {
    await store.close();
    await given.drop();
  });

  /** A process with this policy finds a probe of each of these users. */
  async function detect(users: readonly string[], key: string, status: 'active' | 'dry_run' = 'active'): Promise<void> {
    const killSwitch = createKillSwitchService({
      rules: store.rules,
      clock,
      disabled: false,
      pause: async () => {},
      onUnsupported: () => {},
    });
    await killSwitch.refresh();
    const [policy] = parsePolicies([
      {
        kinds: ['injection_probe'],
        severity: 'low',
        key,
        condition: 'session.`x-hasura-user-id` == finding.user',
        maxDurationSeconds: 3_600,
        status,
      },
    ]);
    const containment = createContainment({
      policies: [policy!],
      store,
      killSwitch,
      clock,
      onActivated: () => {},
      onFault: (error) => faults.push(error),
    });
    for (const user of users) containment.offer(probeOf(user));
    await containment.settled();
  }

  const rulesOf = async (key: string): Promise<readonly KillSwitchRule[]> =>
    (await store.rules.list({})).rules.filter((rule) => rule.key.startsWith(`${key}-`));
  const inForce = async (key: string) =>
    (await rulesOf(key)).filter(({ status, validTo }) => status === 'active' && (validTo ?? Infinity) > clock.at);
  const lift = (id: string, actor: Actor) =>
    store.transaction((tx) => setStatus('deactivate', 'inactive', { id }, { actor, tx }, clock.now()));

  it('stay lifted where an admin lifted them, and start again where they ended by themselves', async () => {
    await detect(['1', '2'], 'life');
    const [lifted, other] = await inForce('life');
    await lift(lifted!.id, ADMIN);
    clock.at += 2 * HOUR;
    await detect(['1', '2'], 'life');
    expect((await inForce('life')).map(({ id }) => id)).toEqual([other!.id]);
    expect(await rulesOf('life')).toHaveLength(2);
  });

  it('are not kept from it by what an operator prepared under their key, lifted before it was in force, or rewrote', async () => {
    await detect(['1'], 'model');
    const [model] = await rulesOf('model');
    const suffix = model!.key.slice('model'.length);
    const context = (tx: Parameters<Parameters<OpenStore['transaction']>[0]>[0]) => ({ actor: OPERATOR, tx });
    await store.transaction((tx) =>
      createRule({ key: `squat${suffix}`, condition: 'role == "nobody"' }, context(tx), clock.now()),
    );
    await detect(['1'], 'squat');
    expect(await inForce('squat')).toMatchObject([{ condition: model!.condition }]);

    await detect(['1'], 'tried', 'dry_run');
    const [tried] = await rulesOf('tried');
    await store.transaction((tx) =>
      updateRule({ id: tried!.id, condition: 'role == "nobody"' }, context(tx), clock.now()),
    );
    await lift(tried!.id, OPERATOR);
    await detect(['1'], 'tried');
    expect(await inForce('tried')).toMatchObject([{ condition: model!.condition }]);
    await detect(['1'], 'tried');
    expect(await rulesOf('tried')).toHaveLength(2);
  });

  it('are tried in dry runs that end by themselves, and never switched on by a policy that is only tried', async () => {
    await detect(['1'], 'trial', 'dry_run');
    expect(await rulesOf('trial')).toMatchObject([{ status: 'dry_run', validTo: clock.at + HOUR }]);
    clock.at += 2 * HOUR;
    await detect(['1'], 'trial', 'dry_run');
    expect(await rulesOf('trial')).toMatchObject([{ status: 'dry_run', validTo: clock.at + HOUR }]);

    await detect(['1'], 'back');
    clock.at += 2 * HOUR;
    await detect(['1'], 'back', 'dry_run');
    expect(await inForce('back')).toEqual([]);
  });

  it('are at most 50 at a time, whatever was in force earlier', async () => {
    clock.at += 2 * HOUR;
    const users = Array.from({ length: 51 }, (_, at) => `user-${at}`);
    await detect(users, 'many');
    expect(await inForce('many')).toHaveLength(50);
    expect(faults.splice(0)).toHaveLength(1);
    clock.at += 2 * HOUR;
    await detect(['later'], 'many');
    expect(await inForce('many')).toHaveLength(1);
    expect(faults).toEqual([]);
  });
});

/** As much of an analysis as containment looks at. */
function probeOf(user: string): Analysis {
  const finding = {
    kind: 'injection_probe',
    severity: 'high',
    p: null,
    subject: { kind: 'query' },
    reason: 'A test.',
  };
  const observation = { id: 'a', operationName: 'Q', principal: { role: 'user', userId: user } };
  return { observation, anomalous: true, datasets: [], queryFindings: [finding] } as unknown as Analysis;
}

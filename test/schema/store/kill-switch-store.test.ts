import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '../../../core/domain/actor.ts';
import type { KillSwitchRule } from '../../../core/domain/kill-switch-rule.ts';
import { ruleFromRow, ruleRow } from '../../../core/kill-switch/rule-row.ts';
import { createInstanceService, propagationOf } from '../../../core/services/instance-service.ts';
import { createKillSwitchService } from '../../../core/services/kill-switch-service.ts';
import { recheckRules } from '../../../core/services/recheck-service.ts';
import { describeRules } from '../../../core/services/rule-description.ts';
import { activateRule, createRule, setStatus, updateRule } from '../../../core/services/verbs/rule-changes.ts';
import type { CollectionDef } from '../../../schema/catalogue.ts';
import { killSwitchRuleStates } from '../../../schema/entities/kill-switch-rule-state.ts';
import { killSwitchHits } from '../../../schema/entities/traffic-metric.ts';
import { openDatabase } from '../../../schema/store/database.ts';
import { createStore, type OpenStore } from '../../../schema/store/store.ts';
import { createTestDatabase, TEST_DIALECTS, type TestDatabase } from '../../support/stores.ts';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const HOUR = 3_600_000;
const PERSON: Actor = { name: 'ann', role: 'admin', surface: 'rest' };
const OPERATOR: Actor = { name: 'olga', role: 'operator', surface: 'rest' };
const MACHINE: Actor = { name: 'containment', role: 'admin', surface: 'system' };

describe.each(TEST_DIALECTS)('kill-switch rules on %s', (dialect) => {
  let given: TestDatabase;
  let store: OpenStore;
  const clock = { at: NOW, now: () => clock.at };

  beforeAll(async () => {
    given = await createTestDatabase(dialect);
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

  type Change = (args: Record<string, unknown>, actor?: Actor) => Promise<KillSwitchRule>;
  const change =
    (run: typeof updateRule): Change =>
    (args, actor = PERSON) =>
      store.transaction((tx) => run(args, { actor, tx }, clock.now()));
  const create: Change = (args, actor = PERSON) =>
    store.transaction((tx) =>
      createRule(
        { condition: 'country == "AT"', namespace: 'shop', reason: 'a test', ...args },
        { actor, tx },
        clock.now(),
      ),
    );
  const activate = change(activateRule);
  const update = change(updateRule);
  const deactivate = change((args, context, now) => setStatus('deactivate', 'inactive', args, context, now));

  it('are handed out as changed in portions, the canary in its turn', async () => {
    const before = await store.rules.revision();
    for (const key of ['portion-1', 'portion-2']) await create({ key });
    await store.rules.writeCanary('nonce');
    await create({ key: 'portion-3' });
    const keysSince = async (revision: number, limit: number) => {
      const page = await store.rules.changedSince(revision, limit);
      return { keys: page.rules.map(({ key }) => key), revision: page.revision };
    };
    const first = await keysSince(before, 2);
    expect(first).toEqual({ keys: ['portion-1', 'portion-2'], revision: before + 2 });
    expect(await keysSince(first.revision, 2)).toEqual({ keys: ['portion-3', 'canary'], revision: before + 4 });
    expect((await keysSince(before, 3)).keys).toEqual(['portion-1', 'portion-2', 'portion-3', 'canary']);
  });

  it('keep every part of what their author said', async () => {
    const rule = await create({
      key: 'whole',
      except_condition: 'vip == true',
      schedule: { zone: 'Europe/Vienna', windows: [{ days: ['mon', 'sun'], from: '08:00', to: '24:00' }] },
      max_duration_seconds: 600,
      recheck: { cause: 'findings', kinds: ['burst'], extend_seconds: 60, max_extensions: 3 },
      on_error: 'match',
      guard: { max_share: 0.25, window_seconds: 60, min_requests: 100 },
      environment: 'production',
      refresh_seconds: 5,
      ticket: 'OPS-1',
      owner: 'ann',
      tags: ['a', 'b'],
      status: 'dry_run',
    });
    const stored = await store.transaction((tx) => tx.rules.byId(rule.id));
    expect(stored).toEqual(rule);
    expect(ruleFromRow(ruleRow(rule))).toEqual(rule);
    expect(rule).toMatchObject({ dryRunAt: NOW, activatedAt: null, recheck: { extensions: 0 } });
    const cleared = await update({ id: rule.id, clear: ['guard', 'tags', 'schedule'], owner: 'bob' });
    expect(cleared).toMatchObject({ guard: null, tags: [], schedule: null, owner: 'bob', ticket: 'OPS-1' });
  });

  it('end by themselves where they have a longest duration, a machine switched them on, or it is an emergency', async () => {
    const limited = await create({ key: 'limited', max_duration_seconds: 600, status: 'active' });
    expect(limited.validTo).toBe(NOW + 600_000);
    expect(await create({ key: 'limited', max_duration_seconds: 600, status: 'active' })).toEqual(limited);
    const byMachine = await create({ key: 'machine', status: 'active' }, MACHINE);
    expect(byMachine.validTo).toBe(NOW + 24 * HOUR);
    const draft = await create({ key: 'urgent' });
    const urgent = await activate({ id: draft.id, emergency: true, reason: 'fire' });
    expect(urgent).toMatchObject({ emergency: true, validTo: NOW + HOUR, activatedBy: 'ann', activatedAt: NOW });
    expect(await activate({ id: draft.id, emergency: true, reason: 'fire' })).toEqual(urgent);
    const longer = await update({ id: draft.id, valid_to: new Date(NOW + 5 * HOUR).toISOString(), priority: 1 });
    expect(longer).toMatchObject({ priority: 1, validTo: NOW + HOUR });
    expect(await update({ id: draft.id, clear: ['valid_to'] })).toMatchObject({ validTo: NOW + HOUR });
    await expect(
      activate({ id: limited.id, valid_to: new Date(NOW + HOUR).toISOString(), reason: 'longer' }),
    ).rejects.toMatchObject({ code: 'RULE_DURATION' });
  });

  it('ask for a new end when they are activated after theirs', async () => {
    const rule = await create({ key: 'over', status: 'active', valid_to: new Date(NOW + 1_000).toISOString() });
    await deactivate({ id: rule.id });
    clock.at = NOW + 2_000;
    await expect(activate({ id: rule.id, reason: 'again' })).rejects.toMatchObject({ code: 'RULE_EXPIRED' });
    const again = await activate({ id: rule.id, reason: 'again', valid_to: new Date(NOW + HOUR).toISOString() });
    expect(again).toMatchObject({ status: 'active', validTo: NOW + HOUR });

    // The same where nobody lifted them in between: their status is still active, and they hold no longer.
    clock.at = NOW + HOUR;
    await expect(activate({ id: rule.id, reason: 'again' })).rejects.toMatchObject({ code: 'RULE_EXPIRED' });
    const limited = await create({ key: 'over-limit', status: 'active', max_duration_seconds: 600 });
    clock.at += 600_000;
    const renewed = await activate({ id: limited.id, reason: 'again' });
    expect(renewed).toMatchObject({ validTo: clock.at + 600_000, activatedAt: clock.at });
    clock.at = NOW;
  });

  it("are an operator's to prepare, and an admin's once they were in force", async () => {
    const forbidden = { kind: 'forbidden', code: 'RULE_ADMIN' };
    const { id } = await create({ key: 'operated' }, OPERATOR);
    await update({ id, description: 'mine' }, OPERATOR);
    await activate({ id, status: 'dry_run' }, OPERATOR);
    expect(await deactivate({ id }, OPERATOR)).toMatchObject({ status: 'inactive', updatedBy: 'olga' });
    await update({ id, description: 'other' }, OPERATOR);
    await activate({ id, reason: 'an incident' });
    for (const run of [deactivate, update]) {
      await expect(run({ id, description: 'x' }, OPERATOR)).rejects.toMatchObject(forbidden);
    }
    await expect(activate({ id, status: 'dry_run' }, OPERATOR)).rejects.toMatchObject(forbidden);
    // As a guard leaves it: in dry run, and an admin's.
    await activate({ id, status: 'dry_run' });
    await expect(update({ id, condition: 'false' }, OPERATOR)).rejects.toMatchObject(forbidden);
    await expect(activate({ id }, OPERATOR)).rejects.toMatchObject(forbidden);
    await expect(create({ key: 'at-once', status: 'active' }, OPERATOR)).rejects.toMatchObject(forbidden);
  });

  it('say what compiling found out, those of an earlier version once they are described', async () => {
    const condition = "operationName=='A'  &&  !(role in ['b'])";
    const rule = await create({ key: 'reaching', namespace: 'ddn', condition });
    const found = {
      normalisedCondition: 'operationName == "A" and not role in ["b"]',
      reach: { stages: ['pre-parse'], coverage: ['graphql'], gaps: ['GRAPHQL_ONLY'] },
    };
    const stored = async () => (await store.rules.list({ namespace: 'ddn' })).rules.find(({ id }) => id === rule.id);
    expect(rule).toMatchObject(found);
    expect(await stored()).toMatchObject(found);
    expect(ruleFromRow(ruleRow(rule))).toEqual(rule);
    const unknown = { normalised_condition: null, stages: null, coverage: null, coverage_warnings: null };
    await store.transaction(async ({ kysely }) => {
      await kysely.updateTable('kill_switch_rules').set(unknown).execute();
    });
    expect(await stored()).toMatchObject({ normalisedCondition: null, reach: null, revision: rule.revision });
    await describeRules(store.rules, async () => {});
    expect(await stored()).toEqual(rule);
    expect(await store.rules.undescribed('', 10)).toEqual([]);
    // It changed since it was read: what was found out is of another condition.
    await store.rules.describe({ ...rule, revision: 0 }, { normalisedCondition: 'false', reach: null });
    expect(await stored()).toEqual(rule);
  });

  it('are extended while their cause persists, and lifted after it, with an audit of each step', async () => {
    const recheck = { cause: 'matches', extend_seconds: 600, max_extensions: 2 };
    const rule = await create({ key: 'rechecked', status: 'active', max_duration_seconds: 60, recheck });
    const matched = async (at: number) =>
      store.tally.add([
        {
          minute: Math.floor(at / 60_000) * 60_000,
          source: 'graphql',
          role: 'a',
          queryId: '',
          ruleKey: 'shop.rechecked',
          requests: 0,
          records: 0,
          anomalies: 0,
          errors: 0,
          evaluated: 0,
          enforced: 3,
          wouldEnforce: 0,
        },
      ]);
    const current = () => store.transaction((tx) => tx.rules.byId(rule.id));
    expect(await recheckRules(store, clock)).toBe(0);
    const ends: (number | null | undefined)[] = [];
    for (let round = 0; round < 3; round++) {
      clock.at = ((await current())?.validTo ?? 0) - 5_000;
      await matched(clock.at);
      // Two instances at once: one of them extends.
      const changed = await Promise.all([recheckRules(store, clock), recheckRules(store, clock)]);
      ends.push(changed[0] + changed[1], (await current())?.validTo);
    }
    const second = NOW + 60_000 + 600_000;
    expect(ends).toEqual([1, second, 1, second + 600_000, 0, second + 600_000]);
    clock.at = second + 600_000;
    expect(await recheckRules(store, clock)).toBe(1);
    expect(await current()).toMatchObject({ status: 'inactive', updatedBy: 're-check' });
    clock.at = NOW;
  });

  it('are not taken for unmatched where programs evaluate them uncounted, up to their last extension', async () => {
    const recheck = { cause: 'matches', extend_seconds: 600, max_extensions: 1 };
    const rule = await create({ key: 'held', namespace: 'held', status: 'active', max_duration_seconds: 60, recheck });
    const unheld = await create({
      key: 'unheld',
      namespace: 'unheld',
      status: 'active',
      max_duration_seconds: 60,
      recheck,
    });
    const none = { records: 0, anomalies: 0, errors: 0, evaluated: 0, enforced: 0, wouldEnforce: 0 };
    const holder = { source: 'client', role: '', queryId: '', ruleKey: 'held.*', requests: 1, ...none };
    await store.tally.add([{ ...holder, minute: NOW - HOUR }]);
    const current = (id: string) => store.transaction((tx) => tx.rules.byId(id));
    clock.at = NOW + 60_000;
    expect(await recheckRules(store, clock)).toBe(2);
    expect(await current(rule.id)).toMatchObject({ status: 'active', validTo: NOW + 660_000 });
    expect(await current(unheld.id)).toMatchObject({ status: 'inactive' });
    clock.at = NOW + 660_000;
    expect(await recheckRules(store, clock)).toBe(1);
    expect(await current(rule.id)).toMatchObject({ status: 'inactive' });
    clock.at = NOW;
  });

  it('show how often they were evaluated and matched, the hits only what matched', async () => {
    const rule = await create({ key: 'counted', status: 'active' });
    const none = { source: 'graphql', queryId: '', requests: 0, records: 0, anomalies: 0, errors: 0, wouldEnforce: 0 };
    const counted = { ...none, ruleKey: 'shop.counted' };
    const evaluations = { ...counted, minute: NOW, role: '', evaluated: 2_000_000_000, enforced: 0 };
    await store.tally.add([evaluations, { ...counted, minute: NOW + 60_000, role: 'a', evaluated: 0, enforced: 3 }]);
    await store.tally.add([
      { ...evaluations, minute: NOW + HOUR },
      { ...evaluations, source: 'ndc' },
    ]);
    const rows = (collection: CollectionDef, where: string) =>
      store.transaction(async (tx) => {
        if (collection.backing.type !== 'select') throw new Error(`${collection.name} is no select`);
        const text = `select * from (${collection.backing.sql[dialect]}) v where ${where}`;
        return (await sql.raw<Record<string, unknown>>(text).execute(tx.kysely)).rows;
      });
    const [state] = await rows(killSwitchRuleStates, `v.rule_id = '${rule.id}'`);
    // The first is more than 2^31. Some drivers give sums as text; what reads collections goes by the column's kind.
    expect(['evaluated', 'enforced'].map((name) => Number(state?.[name]))).toEqual([6_000_000_000, 3]);
    const hits = await rows(killSwitchHits, `v.rule_key = 'shop.counted'`);
    expect(hits.map((hit) => [hit['role'], Number(hit['enforced'])])).toEqual([['a', 3]]);
  });

  it('come to other instances by deltas, and the self-test goes the same way', async () => {
    const service = () => {
      const killSwitch = createKillSwitchService({
        rules: store.rules,
        clock,
        disabled: false,
        pause: async () => {},
        onUnsupported: () => {},
      });
      const instances = createInstanceService({
        instances: store.instances,
        rules: store.rules,
        killSwitch,
        clock,
        name: 'test:1',
        environment: null,
        erroring: () => [],
        // What a notification or the poll does elsewhere.
        sleep: () => killSwitch.refresh(),
      });
      return { killSwitch, instances };
    };
    const [one, two] = [service(), service()];
    for (const { killSwitch, instances } of [one, two]) {
      await killSwitch.refresh();
      await instances.beat();
    }
    expect([await one.instances.selfTest(), await two.instances.selfTest()]).toEqual([true, true]);
    const rule = await create({ key: 'spread', status: 'active' });
    const reached = await one.instances.awaitEverywhere(rule.revision, 1);
    expect(reached.allApplied).toBe(false);
    await two.killSwitch.refresh();
    await two.instances.beat();
    expect(await propagationOf(store.instances, rule.revision, clock.now())).toMatchObject({
      allApplied: true,
      instances: [{ appliedRevision: rule.revision }, { appliedRevision: rule.revision }],
    });
    expect(two.killSwitch.evaluate('shop', { country: 'AT' }).matched).toContain('spread');
    await two.instances.leave();
    expect((await store.instances.alive(0)).map((instance) => instance.id)).toEqual([one.instances.id]);
    expect((await store.rules.list({})).rules.some((listed) => listed.namespace.startsWith('_'))).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import type { KillSwitchRule } from '../../../core/domain/kill-switch-rule.ts';
import { parseSnapshot, type RuleSnapshot, snapshotLines } from '../../../core/kill-switch/snapshot.ts';
import {
  createKillSwitchService,
  type KillSwitchDeps,
  type SnapshotPort,
} from '../../../core/services/kill-switch-service.ts';
import { ruleWith } from '../kill-switch/rules.ts';

/** A store of rules in memory that counts what is asked of it. */
function createRules() {
  const rules = new Map<string, KillSwitchRule>();
  const state = { revision: 0, away: false, asked: [] as string[] };
  const answer = <T>(name: string, value: () => T) => {
    state.asked.push(name);
    return state.away ? Promise.reject(new Error('away')) : Promise.resolve(value());
  };
  return {
    state,
    put(fields: Parameters<typeof ruleWith>[0]) {
      state.revision++;
      rules.set(fields.key, ruleWith({ id: fields.key, ...fields, revision: state.revision }));
    },
    port: {
      revision: () => answer('revision', () => state.revision),
      enforceable: () =>
        answer('enforceable', () => ({
          revision: state.revision,
          rules: [...rules.values()].filter((rule) => ['active', 'dry_run'].includes(rule.status)),
        })),
      changedSince: (since: number, limit: number) =>
        answer('changedSince', () => {
          const newer = [...rules.values()].filter((rule) => rule.revision > since);
          const changed = newer.sort((a, b) => a.revision - b.revision).slice(0, limit);
          return { revision: Math.max(since, ...changed.map((rule) => rule.revision)), rules: changed };
        }),
    },
  };
}

function serviceOf(store: ReturnType<typeof createRules>, more: Partial<KillSwitchDeps> = {}) {
  const clock = { at: 1_000_000, now: () => clock.at };
  const service = createKillSwitchService({
    rules: store.port,
    clock,
    disabled: false,
    pause: async () => {},
    onUnsupported: () => {},
    ...more,
  });
  return { service, clock };
}

const AT = { country: 'AT' };
const rule = (key: string, more: Partial<KillSwitchRule> = {}) => ({ key, condition: 'country == "AT"', ...more });

describe('rules held in memory', () => {
  it('are taken over by their changes, and whole only where changes do not add up', async () => {
    const store = createRules();
    store.put(rule('a'));
    const { service } = serviceOf(store);
    await service.refresh();
    await service.refresh();
    store.put(rule('b'));
    store.put(rule('a', { status: 'inactive' }));
    await service.refresh();
    expect(service.evaluate('payments', AT).matched).toEqual(['b']);
    expect(store.state.asked).toEqual(['revision', 'enforceable', 'revision', 'revision', 'changedSince']);

    store.state.revision = 9; // a change whose rule is not there
    await service.refresh();
    expect(store.state.asked.slice(-2)).toEqual(['changedSince', 'enforceable']);
    store.state.revision = 1; // a restored backup
    await service.refresh();
    expect(store.state.asked.slice(-1)).toEqual(['enforceable']);
    expect(service.revision).toBe(1);
  });

  it('are taken over in portions where many changed', async () => {
    const store = createRules();
    store.put(rule('a'));
    const { service } = serviceOf(store);
    await service.refresh();
    for (let i = 0; i < 1_200; i++) store.put(rule(`r${i}`));
    await service.refresh();
    expect(service.evaluate('payments', AT).matched.length).toBe(1_201);
    expect(service.revision).toBe(store.state.revision);
    expect(store.state.asked.slice(2)).toEqual(Array.from({ length: 3 }, () => ['revision', 'changedSince']).flat());
  });

  it.each([
    [undefined, 2_000],
    [20_000, 20_000],
  ])(
    'stay in force while the store is away, and are called stale after two missed polls: %s',
    async (pollMs, every) => {
      const store = createRules();
      store.put(rule('a'));
      const { service, clock } = serviceOf(store, pollMs === undefined ? {} : { pollMs });
      await service.refresh();
      store.state.away = true;
      clock.at += 2 * every;
      await expect(service.refresh()).rejects.toThrow('away');
      expect(service.evaluate('payments', AT)).toMatchObject({ matched: ['a'], stale: false });
      clock.at += every;
      expect(service.evaluate('payments', AT)).toMatchObject({ matched: ['a'], stale: true });
    },
  );

  it('tell who listens which namespaces changed', async () => {
    const store = createRules();
    const { service } = serviceOf(store);
    await service.refresh();
    const heard: [number, string[]][] = [];
    const stop = service.subscribe(({ revision, namespaces }) => heard.push([revision, [...namespaces]]));
    store.put(rule('a'));
    await service.refresh();
    store.put(rule('b', { namespace: 'shop' }));
    await service.refresh();
    stop();
    store.put(rule('c'));
    await service.refresh();
    expect(heard).toEqual([
      [1, ['payments']],
      [2, ['shop']],
    ]);
  });

  it('leave out what is of another environment, and keep the version before of what does not compile', async () => {
    const store = createRules();
    store.put(rule('here', { environment: 'production' }));
    store.put(rule('there', { environment: 'staging' }));
    store.put(rule('changed'));
    const refused: string[] = [];
    const { service } = serviceOf(store, {
      environment: 'production',
      onUnsupported: ({ key }) => refused.push(key),
    });
    await service.refresh();
    store.put(rule('changed', { condition: 'a future spelling', languageVersion: 2 }));
    await service.refresh();
    expect(service.evaluate('payments', AT).matched).toEqual(['changed', 'here']);
    expect([refused, service.unsupported]).toEqual([['changed'], ['payments.changed']]);
  });
});

describe('evaluations', () => {
  it('are those of rules whose condition was run for a fact of a request, at their stage', async () => {
    const store = createRules();
    const ddn = { namespace: 'ddn' } as const;
    store.put({ key: 'everywhere', condition: 'role != "a"', ...ddn });
    store.put({ key: 'indexed', condition: 'role == "b"', ...ddn });
    store.put({ key: 'failing', condition: 'depth > 1', ...ddn });
    store.put({ key: 'over', condition: 'role != "a"', validTo: 1, ...ddn });
    store.put({ key: 'elsewhere', condition: 'collection != "x"', ...ddn });
    const { service } = serviceOf(store, { disabled: true });
    await service.refresh();
    service.decide({ role: 'a', depth: 0 }, 'pre-parse');
    service.decide({ role: 'b', depth: 'no number' }, 'pre-parse');
    // What is only asked, without a request, is not counted.
    service.evaluate('ddn', { role: 'b' });
    const counts = service.takeEvaluations().map(({ asker, ruleKey, evaluated }) => [`${asker} ${ruleKey}`, evaluated]);
    expect(Object.fromEntries(counts)).toEqual({
      'pre-parse everywhere': 2,
      'pre-parse failing': 2,
      'pre-parse indexed': 1,
    });
    expect(service.takeEvaluations()).toEqual([]);
  });
});

describe('a snapshot', () => {
  /** Keeps what it was told last, whole, and what it was told had changed. */
  function createSnapshot() {
    const kept: { whole: RuleSnapshot | null; changed: (string[] | null)[] } = { whole: null, changed: [] };
    const port: SnapshotPort = {
      read: async () => kept.whole,
      save({ changed, whole }) {
        kept.whole = whole();
        kept.changed.push(changed && changed.map(({ key }) => key));
      },
    };
    return { kept, port };
  }

  it('is written after a change and stands in for a store that is away at start', async () => {
    const { port: snapshot } = createSnapshot();
    const store = createRules();
    store.put(rule('a'));
    store.put(rule('tried', { status: 'dry_run' }));
    await serviceOf(store, { snapshot }).service.refresh();
    store.state.away = true;
    const { service } = serviceOf(store, { snapshot });
    await expect(service.refresh()).rejects.toThrow('away');
    expect([service.loaded, await service.restore(), service.loaded]).toEqual([false, true, true]);
    expect(service.evaluate('payments', AT)).toMatchObject({
      matched: ['a'],
      wouldMatch: ['tried'],
      stale: true,
      revision: 2,
    });
    store.state.away = false;
    await service.refresh();
    expect(service.evaluate('payments', AT)).toMatchObject({ matched: ['a'], stale: false });
  });

  it('is told what changed, and not of the canary', async () => {
    const { port, kept } = createSnapshot();
    const store = createRules();
    for (const key of ['a', 'b']) store.put(rule(key));
    const { service } = serviceOf(store, { snapshot: port });
    await service.refresh();
    store.put({ key: 'canary', namespace: '_self-test', condition: 'nonce == "1"' });
    await service.refresh();
    store.put(rule('a', { status: 'inactive' }));
    await service.refresh();
    expect(kept.changed).toEqual([null, ['a']]);
    expect(kept.whole).toMatchObject({ revision: 4, rules: [{ key: 'b' }] });
  });

  it('reads as what was written, or as nothing', () => {
    const rules = [ruleWith(rule('a', { tags: ['x'], validTo: 5_000, schedule: null }))];
    const text = [...snapshotLines({ revision: 7, rules })].join('');
    expect(parseSnapshot(text)).toEqual({ revision: 7, rules });
    for (let cut = 0; cut < text.length - 1; cut += 13) expect(parseSnapshot(text.slice(0, cut))).toBeNull();
    expect(parseSnapshot(text.replace('"AT', '"DE').replace('\\"AT', '\\"DE'))).toBeNull();
    expect(parseSnapshot(text.replace('rules 1', 'rules 2'))).toBeNull();
  });

  it('reads as all its blocks; one that was cut off while it was added counts for nothing, a damaged one spoils all', () => {
    const [a, b] = [ruleWith({ id: 'a', ...rule('a') }), ruleWith({ id: 'b', ...rule('b') })];
    const first = [...snapshotLines({ revision: 7, rules: [a, b] })];
    const changed = { ...b, status: 'inactive', revision: 8 } as const;
    const second = [...snapshotLines({ revision: 8, rules: [changed] }, first.at(-1))];
    const [before, added] = [first.join(''), second.join('')];
    expect(parseSnapshot(before + added)).toEqual({ revision: 8, rules: [a, changed] });
    for (let cut = 0; cut < added.length; cut++) {
      expect(parseSnapshot(before + added.slice(0, cut)), `cut at ${cut}`).toEqual({ revision: 7, rules: [a, b] });
    }
    expect(parseSnapshot(before + added.replace('inactive', 'active'))).toBeNull();
    expect(parseSnapshot(before.replace('"AT', '"DE').replace('\\"AT', '\\"DE') + added)).toBeNull();
    expect(parseSnapshot(before + added + added)).toBeNull();
  });

  it.each([
    ['allow', [false, null]],
    ['block', [true, 'block']],
  ] as const)('that is missing leaves it to the boot policy %s', async (bootPolicy, expected) => {
    const store = createRules();
    store.state.away = true;
    const { service } = serviceOf(store, { bootPolicy });
    expect(await service.restore()).toBe(false);
    const decision = service.decide({ role: 'anybody' }, 'pre-parse');
    expect([service.hasRules('pre-parse'), decision.terminal?.action.type ?? null]).toEqual(expected);
  });
});

describe('a guard', () => {
  const guard = { maxShare: 0.5, windowSeconds: 10, minRequests: 4 };
  const guarded = { key: 'g', namespace: 'ddn', condition: 'role == "a"', guard };

  async function ask(roles: string) {
    const store = createRules();
    store.put(guarded);
    const tripped: number[] = [];
    const { service, clock } = serviceOf(store, { onGuard: (_rule, share) => tripped.push(share) });
    await service.refresh();
    const answers: string[] = [];
    for (const role of roles) {
      if (role === ' ') clock.at += 10_000;
      else answers.push(service.decide({ role }, 'pre-parse').matched.length > 0 ? '1' : '0');
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { answers: answers.join(''), tripped, service, store };
  }

  it.each([
    ['bbaabbaa', '00110011', []], // half of the traffic: what it may
    ['aaab', '1110', [0.75]], // more than that, once there were enough
    ['aaaaaaa', '1111000', [1]],
    ['aa bbbb', '110000', []], // windows are counted by themselves
    ['aaa aaa', '111111', []],
  ] as const)('of half the traffic sees %s: %s', async (roles, answers, shares) => {
    const seen = await ask(roles);
    expect([seen.answers, seen.tripped]).toEqual([answers, shares]);
  });

  it('that tripped holds until somebody changes the rule', async () => {
    const { service, store } = await ask('aaaa');
    store.put({ key: 'other', condition: 'x == 1', namespace: 'ddn' });
    expect(service.decide({ role: 'a' }, 'pre-parse')).toMatchObject({ matched: [], wouldMatch: ['g'] });
    store.put(guarded);
    await service.refresh();
    expect(service.decide({ role: 'a' }, 'pre-parse').matched).toEqual(['g']);
  });
});

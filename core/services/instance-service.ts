import { type Uuid, uuidv7 } from '../domain/ids.ts';
import { type Clock, DAY, type Instant, SECOND } from '../domain/time.ts';
import { CANARY_KEY, CANARY_NAMESPACE } from '../kill-switch/canary.ts';
import type { KillSwitchService } from './kill-switch-service.ts';
import type { InstanceHeartbeat, InstancePort, InstanceReader } from './ports/instances.ts';
import type { RulesPort } from './ports/rules.ts';

export interface InstanceServiceDeps {
  readonly instances: InstancePort;
  readonly rules: Pick<RulesPort, 'canary' | 'writeCanary'>;
  readonly killSwitch: KillSwitchService;
  readonly clock: Clock;
  /** Host and process. */
  readonly name: string;
  readonly environment: string | null;
  /** Rules that fail too often here at present, as `namespace.key`. */
  erroring(): readonly string[];
  sleep(ms: number): Promise<void>;
}

/** Which instances enforce a revision. */
export interface Propagation {
  readonly revision: number;
  readonly instances: readonly {
    readonly id: Uuid;
    readonly name: string;
    readonly appliedRevision: number;
    /** From the change to its taking over, in ms; null while it is not applied, or where a later one was since. */
    readonly lagMs: number | null;
    readonly state: InstanceHeartbeat['state'];
  }[];
  readonly allApplied: boolean;
}

export interface InstanceService {
  readonly id: Uuid;
  /** Writes the sign of life of this process, and forgets those of a day ago. */
  beat(): Promise<void>;
  /** Says that this process ends. */
  leave(): Promise<void>;
  /** Takes the revision over here and waits until every live instance has, at most `timeoutMs`. */
  awaitEverywhere(revision: number, timeoutMs: number): Promise<Propagation>;
  /** Sends a canary the way of every rule (write, deliver, evaluate) and says whether it arrived. */
  selfTest(): Promise<boolean>;
  /** The last self-test; null before the first. */
  readonly lastSelfTest: { readonly at: Instant; readonly ok: boolean } | null;
}

export const HEARTBEAT_MS = 10 * SECOND;
/** Who gave no sign of life for three periods is gone. */
const ALIVE_MS = 3 * HEARTBEAT_MS;
const LOOK_AGAIN_MS = 20;
const SELF_TEST_TIMEOUT_MS = 10 * SECOND;

/** Which live instances have applied a revision. */
export async function propagationOf(instances: InstanceReader, revision: number, now: Instant): Promise<Propagation> {
  const alive = await instances.alive(now - ALIVE_MS);
  const changedAt = await instances.changedAt(revision);
  return {
    revision,
    instances: alive.map(({ id, name, appliedRevision, appliedAt, state }) => ({
      id,
      name,
      appliedRevision,
      lagMs: appliedRevision === revision && changedAt !== undefined ? Math.max(0, appliedAt - changedAt) : null,
      state,
    })),
    allApplied: alive.every((instance) => instance.appliedRevision >= revision),
  };
}

export function createInstanceService(deps: InstanceServiceDeps): InstanceService {
  const { instances, rules, killSwitch, clock } = deps;
  const startedAt = clock.now();
  const id = uuidv7(startedAt);
  let lastSelfTest: InstanceService['lastSelfTest'] = null;
  let lastNonce: string | null = null;

  const heartbeat = (state: InstanceHeartbeat['state']): InstanceHeartbeat => ({
    id,
    name: deps.name,
    environment: deps.environment,
    startedAt,
    heartbeatAt: clock.now(),
    appliedRevision: killSwitch.revision,
    appliedAt: killSwitch.appliedAt,
    state,
    unsupported: killSwitch.unsupported,
    erroring: deps.erroring(),
    selfTest: lastSelfTest,
  });

  function state(): InstanceHeartbeat['state'] {
    if (killSwitch.unsupported.length > 0) return 'unsupported';
    return killSwitch.stale ? 'stale' : 'current';
  }

  async function beat(): Promise<void> {
    await instances.beat(heartbeat(state()));
  }

  return {
    id,
    async beat() {
      await beat();
      await instances.deleteBefore(clock.now() - DAY);
    },
    leave: () => instances.beat(heartbeat('stopped')),
    async awaitEverywhere(revision, timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      await killSwitch.refresh();
      await beat();
      for (;;) {
        const reached = await propagationOf(instances, revision, clock.now());
        if (reached.allApplied || performance.now() >= deadline) return reached;
        await deps.sleep(LOOK_AGAIN_MS);
      }
    },
    async selfTest() {
      // One of several instances writes; the others find a nonce they have not seen and follow that one.
      lastNonce = await freshNonce();
      const deadline = performance.now() + SELF_TEST_TIMEOUT_MS;
      let ok = false;
      for (;;) {
        const nonce = (await rules.canary()) ?? lastNonce;
        ok = killSwitch.evaluate(CANARY_NAMESPACE, { nonce }).matched.includes(CANARY_KEY);
        if (ok || performance.now() >= deadline) break;
        await deps.sleep(5 * LOOK_AGAIN_MS);
      }
      lastSelfTest = { at: clock.now(), ok };
      await beat();
      return ok;
    },
    get lastSelfTest() {
      return lastSelfTest;
    },
  };

  async function freshNonce(): Promise<string> {
    const stored = await rules.canary();
    if (stored !== null && stored !== lastNonce) return stored;
    const nonce = uuidv7(clock.now());
    await rules.writeCanary(nonce);
    return nonce;
  }
}

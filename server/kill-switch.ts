import { hostname } from 'node:os';
import { join } from 'node:path';
import { createSnapshotFile, type SnapshotFile } from '../client/snapshot-file.ts';
import { DomainError } from '../core/domain/errors.ts';
import type { KillSwitchRule } from '../core/domain/kill-switch-rule.ts';
import { type Clock, MINUTE, SECOND } from '../core/domain/time.ts';
import { createInstanceService, HEARTBEAT_MS, type InstanceService } from '../core/services/instance-service.ts';
import {
  createKillSwitchService,
  type KillSwitchDeps,
  type KillSwitchService,
} from '../core/services/kill-switch-service.ts';
import { describeRules } from '../core/services/rule-description.ts';
import { recheckRules } from '../core/services/recheck-service.ts';
import { createRuleErrors, type RuleErrors } from '../core/services/rule-errors.ts';
import { setStatus } from '../core/services/verbs/rule-changes.ts';
import { listenForRules, type RuleListener } from '../schema/store/rule-listener.ts';
import type { DatabaseLocation } from '../schema/store/database-url.ts';
import type { OpenStore } from '../schema/store/store.ts';
import type { Job } from './jobs.ts';
import type { Log } from './log.ts';
import type { SettingValues } from './settings.ts';

export interface KillSwitchParts {
  readonly service: KillSwitchService;
  readonly instances: InstanceService;
  readonly errors: RuleErrors;
  readonly jobs: readonly Job[];
  /** Hears the database's notifications from now on, where it has such. */
  listen(): void;
  /** Ends the listening session, says goodbye, and waits for the snapshot to be whole. */
  stop(): Promise<void>;
}

export interface KillSwitchPartsDeps {
  readonly store: OpenStore;
  readonly location: DatabaseLocation;
  readonly values: SettingValues;
  readonly clock: Clock;
  readonly log: Log;
}

/** Where the rules as last known are kept for a start without the database. */
export const snapshotPath = (dataFolder: string): string => join(dataFolder, 'kill-switch-rules.jsonl');

/** What the service needs whether or not there is a store. */
export function killSwitchOptions(
  values: SettingValues,
  clock: Clock,
  log: Log,
): Omit<KillSwitchDeps, 'rules' | 'snapshot'> & { readonly snapshot: SnapshotFile } {
  const snapshot = createSnapshotFile({
    path: snapshotPath(values.ANOMALY_DETECTION_DATA),
    onFault: (error) => log.error({ err: error }, 'the snapshot of the kill-switch rules could not be written'),
  });
  return {
    clock,
    disabled: values.KILL_SWITCH_DISABLED,
    environment: values.SENTINEL_ENVIRONMENT ?? null,
    bootPolicy: values.SENTINEL_BOOT_POLICY,
    pollMs: values.SENTINEL_RULES_POLL_SECONDS * SECOND,
    snapshot,
    pause: () => new Promise<void>((resolve) => setImmediate(resolve)),
    onUnsupported: (rule) => log.error(rule, 'a kill-switch rule can not be compiled here; its previous version holds'),
    onFault: (what, error) => log.error({ err: error }, what),
  };
}

/** The kill switch with all that keeps it current: notifications, polling, heartbeats, self-test, re-checks. */
export async function createKillSwitch({
  store,
  location,
  values,
  clock,
  log,
}: KillSwitchPartsDeps): Promise<KillSwitchParts> {
  const options = killSwitchOptions(values, clock, log);
  const service = createKillSwitchService({
    ...options,
    rules: store.rules,
    onGuard: (rule, share) => void takeOutOfForce(rule, share),
  });
  await service.refresh();
  const errors = createRuleErrors({
    clock,
    onAlarm: (alarm) => log.error({ ...alarm }, 'a kill-switch rule fails on more than 1 % of its evaluations'),
  });
  const instances = createInstanceService({
    instances: store.instances,
    rules: store.rules,
    killSwitch: service,
    clock,
    name: `${hostname()}:${process.pid}`,
    environment: values.SENTINEL_ENVIRONMENT ?? null,
    erroring: () => errors.erroring,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
  await instances.beat();
  const unobserved = (what: string) => (error: unknown) => log.warn({ err: error }, what);
  service.subscribe(() => void instances.beat().catch(unobserved('a heartbeat could not be written')));
  // Nobody waits for it: what is missing is shown as unknown, and the next start tries again.
  void describeRules(store.rules, options.pause).catch(
    unobserved('rules of an earlier version could not be described'),
  );

  async function takeOutOfForce(rule: KillSwitchRule, share: number): Promise<void> {
    const reason = `It acted on ${(share * 100).toFixed(1)} % of the requests; its guard allows ${((rule.guard?.maxShare ?? 0) * 100).toFixed(1)} %.`;
    log.error({ namespace: rule.namespace, rule: rule.key, reason }, 'a kill-switch rule fell back to dry run');
    const actor = { name: 'guard', role: 'admin', surface: 'system' } as const;
    try {
      await store.transaction((tx) =>
        setStatus(
          'guard',
          'dry_run',
          { id: rule.id, reason, expected_revision: rule.revision },
          { actor, tx },
          clock.now(),
        ),
      );
    } catch (error) {
      // Another instance saw the same and was first.
      if (error instanceof DomainError && error.kind === 'conflict') return;
      log.error({ err: error, rule: rule.key }, 'the fall-back to dry run holds here but could not be stored');
    }
  }

  let listener: RuleListener | undefined;

  return {
    service,
    instances,
    errors,
    jobs: [
      { name: 'kill-switch poll', everyMs: values.SENTINEL_RULES_POLL_SECONDS * SECOND, run: () => service.refresh() },
      { name: 'kill-switch heartbeat', everyMs: HEARTBEAT_MS, run: () => instances.beat() },
      {
        name: 'kill-switch self-test',
        everyMs: MINUTE,
        run: async () => {
          if (!(await instances.selfTest())) log.error({}, 'the self-test of the kill switch failed: its rules lag');
        },
      },
      {
        name: 'kill-switch re-check',
        everyMs: 5 * SECOND,
        run: async () => {
          if ((await recheckRules(store, clock)) > 0) await service.refresh();
        },
      },
    ],
    listen() {
      if (location.dialect !== 'postgresql') return;
      listener = listenForRules({
        connectionString: location.url,
        onHint: () => void service.refresh().catch(unobserved('kill-switch rules could not be refreshed')),
        onFault: unobserved('notifications of kill-switch changes are away; polling goes on'),
      });
    },
    async stop() {
      await listener?.close();
      await options.snapshot.settled();
      await instances.leave().catch(unobserved('the end of this instance could not be noted'));
    },
  };
}

import { createPatternDetector } from '../core/detection/patterns/pattern-detector.ts';
import { createProfiles } from '../core/detection/patterns/profiles.ts';
import { createKeyedHash } from '../core/detection/records/features/keyed-hash.ts';
import { type Clock, SECOND } from '../core/domain/time.ts';
import { type BaselineRegistry, createBaselineRegistry } from '../core/services/baseline-registry.ts';
import { createContainment } from '../core/services/containment-service.ts';
import { createExpectedPatterns, type ExpectedPatterns } from '../core/services/expected-patterns.ts';
import type { KillSwitchService } from '../core/services/kill-switch-service.ts';
import { createObserveService, type ObserveService } from '../core/services/observe-service.ts';
import { createRecurrence } from '../core/services/recurrence.ts';
import type { RuleErrors } from '../core/services/rule-errors.ts';
import { addEvaluations } from '../core/services/rule-evaluations.ts';
import { createTally, type Tally } from '../core/services/tally.ts';
import type { OpenStore } from '../schema/store/store.ts';
import type { Configuration } from './configuration.ts';
import type { Job } from './jobs.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

/** What learns, scores and counts requests. */
export interface Detection {
  readonly registry: BaselineRegistry;
  readonly expected: ExpectedPatterns;
  readonly tally: Tally;
  readonly observe: ObserveService;
  readonly jobs: readonly Job[];
  /** Writes what was counted; so at the end, too. */
  flushTally(): Promise<void>;
}

export interface DetectionDeps {
  readonly configuration: Pick<Configuration, 'values' | 'alpha'>;
  readonly store: OpenStore;
  readonly killSwitch: KillSwitchService;
  readonly ruleErrors: Pick<RuleErrors, 'add'>;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Log;
  pause(): Promise<void>;
}

/** Half of the rate of false alarms goes to the data, half to queries and callers: together they keep it. */
const DATA_SHARE = 0.5;
/** Rows of the request log from which profiles are rebuilt at start. */
const REPLAYED_REQUESTS = 20_000;

export async function createDetection({
  configuration: { values, alpha },
  store,
  killSwitch,
  ruleErrors,
  metrics,
  clock,
  log,
  pause,
}: DetectionDeps): Promise<Detection> {
  const registry = createBaselineRegistry({
    history: store.history,
    models: store.models,
    minimumRecords: values.MINIMUM_TRAINING_RECORDS,
    alpha: alpha * DATA_SHARE,
    onTrained: (baseline, version, cause) => {
      metrics.trained();
      log.debug({ dataset: baseline.dataset, scope: baseline.scope, version, cause }, 'model trained');
    },
    onFault: (what, error) => log.error({ err: error }, what),
  });
  const expected = createExpectedPatterns(store.labels);
  await expected.refresh();
  const profiles = createProfiles();
  for (const request of await store.log.recent(REPLAYED_REQUESTS)) profiles.learn(request);
  let tallyRefused = false;
  const tally = createTally(store.tally, ({ source, role, ruleKey }, error) => {
    metrics.tallyRowDropped();
    // Once: what is wrong with one row is likely to be wrong with the next, every ten seconds.
    if (!tallyRefused) log.error({ err: error, source, role, ruleKey }, 'the database refused a row of the tally');
    tallyRefused = true;
  });
  const flushTally = (): Promise<void> => {
    const evaluations = killSwitch.takeEvaluations();
    addEvaluations(tally, evaluations, clock.now());
    ruleErrors.add(evaluations);
    return tally.flush();
  };
  const containment = createContainment({
    policies: values.SENTINEL_CONTAINMENT,
    store,
    killSwitch,
    clock,
    onActivated: (rule, finding) =>
      log.warn(
        { rule: rule.key, kind: finding.kind, origin: rule.origin },
        'a detection switched a kill-switch rule on',
      ),
    onFault: (error) => log.error({ err: error }, 'a detection could not switch a kill-switch rule on'),
  });
  const observe = createObserveService({
    containment,
    registry,
    writer: store.writer,
    patterns: createPatternDetector({ alpha: alpha * (1 - DATA_SHARE) }),
    profiles,
    tally,
    expected,
    hash: createKeyedHash(await store.sharedSecret('history-key')),
    dataAlpha: alpha * DATA_SHARE,
    recurrence: createRecurrence(store.recurrence),
    keepRaw: values.SENTINEL_HISTORY === 'raw',
    onDrift: ({ dataset, scope }, { severity, reason }) =>
      log.warn({ dataset, scope, severity, reason }, 'the data drifts away from what was learnt'),
    pause,
  });
  return {
    registry,
    expected,
    tally,
    observe,
    jobs: [
      { name: 'tally flush', everyMs: 10 * SECOND, run: flushTally },
      { name: 'labels', everyMs: 5 * SECOND, run: () => expected.refresh() },
      { name: 'models of other instances', everyMs: 5 * SECOND, run: () => registry.refresh() },
      { name: 'models that other instances train', everyMs: SECOND, run: () => registry.takeOver() },
    ],
    flushTally,
  };
}

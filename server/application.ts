import { hostname } from 'node:os';
import { type Clock, HOUR, MINUTE, systemClock } from '../core/domain/time.ts';
import { createQueryService } from '../core/services/query-service.ts';
import { cleanUp } from '../core/services/retention-service.ts';
import { createVerbTable } from '../core/services/verbs/verb-table.ts';
import { createStore } from '../schema/store/store.ts';
import { analystWarnings, createAnalyst } from './analyst.ts';
import type { Configuration } from './configuration.ts';
import { createDetection } from './detection.ts';
import { startJobs } from './jobs.ts';
import { createKillSwitch } from './kill-switch.ts';
import { apiAddressOf, connectorAddressOf } from './listener-addresses.ts';
import type { Log } from './log.ts';
import { createMetrics, type MetricsSources } from './metrics.ts';
import { createSurfaces } from './surfaces.ts';
import { startTelemetry } from './telemetry.ts';
import type { Standby } from './standby.ts';
import { openStorage } from './storage.ts';
import { createTokens, ensureFirstToken } from './tokens.ts';

export interface ApplicationOptions {
  readonly configuration: Configuration;
  readonly log: Log;
  readonly clock?: Clock;
  /** What listens on the port of hooks and API already, and hands it over. */
  readonly standby?: Pick<Standby, 'handOver'>;
}

export interface RunningApplication {
  /** Base URLs without a slash at the end. */
  readonly ndcUrl: string;
  readonly apiUrl: string;
  /** One line per thing worth saying at start. */
  readonly notes: readonly string[];
  /** Resolves when no model is being trained. */
  settled(): Promise<void>;
  /** Answers what is in flight, writes what is queued, closes; resolves to what had to be left behind. */
  stop(graceMs: number): Promise<readonly string[]>;
}

/** Between saying "not ready" and closing: what is on its way at the signal is still answered. */
const DRAIN_MS = 300;

/** Left behind by a stop, and what `process.exit` would wait for without bound: a thread of SQLite can't be interrupted. */
export const RUNNING_STATEMENT = 'a statement that still ran';

/** What statements have at least for their end when the time of the stop is up. */
const LAST_STATEMENTS_MS = 1_000;

/** A collector that is away must not use up the grace that a stop has. */
const TELEMETRY_MS = 1_000;

/** Makes everything and starts it, in the order: store and migrations, rules in memory, listeners, jobs. */
export async function startApplication({
  configuration,
  log,
  clock = systemClock,
  standby,
}: ApplicationOptions): Promise<RunningApplication> {
  const { values } = configuration;
  const ndcAddress = connectorAddressOf(values);
  const apiAddress = apiAddressOf(values);

  let stopping = false;
  const telemetry = await startTelemetry(values, log);

  const storage = await openStorage(configuration.database, log);
  const { database } = storage;
  const store = createStore({
    database,
    clock,
    minimumRecords: values.MINIMUM_TRAINING_RECORDS,
    maximumRecords: values.MAX_HISTORICAL_RECORDS,
    onCulprit: (effects, error) =>
      log.error(
        { observation: effects.observation.id, err: error },
        'an observation was refused by the database and set aside',
      ),
    onOutage: (away, error) =>
      away
        ? log.error({ err: error }, 'the database does not answer; observations wait')
        : log.info({}, 'the database answers again'),
    onRenewalFault: (error) =>
      log.warn({ err: error }, 'a claim to train could not be renewed; another instance may train the same model'),
  });
  const pause = () => new Promise<void>((resolve) => setImmediate(resolve));

  const killSwitchParts = await createKillSwitch({ store, location: configuration.database, values, clock, log });
  const killSwitch = killSwitchParts.service;

  const sources: MetricsSources = {
    queued: () => store.writer.queued,
    away: () => store.writer.away,
    drifting: () => detection.registry.drifting(),
    killSwitchRevision: () => killSwitch.revision,
    killSwitchStale: () => killSwitch.stale,
    killSwitchUnsupported: () => killSwitch.unsupported.length,
    killSwitchErroring: () => killSwitchParts.errors.erroring.length,
    analyst: () => ({ state: analyst.status().state, counters: analyst.counters }),
    killSwitchSelfTest: () => killSwitchParts.instances.lastSelfTest?.ok ?? null,
  };
  const metrics = createMetrics(sources);
  const detection = await createDetection({
    configuration,
    store,
    killSwitch,
    ruleErrors: killSwitchParts.errors,
    metrics,
    clock,
    log,
    pause,
  });
  const { registry, expected } = detection;
  const analyst = await createAnalyst({
    values,
    store,
    database,
    instance: `${hostname()}:${process.pid}`,
    clock,
    pause,
    onNotice: (message) => log.warn({}, message),
    onFault: (what, error) => log.error({ err: error }, what),
  });
  const retention = {
    log: values.SENTINEL_LOG_RETENTION_DAYS,
    anomalies: values.ANOMALY_RETENTION_DAYS,
    history: values.HISTORICAL_RETENTION_DAYS,
    models: values.MODEL_RETENTION_DAYS,
  };
  const queries = createQueryService({ store, observe: detection.observe, registry, clock });
  const verbs = createVerbTable({
    clock,
    registry,
    expected,
    killSwitch,
    retention,
    instances: killSwitchParts.instances,
    pause,
    queries,
  });
  const tokens = createTokens(store.tokens, clock);
  const firstToken = await ensureFirstToken(store.tokens, tokens, values.ANOMALY_DETECTION_DATA);

  const { ndc, api } = await createSurfaces({
    values,
    storage,
    store,
    killSwitch,
    detection,
    analyst,
    queries,
    verbs,
    tokens,
    metrics,
    tracer: telemetry.tracer,
    clock,
    log,
    isStopping: () => stopping,
  });

  const ndcUrl = await ndc.listen(ndcAddress);
  const { host, port } = apiAddress;
  const apiUrl = standby ? await standby.handOver(api) : await api.listen({ host, port });
  killSwitchParts.listen();
  void analyst.start();
  const jobs = startJobs(
    [
      ...killSwitchParts.jobs,
      ...detection.jobs,
      { name: 'analyst status', everyMs: MINUTE, run: () => analyst.reportStatus() },
      {
        name: 'retention',
        everyMs: HOUR,
        run: async () => log.info(await cleanUp(store, clock, retention), 'data past its retention deleted'),
      },
    ],
    log,
  );

  return {
    ndcUrl,
    apiUrl,
    notes: [
      `connector  ${ndcUrl}${ndcAddress.note === null ? '' : `  (${ndcAddress.note})`}`,
      `hooks, API ${apiUrl}${apiAddress.note === null ? '' : `  (${apiAddress.note})`}`,
      ...(firstToken === undefined ? [] : [`admin token written to ${firstToken}`]),
      ...[...configuration.warnings, ...analystWarnings(values)].map((warning) => `warning: ${warning}`),
    ],
    settled: () => registry.settled(),
    async stop(graceMs) {
      stopping = true;
      const left: string[] = [];
      const deadline = performance.now() + graceMs;
      await jobs.stop();
      // Its claim is given back while others are answered, or runs out where the database is away.
      const trainingEnds = registry.close().then(() => true);
      await store.endTraining();
      await new Promise((resolve) => setTimeout(resolve, Math.min(DRAIN_MS, graceMs)));
      // A connection that never sent a request counts as busy for Node, and would hold up the end for a minute; one that
      // waits for a query of the connector would for as long as that takes.
      // Half of what is left; the other half is for what is queued.
      const cutMs = Math.max(0, (deadline - performance.now()) / 2);
      const cut = setTimeout(() => {
        for (const { server } of [ndc.app, api]) server.closeAllConnections();
      }, cutMs);
      await Promise.all([ndc.close(), api.close()]);
      clearTimeout(cut);
      await analyst.stop();
      const unwritten = await store.writer.drain(Math.max(0, deadline - performance.now()));
      if (unwritten > 0) left.push(`${unwritten} observations were not written: the database did not answer`);
      await detection.flushTally().catch((error: unknown) => {
        left.push('the last counts of the tally');
        log.error({ err: error }, 'the tally could not be flushed');
      });
      await trueWithin(Math.max(0, deadline - performance.now()), trainingEnds);
      await killSwitchParts.stop();
      await telemetry.stop(TELEMETRY_MS);
      const statementsMs = Math.max(LAST_STATEMENTS_MS, deadline - performance.now());
      if (!(await trueWithin(statementsMs, storage.stop()))) left.push(RUNNING_STATEMENT);
      await store.close();
      return left;
    },
  };
}

/** What is promised, or false when the time is up. */
async function trueWithin(ms: number, promised: Promise<boolean>): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), ms);
  try {
    return await Promise.race([promised, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

import { hostname } from 'node:os';
import { createPatternDetector } from '../core/detection/patterns/pattern-detector.ts';
import { createProfiles } from '../core/detection/patterns/profiles.ts';
import { createKeyedHash } from '../core/detection/records/keyed-hash.ts';
import { type Clock, HOUR, MINUTE, SECOND, systemClock } from '../core/domain/time.ts';
import { createBaselineRegistry } from '../core/services/baseline-registry.ts';
import { createExpectedPatterns } from '../core/services/expected-patterns.ts';
import { createContainment } from '../core/services/containment-service.ts';
import { createObserveService } from '../core/services/observe-service.ts';
import type { Transaction } from '../core/services/ports.ts';
import { createQueryService } from '../core/services/query-service.ts';
import { cleanUp } from '../core/services/retention-service.ts';
import { createTally } from '../core/services/tally.ts';
import { createVerbTable } from '../core/services/verbs/verb-table.ts';
import { createHost } from '../connector/host.ts';
import { createConnector } from '../connector/sentinel-connector.ts';
import { registerHooks } from '../plugin/hooks.ts';
import { registerKillSwitchRest } from '../plugin/kill-switch-rest/kill-switch-rest.ts';
import { registerOfrep } from '../plugin/ofrep/ofrep.ts';
import { setNotFoundHandler } from '../plugin/rest/rest-errors.ts';
import { registerRest } from '../plugin/rest/rest.ts';
import { registerValidate } from '../plugin/rest/validate.ts';
import { CATALOGUE } from '../schema/collections.ts';
import { createGraphqlHandler } from '../schema/graphql/graphql-handler.ts';
import { createKyselyRunner } from '../schema/query/kysely-runner.ts';
import { createQueryEngine } from '../schema/query/query-engine.ts';
import type { QueryRunner } from '../schema/query/query-runner.ts';
import { createStore } from '../schema/store/store.ts';
import { analystWarnings, createAnalyst } from './analyst.ts';
import { createApiListener } from './api-listener.ts';
import type { Configuration } from './configuration.ts';
import { hookOptionsOf } from './hook-options.ts';
import { startJobs } from './jobs.ts';
import { createKillSwitch } from './kill-switch.ts';
import { type ListenAddress, listenAddress } from './listen-address.ts';
import type { Log } from './log.ts';
import { createMetrics, type MetricsSources } from './metrics.ts';
import { createPluginServices } from './plugin-services.ts';
import { startTelemetry } from './telemetry.ts';
import type { SettingValues } from './settings.ts';
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

/** Half of the rate of false alarms goes to the data, half to queries and callers: together they keep it. */
const DATA_SHARE = 0.5;
/** Rows of the request log from which profiles are rebuilt at start. */
const REPLAYED_REQUESTS = 20_000;
const ADMIN_BODY_LIMIT = 1024 * 1024;
/** Between saying "not ready" and closing: what is on its way at the signal is still answered. */
const DRAIN_MS = 300;

/** A collector that is away must not use up the grace that a stop has. */
const TELEMETRY_MS = 1_000;

/** Makes everything and starts it, in the order: store and migrations, rules in memory, listeners, jobs. */
export async function startApplication({
  configuration,
  log,
  clock = systemClock,
  standby,
}: ApplicationOptions): Promise<RunningApplication> {
  const { values, alpha } = configuration;
  const ndcAddress = listenAddress({
    listener: 'connector',
    port: values.HASURA_CONNECTOR_PORT,
    host: values.HASURA_CONNECTOR_HOST,
    hostVariable: 'HASURA_CONNECTOR_HOST',
    secretVariable: 'HASURA_SERVICE_TOKEN_SECRET',
    hasSecret: values.HASURA_SERVICE_TOKEN_SECRET !== undefined,
  });
  const apiAddress = apiAddressOf(values);

  let stopping = false;
  const telemetry = await startTelemetry(values, log);

  const storage = await openStorage(configuration.database, log);
  const { database, reader } = storage;
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
  });
  const pause = () => new Promise<void>((resolve) => setImmediate(resolve));

  const killSwitchParts = await createKillSwitch({ store, location: configuration.database, values, clock, log });
  const killSwitch = killSwitchParts.service;

  const sources: MetricsSources = {
    queued: () => store.writer.queued,
    away: () => store.writer.away,
    killSwitchRevision: () => killSwitch.revision,
    killSwitchStale: () => killSwitch.stale,
    killSwitchUnsupported: () => killSwitch.unsupported.length,
    analyst: () => ({ state: analyst.status().state, counters: analyst.counters }),
    killSwitchSelfTest: () => killSwitchParts.instances.lastSelfTest?.ok ?? null,
  };
  const metrics = createMetrics(sources);
  const registry = createBaselineRegistry({
    history: store.history,
    models: store.models,
    minimumRecords: values.MINIMUM_TRAINING_RECORDS,
    onTrained: (baseline, version) => {
      metrics.trained();
      log.debug({ dataset: baseline.dataset, scope: baseline.scope, version }, 'model trained');
    },
    onFault: (what, error) => log.error({ err: error }, what),
  });
  const expected = createExpectedPatterns(store.labels);
  await expected.refresh();
  const analyst = createAnalyst({
    values,
    store,
    database,
    instance: `${hostname()}:${process.pid}`,
    clock,
    pause,
    onNotice: (message) => log.warn({}, message),
    onFault: (what, error) => log.error({ err: error }, what),
  });
  const profiles = createProfiles();
  for (const request of await store.log.recent(REPLAYED_REQUESTS)) profiles.learn(request);
  const tally = createTally(store.tally);
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
    keepRaw: values.SENTINEL_HISTORY === 'raw',
    pause,
  });
  const queries = createQueryService({ store, observe, registry, clock });
  const retention = {
    log: values.SENTINEL_LOG_RETENTION_DAYS,
    anomalies: values.ANOMALY_RETENTION_DAYS,
    history: values.HISTORICAL_RETENTION_DAYS,
    models: values.MODEL_RETENTION_DAYS,
  };
  const verbs = createVerbTable({
    clock,
    registry,
    expected,
    killSwitch,
    retention,
    instances: killSwitchParts.instances,
    pause,
  });
  const tokens = createTokens(store.tokens, clock);
  const firstToken = await ensureFirstToken(store.tokens, tokens, values.ANOMALY_DETECTION_DATA);

  const engine = createQueryEngine(CATALOGUE);
  const transaction = <T>(run: (tx: Transaction, runner: QueryRunner) => Promise<T>): Promise<T> =>
    store.transaction((tx) => run(tx, createKyselyRunner(tx.kysely, database.dialect)));
  const surface = { engine, runner: reader, verbs, transaction };
  const connector = createConnector(surface);
  const ndc = createHost({
    connector,
    secret: values.HASURA_SERVICE_TOKEN_SECRET,
    limits: { maxBodyBytes: values.HASURA_BODY_LIMIT },
    logger: log,
    tracer: telemetry.tracer,
    metrics: () => metrics.text(),
  });
  const services = createPluginServices({
    clock,
    log,
    metrics,
    killSwitch,
    observe,
    queries,
    tally,
    tokens,
    tracer: telemetry.tracer,
    analyst,
    analystWaitMs: values.SENTINEL_ANALYST_WAIT_MS,
  });
  const hookOptions = hookOptionsOf(values, verbs, await store.sharedSecret('mask-key'));
  const api = createApiListener({
    tokens,
    metrics,
    graphql: createGraphqlHandler({
      ...surface,
      logError: (reference, error) => log.error({ reference, err: error }, 'a GraphQL request failed'),
    }),
    isStopping: () => stopping,
    readiness: async () => {
      const missing: string[] = stopping ? ['the process is stopping'] : [];
      if (!killSwitch.loaded) missing.push('kill-switch rules are not loaded');
      await store.ping().catch(() => missing.push('the database does not answer'));
      return missing;
    },
    register: (app) => {
      registerHooks(app, services, hookOptions);
      registerRest(app, services, hookOptions);
      registerValidate(app, services, hookOptions);
      registerKillSwitchRest(
        app,
        {
          clock,
          log,
          authenticate: services.authenticate,
          verbs,
          transaction,
          rules: store.rules,
          enforced: killSwitch,
        },
        hookOptions,
      );
      registerOfrep(
        app,
        { clock, log, authenticate: services.authenticate, rules: store.rules, enforced: killSwitch },
        hookOptions,
      );
      setNotFoundHandler(app, services);
    },
    adminBodyLimit: ADMIN_BODY_LIMIT,
  });

  const ndcUrl = await ndc.listen(ndcAddress);
  const { host, port } = apiAddress;
  const apiUrl = standby ? await standby.handOver(api) : await api.listen({ host, port });
  killSwitchParts.listen();
  void analyst.start();
  const jobs = startJobs(
    [
      ...killSwitchParts.jobs,
      { name: 'tally flush', everyMs: 10 * SECOND, run: () => tally.flush() },
      { name: 'analyst status', everyMs: MINUTE, run: () => analyst.reportStatus() },
      { name: 'labels', everyMs: 10 * SECOND, run: () => expected.refresh() },
      { name: 'models of other instances', everyMs: 10 * SECOND, run: () => registry.refresh() },
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
      await new Promise((resolve) => setTimeout(resolve, Math.min(DRAIN_MS, graceMs)));
      // A connection that never sent a request counts as busy for Node, and would hold up the end for a minute.
      // Half of what is left; the other half is for what is queued.
      const cutMs = Math.max(0, (deadline - performance.now()) / 2);
      const cut = setTimeout(() => api.server.closeAllConnections(), cutMs);
      await Promise.all([ndc.close(), api.close()]);
      clearTimeout(cut);
      await analyst.stop();
      const unwritten = await store.writer.drain(Math.max(0, deadline - performance.now()));
      if (unwritten > 0) left.push(`${unwritten} observations were not written: the database did not answer`);
      await tally.flush().catch((error: unknown) => {
        left.push('the last counts of the tally');
        log.error({ err: error }, 'the tally could not be flushed');
      });
      await killSwitchParts.stop();
      await telemetry.stop(TELEMETRY_MS);
      await storage.stop();
      await store.close();
      return left;
    },
  };
}

/** Where hooks and API listen. */
export function apiAddressOf(values: SettingValues): ListenAddress {
  return listenAddress({
    listener: 'hooks and API',
    port: values.PORT,
    host: values.HOST,
    hostVariable: 'HOST',
    secretVariable: 'M_AUTH_KEY',
    hasSecret: values.M_AUTH_KEY !== undefined,
  });
}

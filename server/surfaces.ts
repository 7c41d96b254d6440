import { createHost, type NdcHost } from '../connector/host.ts';
import { createConnector } from '../connector/sentinel-connector.ts';
import type { Clock } from '../core/domain/time.ts';
import type { AnalystService } from '../core/services/analyst-service.ts';
import type { KillSwitchService } from '../core/services/kill-switch-service.ts';
import type { Transaction } from '../core/services/ports/store.ts';
import type { QueryService } from '../core/services/query-service.ts';
import { createProgramQuestions } from '../core/services/program-questions.ts';
import type { RequestTracer } from '../core/services/request-tracer.ts';
import type { VerbTable } from '../core/services/verbs/verb.ts';
import { registerHooks } from '../plugin/hooks.ts';
import { registerKillSwitchRest } from '../plugin/kill-switch-rest/kill-switch-rest.ts';
import { registerOfrep } from '../plugin/ofrep/ofrep.ts';
import { setNotFoundHandler } from '../plugin/rest/rest-errors.ts';
import { registerRest } from '../plugin/rest/rest.ts';
import { registerValidate } from '../plugin/rest/validate.ts';
import { CATALOGUE } from '../schema/collections.ts';
import { createGraphqlHandler } from '../schema/graphql/graphql-handler.ts';
import { createQueryEngine } from '../schema/query/query-engine.ts';
import { type QueryRunner, runnerInside } from '../schema/query/query-runner.ts';
import type { OpenStore } from '../schema/store/store.ts';
import { createApiListener } from './api-listener.ts';
import type { Detection } from './detection.ts';
import { hookOptionsOf } from './hook-options.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { createPluginServices } from './plugin-services.ts';
import type { SettingValues } from './settings.ts';
import type { Storage } from './storage.ts';
import type { Tokens } from './tokens.ts';

/** What is asked from outside: the connector on its port; hooks, REST, GraphQL and console on the other. */
export interface Surfaces {
  readonly ndc: NdcHost;
  readonly api: ReturnType<typeof createApiListener>;
}

export interface SurfacesDeps {
  readonly values: SettingValues;
  readonly storage: Storage;
  readonly store: OpenStore;
  readonly killSwitch: KillSwitchService;
  readonly detection: Detection;
  readonly analyst: AnalystService;
  readonly queries: QueryService;
  readonly verbs: VerbTable;
  readonly tokens: Tokens;
  readonly metrics: Metrics;
  readonly tracer: RequestTracer;
  readonly clock: Clock;
  readonly log: Log;
  isStopping(): boolean;
}

const ADMIN_BODY_LIMIT = 1024 * 1024;

/** Every surface over the same store, query engine and verbs; nothing listens yet. */
export async function createSurfaces(deps: SurfacesDeps): Promise<Surfaces> {
  const { values, store, killSwitch, verbs, tokens, metrics, tracer, clock, log } = deps;
  const { reader } = deps.storage;
  const { observe, tally } = deps.detection;
  const transaction = <T>(run: (tx: Transaction, runner: QueryRunner) => Promise<T>): Promise<T> =>
    store.transaction((tx) => run(tx, tx.runner));
  const snapshot = <T>(run: (tx: Transaction, runner: QueryRunner) => Promise<T>): Promise<T> =>
    reader.snapshot((execute, rows) => run(store.reading(rows), runnerInside(reader.dialect, execute)));
  const data = { engine: createQueryEngine(CATALOGUE), runner: reader, verbs, snapshot, transaction };

  const ndc = createHost({
    connector: createConnector(data),
    secret: values.HASURA_SERVICE_TOKEN_SECRET,
    limits: { maxBodyBytes: values.HASURA_BODY_LIMIT },
    logger: log,
    tracer,
    metrics: () => metrics.text(),
  });

  const programs = createProgramQuestions({
    killSwitch,
    tally,
    clock,
    onDecided: (decision) => metrics.decided(decision),
  });
  const services = createPluginServices({
    clock,
    log,
    metrics,
    killSwitch,
    programs,
    observe,
    queries: deps.queries,
    tally,
    tokens,
    tracer,
    analyst: deps.analyst,
    analystWaitMs: values.SENTINEL_ANALYST_WAIT_MS,
  });
  const { authenticate } = services;
  const rules = { clock, log, authenticate, rules: store.rules, enforced: killSwitch, programs };
  const hookOptions = hookOptionsOf(values, verbs, {
    maskKey: await store.sharedSecret('mask-key'),
    markerSecret: await store.sharedSecret('own-traffic-key'),
  });
  const api = createApiListener({
    tokens,
    metrics,
    graphql: createGraphqlHandler({
      ...data,
      logError: (reference, error) => log.error({ reference, err: error }, 'a GraphQL request failed'),
    }),
    isStopping: deps.isStopping,
    readiness: async () => {
      const missing: string[] = deps.isStopping() ? ['the process is stopping'] : [];
      if (!killSwitch.loaded) missing.push('kill-switch rules are not loaded');
      await store.ping().catch(() => missing.push('the database does not answer'));
      return missing;
    },
    register: (app) => {
      registerHooks(app, services, hookOptions);
      registerRest(app, services, hookOptions);
      registerValidate(app, services, hookOptions);
      registerKillSwitchRest(app, { ...rules, verbs, snapshot, transaction }, hookOptions);
      registerOfrep(app, rules, hookOptions);
      setNotFoundHandler(app, services);
    },
    adminBodyLimit: ADMIN_BODY_LIMIT,
  });
  return { ndc, api };
}

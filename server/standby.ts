import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { unavailable } from '../core/domain/errors.ts';
import { type Clock, formatInstant } from '../core/domain/time.ts';
import { createKillSwitchService } from '../core/services/kill-switch-service.ts';
import { createProgramQuestions } from '../core/services/program-questions.ts';
import { NO_TRACER } from '../core/services/request-tracer.ts';
import { ignoreExpectations, PLUGIN_FASTIFY_OPTIONS } from '../plugin/fastify-options.ts';
import { registerHooks } from '../plugin/hooks.ts';
import type { PluginServices } from '../plugin/plugin-services.ts';
import { registerKillSwitchRest } from '../plugin/kill-switch-rest/kill-switch-rest.ts';
import { registerOfrep } from '../plugin/ofrep/ofrep.ts';
import { registerValidate } from '../plugin/rest/validate.ts';
import { sendError } from '../plugin/rest/rest-errors.ts';
import { hookOptionsOf } from './hook-options.ts';
import { killSwitchOptions } from './kill-switch.ts';
import type { ListenAddress } from './listen-address.ts';
import type { Log } from './log.ts';
import { offlineVerbs } from './offline-verbs.ts';
import type { SettingValues } from './settings.ts';

export interface Standby {
  readonly url: string;
  /** In one sentence: by which rules it decides. */
  readonly basis: string;
  /**
   * Hands the open port over: the next request is answered by this application, and closing it closes the port. No
   * request meets a closed port, no connection is cut.
   */
  handOver(app: FastifyInstance): Promise<string>;
  close(): Promise<void>;
}

export interface StandbyDeps {
  readonly values: SettingValues;
  readonly address: ListenAddress;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The hooks while the database is away at start: they decide by the snapshot of the rules, or by SENTINEL_BOOT_POLICY
 * where there is none, and observe nothing. Programs are answered by the same rules. Everything else answers 503. Masks of the kind `hash` give other values than
 * usual, since their key is in the database.
 */
export async function startStandby({ values, address, clock, log }: StandbyDeps): Promise<Standby> {
  const away = () => Promise.reject(unavailable('STORE_UNAVAILABLE', 'The database does not answer.'));
  const killSwitch = createKillSwitchService({
    ...killSwitchOptions(values, clock, log),
    rules: { revision: away, enforceable: away, changedSince: away },
  });
  const hasSnapshot = await killSwitch.restore().catch((error: unknown) => {
    log.error({ err: error }, 'the snapshot of the kill-switch rules can not be read');
    return false;
  });
  const programs = createProgramQuestions({ killSwitch, tally: { add: () => {} }, clock, onDecided: () => {} });
  const services: PluginServices = {
    clock,
    log,
    tracer: NO_TRACER,
    count: () => {},
    hasRules: (stage) => killSwitch.hasRules(stage),
    decide: ({ fact, varying }, stage, isOverdue) => killSwitch.decide(fact, stage, { varying, isOverdue }),
    countDecision: () => {},
    matches: (namespace, fact) => programs.decide(namespace, fact).matched.length > 0,
    observe: async (observation) => ({
      analysis: { observation, anomalous: false, datasets: [], queryFindings: [], recommendations: [] },
      stored: 'dropped',
    }),
    recordRefusal: async () => {},
    secondOpinion: async () => ({ status: 'skipped', why: 'off' }),
    analystState: () => 'off',
    queries: { overview: away, history: away, clearHistory: away, analyzeRecord: away },
    // Tokens are in the database: whether one is good can't be said.
    authenticate: away,
  };
  const randomSecret = () => randomBytes(32).toString('hex');
  const verbs = offlineVerbs();
  const options = hookOptionsOf(values, verbs, { maskKey: randomSecret(), markerSecret: randomSecret() });
  const app = Fastify({ ...PLUGIN_FASTIFY_OPTIONS, logger: false });
  registerHooks(app, services, options);
  registerValidate(app, services, options);
  const rules = { ...services, rules: { list: away, revision: away }, enforced: killSwitch, programs };
  registerKillSwitchRest(app, { ...rules, verbs, snapshot: away, transaction: away }, options);
  registerOfrep(app, rules, options);
  app.get('/health', () => ({ status: 'healthy', timestamp: formatInstant(clock.now()) }));
  app.get('/ready', (_request, reply) =>
    reply.code(503).send({ status: 'not ready', missing: ['the database does not answer'] }),
  );
  app.setNotFoundHandler((_request, reply) =>
    sendError(reply, 503, 'The database does not answer.', services, { code: 'STORE_UNAVAILABLE' }),
  );
  await app.ready();
  let answer = app.routing;
  const { keepAliveTimeout, http, clientErrorHandler } = PLUGIN_FASTIFY_OPTIONS;
  const server = createServer({ keepAliveTimeout, ...http }, (request, response) => answer(request, response));
  ignoreExpectations(server, (request, response) => answer(request, response));
  server.on('clientError', clientErrorHandler);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(address.port, address.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://${isIPv6(address.host) ? `[${address.host}]` : address.host}:${port}`;
  const policy = values.SENTINEL_BOOT_POLICY === 'block' ? 'block everything' : 'let everything pass';
  return {
    url,
    basis: hasSnapshot
      ? `hooks decide by the rules last known, revision ${killSwitch.revision}`
      : `there is no snapshot of the rules, so hooks ${policy} (SENTINEL_BOOT_POLICY)`,
    async handOver(next) {
      next.addHook('preClose', () => closeServer(server));
      await next.ready();
      answer = next.routing;
      // Streams opened here would never hear of a change; their clients come back at once.
      await app.close();
      return url;
    },
    close: () => closeServer(server),
  };
}

/** What is busy has so long to end. */
const CLOSE_MS = 5_000;

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}

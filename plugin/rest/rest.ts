import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isRecord, property } from '../../core/document/foreign-object.ts';
import type { Actor, ActorRole } from '../../core/domain/actor.ts';
import { badRequest } from '../../core/domain/errors.ts';
import { formatInstant } from '../../core/domain/time.ts';
import { queryRefOf, unknownQuery } from '../../core/services/query-service.ts';
import type { PluginServices, QueryOverview, QueryRef } from '../plugin-services.ts';
import { type AnomaliesOptions, createAnomaliesHandler } from './anomalies.ts';
import { datasetResults } from './anomalies-response.ts';
import { type Identify, createIdentify, requireRole } from './credentials.ts';
import { jsonOf, requireStored } from './rest-call.ts';
import { type Method, refuseOtherMethods, setRestErrorHandler } from './rest-errors.ts';

export type RestOptions = AnomaliesOptions;

/** Registers the REST surface of the original Python plugin; what differs from it is in the migration guide. */
export function registerRest(app: FastifyInstance, services: PluginServices, options: RestOptions): void {
  const identify = createIdentify(services, options.secret);
  void app.register((scope, _, done) => {
    setRestErrorHandler(scope, services);
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, text, parsed) => parsed(null, text));

    scope.get('/health', () => ({
      status: 'healthy',
      timestamp: formatInstant(services.clock.now()),
      excluded_patterns: options.excludedDatasets,
      analyst: services.analystState(),
    }));
    refuseOtherMethods(scope, services, '/health', ['GET']);

    scope.route({ method: 'POST', url: '/anomalies', handler: createAnomaliesHandler(services, options) });
    refuseOtherMethods(scope, services, '/anomalies', ['POST']);

    for (const route of QUERY_ROUTES) registerQueryRoute(scope, services, identify, route);
    for (const [url, routes] of Map.groupBy(QUERY_ROUTES, (route) => route.url)) {
      refuseOtherMethods(
        scope,
        services,
        url,
        routes.map((route) => route.method),
      );
    }
    done();
  });
}

/** A route about one query: whoever may ask, what else the body says beside the query's ids and the time. */
interface QueryRoute {
  readonly method: Method;
  readonly url: string;
  readonly role: ActorRole;
  readonly answer: (call: QueryCall, services: PluginServices) => object | Promise<object>;
}

interface QueryCall {
  readonly request: FastifyRequest;
  readonly actor: Actor;
  readonly query: QueryRef;
  readonly overview: QueryOverview;
}

const QUERY_ROUTES: readonly QueryRoute[] = [
  {
    method: 'GET',
    url: '/history/:id',
    role: 'viewer',
    answer: async ({ request, query, overview }, { queries }) => {
      const records = await queries.history(query, pageOf(request));
      return {
        record_count: overview.historicalRecords,
        data: records.map(({ data, at }) => ({ data, timestamp: formatInstant(at) })),
      };
    },
  },
  {
    method: 'DELETE',
    url: '/history/:id',
    role: 'operator',
    answer: async ({ query, actor }, { queries }) => {
      const cleared = await queries.clearHistory(query, actor);
      return { success: true, records_cleared: cleared, message: 'History cleared successfully' };
    },
  },
  {
    method: 'GET',
    url: '/model/:id',
    role: 'viewer',
    answer: ({ overview }) => ({ model_info: modelInfo(overview) }),
  },
  {
    method: 'POST',
    url: '/analyze/:id',
    role: 'operator',
    answer: async ({ request, query, actor }, { queries }) => {
      const record = jsonOf(request);
      if (!isRecord(record)) throw badRequest('RECORD', 'The body must be one record: a JSON object.');
      const { analysis } = requireStored(await queries.analyzeRecord(query, record, actor));
      const [result = null] = Object.values(datasetResults(analysis));
      return { analysis: result };
    },
  },
  {
    method: 'GET',
    url: '/stats/:id',
    role: 'viewer',
    answer: ({ overview }) => ({
      historical_records: overview.historicalRecords,
      model_info: modelInfo(overview),
      status: 'active',
    }),
  },
];

function registerQueryRoute(
  scope: FastifyInstance,
  services: PluginServices,
  identify: Identify,
  { method, url, role, answer }: QueryRoute,
): void {
  scope.route({
    method,
    url,
    exposeHeadRoute: false,
    handler: async (request) => {
      const actor = await requireRole(identify, request, role);
      const found = await findQuery(services, request);
      const { queryId, queryHash } = found.overview;
      const body = await answer({ request, actor, ...found }, services);
      return { query_id: queryId, query_hash: queryHash, ...body, timestamp: formatInstant(services.clock.now()) };
    },
  });
}

/** By our id or the original's MD5. One rule for all routes: an id that was never seen is 404. */
async function findQuery(
  services: PluginServices,
  request: FastifyRequest,
): Promise<Pick<QueryCall, 'query' | 'overview'>> {
  const id = property(request.params, 'id') as string;
  const query = queryRefOf(id);
  const overview = query && (await services.queries.overview(query));
  if (!query || !overview) throw unknownQuery(id);
  return { query, overview };
}

function modelInfo({ queryHash, model }: QueryOverview) {
  if (!model) return { status: 'no_model' };
  return {
    status: 'active',
    model_type: 'isolation_forest',
    query_hash: queryHash,
    features: model.features,
    version: model.version,
    records: model.records,
    timestamp: formatInstant(model.trainedAt),
  };
}

const HISTORY_PAGE = { default: 100, max: 1_000 };

function pageOf(request: FastifyRequest): { readonly limit: number; readonly offset: number } {
  return {
    limit: countOf(request, 'limit', HISTORY_PAGE.default, HISTORY_PAGE.max),
    offset: countOf(request, 'offset', 0, Number.MAX_SAFE_INTEGER),
  };
}

function countOf(request: FastifyRequest, name: string, byDefault: number, max: number): number {
  const text = property(request.query, name);
  if (text === undefined) return byDefault;
  const value = typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= max)) throw badRequest('PAGE', `"${name}" must be an integer from 0 to ${max}.`, { path: name });
  return value;
}

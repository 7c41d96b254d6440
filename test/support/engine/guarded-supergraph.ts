import { OWN_TRAFFIC_HEADER } from '../../../core/domain/own-traffic-marker.ts';
import { linkConnector } from './data-connector.ts';
import type { EngineSettings } from './engine-context.ts';
import { type Engine, startEngine } from './engine.ts';
import type { EngineHooks, GraphqlHookRequest, NdcHook } from './hook-metadata.ts';
import { type MusicConnector, startMusicConnector } from './music-connector.ts';
import { type ServiceProcess, startService } from '../service-process.ts';
import { postJson } from '../traffic.ts';

const SECRET = 'secret-of-the-engine';
const TOKEN = 'token-of-the-connector';
const OWN_SUBGRAPH = 'data_quality';

/** A supergraph of two connectors, the customers' and ours, behind an engine whose hooks lead to a real service. */
export interface GuardedSupergraph {
  readonly service: ServiceProcess;
  readonly engine: Engine;
  readonly music: MusicConnector;
  /** The hooks as generated metadata have them, with pre-ndc-request as docs/hooks.md adds it. */
  readonly hooks: EngineHooks;
  graphql(query: string, options?: AskOptions): Promise<ClientAnswer>;
  sql(sql: string, options?: AskOptions): Promise<ClientAnswer>;
  jsonApi(path: string, options?: AskOptions): Promise<ClientAnswer>;
  /** Rows of our connector, asked directly. */
  rows(collection: string, columns: readonly string[], query?: object): Promise<Record<string, unknown>[]>;
  procedure(name: string, args: object): Promise<Record<string, unknown>>;
  /** Runs with an active rule, then retires it; the key is taken from then on. */
  withRule(rule: TestRule, run: () => Promise<void>): Promise<void>;
  /** Runs with other settings of the engine, then restores them. */
  withEngine(settings: Partial<EngineSettings>, run: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

export interface TestRule {
  readonly key: string;
  readonly condition: string;
  /** Block by default. */
  readonly action?: Readonly<Record<string, unknown>> & { readonly type?: string };
}

export interface AskOptions {
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
  /** `role:user`; null sends no credentials. */
  readonly as?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ClientAnswer {
  readonly status: number;
  /** `any`: each test knows the shape of its own request. */
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

export async function startGuardedSupergraph(
  environment: Readonly<Record<string, string>> = {},
): Promise<GuardedSupergraph> {
  const service = await startService({
    environment: {
      M_AUTH_KEY: SECRET,
      HOST: '127.0.0.1',
      HASURA_SERVICE_TOKEN_SECRET: TOKEN,
      HASURA_CONNECTOR_HOST: '127.0.0.1',
      ...environment,
    },
  });
  const music = await startMusicConnector();
  const hooks = hooksTo(service.apiUrl);
  const settings: EngineSettings = {
    hooks,
    sessionEncoding: 'tagged',
    failureReading: 'source',
    roleEmulation: false,
    connectorNames: 'objects',
  };
  const engine = await startEngine(
    [
      await linkConnector('app', 'music', music.url),
      await linkConnector(OWN_SUBGRAPH, 'anomalies', service.ndcUrl, TOKEN),
    ],
    settings,
  );

  async function ask(path: string, body: unknown, { as = 'support:17', headers }: AskOptions): Promise<ClientAnswer> {
    const response = await fetch(`${engine.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        'content-type': 'application/json',
        ...(as === null ? {} : { authorization: `Bearer ${as}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
  }

  async function ndc(path: string, body: object): Promise<unknown> {
    const response = await postJson(`${service.ndcUrl}${path}`, body, { authorization: `Bearer ${TOKEN}` });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`NDC answered ${response.status}: ${JSON.stringify(answer)}`);
    return answer;
  }

  async function procedure(name: string, args: object): Promise<Record<string, unknown>> {
    const { operation_results: results } = (await ndc('/mutation', {
      operations: [{ type: 'procedure', name, arguments: args }],
      collection_relationships: {},
    })) as { operation_results: [{ result: Record<string, unknown> }] };
    return results[0].result;
  }

  return {
    service,
    engine,
    music,
    hooks,
    procedure,
    graphql: (query, options = {}) =>
      ask('/graphql', { query, variables: options.variables, operationName: options.operationName }, options),
    sql: (sql, options = {}) => ask('/v1/sql', { sql }, options),
    jsonApi: (path, options = {}) => ask(`/v1/rest/${path}`, undefined, options),
    async rows(collection, columns, query = {}) {
      const fields = Object.fromEntries(columns.map((column) => [column, { type: 'column', column }]));
      const request = { collection, arguments: {}, collection_relationships: {}, query: { fields, ...query } };
      const [rowSet] = (await ndc('/query', request)) as [{ rows: Record<string, unknown>[] }];
      return rowSet.rows;
    },
    async withRule({ key, condition, action: { type = 'block', ...settings } = {} }, run) {
      const action = { action_type: type, action: settings };
      const rule = { key, condition, ...action, status: 'active', reason: 'a test' };
      const { id } = await procedure('create_kill_switch_rule', rule);
      try {
        await run();
      } finally {
        await procedure('archive_kill_switch_rule', { id });
      }
    },
    async withEngine(changes, run) {
      engine.configure(changes);
      try {
        await run();
      } finally {
        await engine.settled();
        engine.configure(settings);
      }
    },
    async close() {
      await engine.close();
      await music.close();
      if (service.child.exitCode === null && service.child.signalCode === null) await service.end();
      service.remove();
    },
  };
}

/** Hooks at an address, for the music connector and ours alike. */
export function hooksTo(apiUrl: string, secret = SECRET): EngineHooks {
  const headers = { 'hasura-m-auth': secret };
  const request: GraphqlHookRequest = {
    headers: { additional: headers, forward: ['x-request-id', OWN_TRAFFIC_HEADER] },
    session: true,
    query: true,
    variables: true,
  };
  const ndcHooks = (name: string, path: string): NdcHook[] =>
    [
      { subgraph: 'app', connectors: ['music'] },
      { subgraph: OWN_SUBGRAPH, connectors: ['anomalies'] },
    ].map((place) => ({
      ...place,
      name,
      url: `${apiUrl}/hooks/${path}`,
      headers,
      session: true,
      ndcRequest: true,
      ndcResponse: true,
    }));
  return {
    parse: [{ name: 'anomalies_pre_parse', url: `${apiUrl}/hooks/pre-parse`, request }],
    response: [{ name: 'anomalies', url: `${apiUrl}/hooks/pre-response`, request, mode: { type: 'asynchronous' } }],
    ndcRequest: ndcHooks('anomalies_ndc_request', 'pre-ndc-request'),
    ndcResponse: ndcHooks('anomalies_ndc_response', 'pre-ndc-response'),
  };
}

/** The pre-response hook in its synchronous use, in place of the asynchronous one. */
export function synchronously(hooks: EngineHooks, onPluginFailure: 'fail' | 'continue', url?: string): EngineHooks {
  return {
    ...hooks,
    response: hooks.response.map((hook) => ({
      ...hook,
      url: url ?? `${hook.url}?mode=synchronous&observe=true`,
      mode: { type: 'synchronous', onPluginFailure },
    })),
  };
}

export function equals(name: string, value: unknown): object {
  return {
    predicate: {
      type: 'binary_comparison_operator',
      column: { type: 'column', name },
      operator: '_eq',
      value: { type: 'scalar', value },
    },
  };
}

import Fastify, { type FastifyInstance } from 'fastify';
import type { DdnFact } from '../../core/document/ddn-facts.ts';
import { NO_FEATURES } from '../../core/document/graphql-shape.ts';
import type { Actor } from '../../core/domain/actor.ts';
import type { AnalystOutcome } from '../../core/domain/analyst-opinion.ts';
import type { Analysis } from '../../core/domain/analysis.ts';
import { CONTINUE, type Decision, type Stage } from '../../core/domain/decision.ts';
import type { Enforcement } from '../../core/domain/effects.ts';
import type { Observation } from '../../core/domain/observation.ts';
import type { RequestFacts } from '../../core/domain/request-facts.ts';
import { NO_TRACER } from '../../core/services/request-tracer.ts';
import { PLUGIN_FASTIFY_OPTIONS } from '../../plugin/fastify-options.ts';
import { DEFAULT_HOOK_OPTIONS, type HookOptions } from '../../plugin/hook-runtime.ts';
import { registerHooks } from '../../plugin/hooks.ts';
import type { HookEvent, PluginServices, QueryOverview, QueryRef, Refusal } from '../../plugin/plugin-services.ts';

export const NOW = Date.parse('2026-03-10T12:00:00Z');
export const SECRET = 'engine-secret';

/** Services in memory that write down what they were asked. */
export interface FakeServices extends PluginServices {
  readonly observations: Observation[];
  /** Beside each observation: what a rule changed about it. */
  readonly enforcements: (Enforcement | undefined)[];
  readonly refusals: Refusal[];
  readonly facts: (RequestFacts<DdnFact> & { readonly stage: Stage })[];
  readonly decisions: { readonly decision: Decision; readonly role: string; readonly stage: Stage }[];
  readonly events: HookEvent[];
  readonly errors: unknown[];
  readonly cleared: { readonly query: QueryRef; readonly actor: Actor }[];
  readonly known: Map<string, QueryOverview>;
  decision: (fact: DdnFact, isOverdue: () => boolean) => Partial<Decision>;
  analysis: (observation: Observation) => Partial<Analysis>;
  stored: 'committed' | 'duplicate' | 'deferred' | 'dropped';
  rules: boolean;
  opinion: AnalystOutcome;
}

export function createFakeServices(): FakeServices {
  const complete = (decision: Partial<Decision>): Decision => ({ ...CONTINUE, revision: 1, stale: false, ...decision });
  const fake: FakeServices = {
    observations: [],
    enforcements: [],
    refusals: [],
    facts: [],
    decisions: [],
    events: [],
    errors: [],
    cleared: [],
    known: new Map(),
    decision: () => ({}),
    analysis: () => ({}),
    stored: 'committed',
    rules: true,
    opinion: { status: 'skipped', why: 'off' },
    clock: { now: () => NOW },
    tracer: NO_TRACER,
    log: {
      info: () => undefined,
      warn: () => undefined,
      error: (fields) => void fake.errors.push(fields['err']),
    },
    count: (event) => void fake.events.push(event),
    hasRules: () => fake.rules,
    decide(request, stage, isOverdue) {
      fake.facts.push({ ...request, stage });
      return complete(fake.decision(request.fact, isOverdue));
    },
    countDecision: (decision, role, stage) => void fake.decisions.push({ decision, role, stage }),
    matches: (namespace, fact) => namespace === 'payments' && fact['BANK'] === 'HSBC',
    observe(observation, _hook, enforcement) {
      fake.observations.push(observation);
      fake.enforcements.push(enforcement);
      return Promise.resolve({ analysis: analysisOf(observation, fake.analysis(observation)), stored: fake.stored });
    },
    secondOpinion: () => Promise.resolve(fake.opinion),
    analystState: () => 'off',
    recordRefusal(refusal) {
      fake.refusals.push(refusal);
      return Promise.resolve();
    },
    queries: {
      overview: (query) => Promise.resolve(fake.known.get('queryId' in query ? query.queryId : query.queryHash)),
      history: (_query, { limit, offset }) =>
        Promise.resolve(
          Array.from({ length: 3 }, (_, index) => ({ data: { id: index }, at: NOW })).slice(offset, offset + limit),
        ),
      clearHistory(query, actor) {
        fake.cleared.push({ query, actor });
        return Promise.resolve(3);
      },
      analyzeRecord: (_query, record) => {
        const observation = { ...EMPTY_OBSERVATION, arguments: [{ path: 'record', value: JSON.stringify(record) }] };
        return Promise.resolve({ analysis: analysisOf(observation, fake.analysis(observation)), stored: fake.stored });
      },
    },
    authenticate: (token) =>
      Promise.resolve(
        token.startsWith('token-') ? ({ name: token, role: token.slice(6), surface: 'rest' } as Actor) : null,
      ),
  };
  return fake;
}

export const EMPTY_OBSERVATION = {
  id: '00000000-0000-7000-8000-000000000000',
  at: NOW,
  receivedAt: NOW,
  source: 'graphql',
  deliveryKey: 'k',
  traceId: null,
  requestId: null,
  principal: { role: 'user', userId: null, sessionVariables: new Map() },
  operationName: null,
  queryHash: '0'.repeat(32),
  arguments: [],
  datasets: [],
  errorCount: 0,
  killed: false,
  shape: {
    id: 'graphql:1:0',
    text: '',
    operationType: 'query',
    rootFields: [],
    fields: [],
    features: NO_FEATURES,
  },
} as const satisfies Observation;

export function analysisOf(observation: Observation, changes: Partial<Analysis> = {}): Analysis {
  return {
    observation,
    anomalous: false,
    datasets: observation.datasets.map((dataset) => ({
      dataset: dataset.name,
      recordCount: dataset.recordCount,
      baseline: { rung: 'none', records: 0, modelVersion: null },
      featuresUsed: 0,
      scores: null,
      pValues: null,
      flagged: [],
      collective: false,
      findings: [],
      statistics: [],
    })),
    queryFindings: [],
    recommendations: [],
    ...changes,
  };
}

export const HOOK_OPTIONS: HookOptions = {
  ...DEFAULT_HOOK_OPTIONS,
  secret: { current: SECRET, previous: 'old-secret' },
  environment: 'test',
  service: 'sentinel',
  eventTimeHeader: 'x-event-time',
  connectorName: 'sentinel',
  rootFields: new Set(['anomalyAnalyses', 'createKillSwitchRule']),
  excludedDatasets: ['dq_.*'],
  maskKey: 'mask-key',
  keepsArguments: false,
  markerSecret: 'marker-secret',
};

export interface HookCall {
  readonly status: number;
  readonly json: unknown;
}

export interface HookClient {
  readonly app: FastifyInstance;
  call(url: string, body: unknown, headers?: Record<string, string>): Promise<HookCall>;
  /** Waits for what runs after replies. */
  close(): Promise<void>;
}

export async function startHooks(services: FakeServices, options: Partial<HookOptions> = {}): Promise<HookClient> {
  const app = Fastify(PLUGIN_FASTIFY_OPTIONS);
  registerHooks(app, services, { ...HOOK_OPTIONS, ...options });
  await app.ready();
  return {
    app,
    async call(url, body, headers = {}) {
      const response = await app.inject({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/json', 'hasura-m-auth': SECRET, ...headers },
        payload: typeof body === 'string' ? body : JSON.stringify(body),
      });
      return { status: response.statusCode, json: response.payload === '' ? null : JSON.parse(response.payload) };
    },
    close: () => app.close(),
  };
}

/** The body that the newest engines send: session values tagged. */
export function hookBody(query: string | null, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    session: {
      role: 'support',
      variables: { 'x-hasura-role': { Parsed: 'support' }, 'x-hasura-user-id': { Parsed: '17' } },
    },
    rawRequest: { query, variables: null, operationName: null },
    ...changes,
  };
}

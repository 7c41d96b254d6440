import type { FactContext } from '../core/document/ddn-facts.ts';
import { type DocumentReader, createDocumentReader } from '../core/document/graphql-document.ts';
import type { Enforcement, HookName } from '../core/domain/effects.ts';
import { createOwnTrafficMarker, OWN_TRAFFIC_HEADER } from '../core/domain/own-traffic-marker.ts';
import type { Principal } from '../core/domain/principal.ts';
import { SECOND } from '../core/domain/time.ts';
import { withDeadline } from './deadline.ts';
import { type Delivery, deliveryOf } from './delivery.ts';
import type { HookReply } from './hook-reply.ts';
import { KilledRequests } from './killed-requests.ts';
import { createMarkedRequests, type MarkedRequests } from './marked-requests.ts';
import type { ObservationBuilt } from './observation-from-graphql.ts';
import { type OwnTraffic, type OwnTrafficOptions, asksOnlyForExcluded, createOwnTraffic } from './own-traffic.ts';
import { type PendingLimits, type PendingWork, createPendingWork } from './pending-work.ts';
import type { Observed, PluginServices, Refusal } from './plugin-services.ts';
import { RewrittenRequests } from './rewritten-requests.ts';
import type { SharedSecret } from './secret.ts';
import { type Headers, headerOf } from './trace-context.ts';

export interface HookOptions extends OwnTrafficOptions, PendingLimits {
  /** Null only on a listener that is bound to loopback. */
  readonly secret: SharedSecret | null;
  /** Facts of the configuration that rules may name. */
  readonly environment: string | null;
  readonly service: string | null;
  /** Header that carries the event time (design D19); null: off. */
  readonly eventTimeHeader: string | null;
  /** Larger bodies are answered 204 unseen, and counted. */
  readonly bodyLimitBytes: number;
  /** For asking the rules about one request, in milliseconds. */
  readonly decisionDeadlineMs: number;
  /** What becomes of a request that no rule refused when that deadline passes. */
  readonly onDeadline: 'allow' | 'block';
  /** How long an asynchronous hook, or a stop of the process, waits for effects to be durable. */
  readonly observeDeadlineMs: number;
  /** Whether the request log may keep argument values. */
  readonly keepsArguments: boolean;
  /** Key of the mask `hash`: equal values stay equal as long as it stays the same. */
  readonly maskKey: string;
  /** Secret of the marker of our own requests, shared by the processes of one store. */
  readonly markerSecret: string;
}

export const DEFAULT_HOOK_OPTIONS = {
  bodyLimitBytes: 50 * 1_024 * 1_024,
  decisionDeadlineMs: 20,
  onDeadline: 'allow',
  observeDeadlineMs: 10 * SECOND,
  maxPending: 1_000,
  maxPendingCharacters: 64 * 1_024 * 1_024,
} as const satisfies Partial<HookOptions>;

/** One call of a hook, its body parsed. */
export interface HookRequest {
  readonly headers: Headers;
  /** Query parameters of the hook's own URL. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly body: unknown;
}

export type Hook = (request: HookRequest) => HookReply | Promise<HookReply>;

/** What the hooks of one process share. */
export interface HookRuntime {
  readonly services: PluginServices;
  readonly options: HookOptions;
  readonly own: OwnTraffic;
  readonly marked: MarkedRequests;
  readonly killed: KilledRequests;
  readonly rewritten: RewrittenRequests;
  readonly readDocument: DocumentReader;
  factContext(principal: Principal, headers: Headers): FactContext;
  delivery(hook: HookName, request: HookRequest): Delivery;
  /** Waits, within the deadline, until the observation's effects are durable or known not to be. */
  observe(built: ObservationBuilt, hook: HookName, enforcement?: Enforcement): Promise<void>;
  /** Records a refused request, within the same deadline. */
  recordRefusal(refusal: Refusal): Promise<void>;
  readonly pending: PendingWork;
}

export function createHookRuntime(services: PluginServices, options: HookOptions): HookRuntime {
  const own = createOwnTraffic(options);

  async function observe(
    { observation, droppedDatasets }: ObservationBuilt,
    hook: HookName,
    enforcement?: Enforcement,
  ): Promise<void> {
    if (asksOnlyForExcluded(observation, own)) {
      services.count('excluded', hook);
      return;
    }
    if (droppedDatasets > 0) services.count('dropped_datasets', hook);
    const observed = await withDeadline(services.observe(observation, hook, enforcement), options.observeDeadlineMs);
    services.count(observed ? EVENT_OF_OUTCOME[observed.stored] : 'deadline_exceeded', hook);
  }

  async function recordRefusal(refusal: Refusal): Promise<void> {
    const recorded = services.recordRefusal(refusal).then(() => true);
    if (!(await withDeadline(recorded, options.observeDeadlineMs))) services.count('deadline_exceeded', refusal.hook);
  }

  return {
    services,
    options,
    own,
    marked: createMarkedRequests(createOwnTrafficMarker(options.markerSecret, services.clock)),
    killed: new KilledRequests(),
    rewritten: new RewrittenRequests(),
    readDocument: createDocumentReader(),
    factContext: (principal, headers) => ({
      environment: options.environment,
      service: options.service,
      principal,
      headers: forwardedHeaders(headers),
    }),
    delivery: (hook, { headers, text }) => deliveryOf(hook, headers, text, services.clock, options.eventTimeHeader),
    observe,
    recordRefusal,
    pending: createPendingWork(services, options),
  };
}

const EVENT_OF_OUTCOME = {
  committed: 'observed',
  duplicate: 'duplicate',
  deferred: 'deferred',
  dropped: 'dropped',
} as const satisfies Record<Observed['stored'], string>;

/** Never part of a fact: facts are shown in explanations and may be kept. */
const CREDENTIAL_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'hasura-m-auth',
  'proxy-authorization',
  'set-cookie',
  'x-api-key',
  OWN_TRAFFIC_HEADER,
]);

function forwardedHeaders(headers: Headers): Readonly<Record<string, string>> {
  const names = Object.keys(headers).filter((name) => !CREDENTIAL_HEADERS.has(name));
  return Object.fromEntries(names.map((name) => [name, headerOf(headers, name) ?? '']));
}

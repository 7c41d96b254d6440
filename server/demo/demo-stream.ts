import { DAY, SECOND } from '../../core/domain/time.ts';
import type { DemoUser } from './cast.ts';
import { CAST, sessionsOf } from './cast.ts';
import type { DemoRequest } from './demo-request.ts';
import { GRAPHQL_HABITS, trackList } from './graphql-requests.ts';
import { hookHeaders, preNdcResponseBody, preParseBody, preResponseBody } from './hook-bodies.ts';
import type { MusicStore } from './music-store.ts';
import { createMusicStore } from './music-store.ts';
import { analystQuestion, exportPage, lookUpCustomer } from './ndc-requests.ts';
import type { Planted } from './planted.ts';
import { plantedOn } from './planted.ts';
import type { Random } from './random.ts';
import { createRandom } from './random.ts';

export type HookPath = '/hooks/pre-parse' | '/hooks/pre-response' | '/hooks/pre-ndc-response';

/** One call of a hook. A GraphQL request is two calls with one trace id, a request of PromptQL is one. */
export interface DemoEvent {
  /** Event time; also in the event-time header. */
  readonly at: number;
  readonly path: HookPath;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly traceId: string;
  readonly planted?: Planted;
  /** Why this request could wrongly be taken for an anomaly. */
  readonly hardNegative?: string;
}

export interface DemoOptions {
  readonly seed?: string;
  /** Midnight UTC at which the two weeks end, a Monday. */
  readonly until?: number;
  readonly eventTimeHeader?: string;
}

/** Monday, 16 November 2026, 00:00 UTC. */
export const DEMO_END = Date.UTC(2026, 10, 16);
export const DEMO_DAYS = 14;
export const DEMO_EVENT_TIME_HEADER = 'x-sentinel-event-time';

interface PlannedRequest {
  readonly at: number;
  readonly user: DemoUser;
  readonly request: DemoRequest;
  readonly planted?: Planted;
  readonly hardNegative?: string;
}

/**
 * Two weeks of a music store's traffic in order of event time, the same for the same options; one day of requests is in
 * memory at a time.
 */
export function* demoEvents(options: DemoOptions = {}): Generator<DemoEvent, void, undefined> {
  const { seed = 'ndc-sentinel', until = DEMO_END, eventTimeHeader = DEMO_EVENT_TIME_HEADER } = options;
  const store = createMusicStore(seed, until);
  for (let day = 0; day < DEMO_DAYS; day++) {
    const random = createRandom(`${seed}/day ${day}`);
    const midnight = until - (DEMO_DAYS - day) * DAY;
    const requests: PlannedRequest[] = [
      ...CAST.flatMap((user) => usualRequests(user, day, midnight, store, random)),
      ...plantedOn(day, midnight, store, random),
    ].sort((a, b) => a.at - b.at);
    for (const planned of requests) yield* callsOf(planned, eventTimeHeader, random);
  }
}

function* callsOf(planned: PlannedRequest, eventTimeHeader: string, random: Random): Generator<DemoEvent> {
  const { at, user, request } = planned;
  const traceId = random.hex(32);
  const label = {
    traceId,
    ...(planned.planted === undefined ? {} : { planted: planned.planted }),
    ...(planned.hardNegative === undefined ? {} : { hardNegative: planned.hardNegative }),
  };
  const headers = (when: number): Record<string, string> => hookHeaders(traceId, when, eventTimeHeader, random);
  if (request.kind === 'ndc') {
    yield {
      at,
      path: '/hooks/pre-ndc-response',
      headers: headers(at),
      body: preNdcResponseBody(request, user),
      ...label,
    };
    return;
  }
  const encoding = random.chance(0.75) ? 'tagged' : 'bare';
  const answeredAt = at + random.integer(4, 60);
  yield { at, path: '/hooks/pre-parse', headers: headers(at), body: preParseBody(request, user, encoding), ...label };
  yield {
    at: answeredAt,
    path: '/hooks/pre-response',
    headers: headers(answeredAt),
    body: preResponseBody(request, user, encoding),
    ...label,
  };
}

function usualRequests(
  user: DemoUser,
  day: number,
  midnight: number,
  store: MusicStore,
  random: Random,
): PlannedRequest[] {
  return sessionsOf(user, midnight, random).flatMap((start) =>
    user.role === 'nightly_job' ? nightlyRun(user, start, store) : session(user, day, start, store, random),
  );
}

/** One to four requests, up to a minute and a half apart. */
function session(user: DemoUser, day: number, start: number, store: MusicStore, random: Random): PlannedRequest[] {
  const planned: PlannedRequest[] = [];
  let at = start;
  for (let left = random.integer(1, 3); left > 0; left--) {
    const paging = user.role === 'storefront' && day >= 7 && random.chance(0.02);
    planned.push(
      paging
        ? { at, user, request: trackList(store, random, 120), hardNegative: 'a page offset never asked for before' }
        : { at, user, ...usualRequest(user, store, random) },
    );
    at += random.integer(3, 90) * SECOND;
  }
  return planned;
}

function usualRequest(
  user: DemoUser,
  store: MusicStore,
  random: Random,
): Pick<PlannedRequest, 'request' | 'hardNegative'> {
  if (user.role === 'analyst' || user.role === 'nightly_job') {
    return { request: analystQuestion(store, random), hardNegative: 'an ad-hoc question of PromptQL' };
  }
  const request = random.pickWeighted(GRAPHQL_HABITS[user.role])(store, random);
  return request.operationName === 'IntrospectionQuery'
    ? { request, hardNegative: 'the schema, asked for by an administrator' }
    : { request };
}

const EXPORT_PAGES = 8;
const EXPORT_PAGE_SIZE = 50;
const LOOKED_UP = 30;

/** Two in the night: pages through the customers, then looks up customers by ascending id. */
function nightlyRun(user: DemoUser, start: number, store: MusicStore): PlannedRequest[] {
  const pages = Array.from({ length: EXPORT_PAGES }, (_, page) =>
    exportPage(store, page * EXPORT_PAGE_SIZE, EXPORT_PAGE_SIZE),
  );
  const lookUps = Array.from({ length: LOOKED_UP }, (_, i) => lookUpCustomer(store, 1 + i));
  const hardNegative = 'the nightly job at its usual hour';
  return [...pages, ...lookUps].map((request, i) => ({ at: start + i * 4 * SECOND, user, request, hardNegative }));
}

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DAY } from '../../../core/domain/time.ts';
import { CAST, DEMO_ROLES } from '../../../server/demo/cast.ts';
import type { DemoEvent } from '../../../server/demo/demo-stream.ts';
import { DEMO_DAYS, DEMO_END, demoEvents } from '../../../server/demo/demo-stream.ts';
import { PLANTED_KINDS } from '../../../server/demo/planted.ts';

const events = [...demoEvents()];
const bodyOf = (event: DemoEvent): Record<string, unknown> => event.body as Record<string, unknown>;
const first = (path: DemoEvent['path'], accept: (event: DemoEvent) => boolean = () => true): DemoEvent =>
  events.find((event) => event.path === path && accept(event)) as DemoEvent;

function digest(stream: Iterable<DemoEvent>): string {
  const hash = createHash('sha256');
  for (const event of stream) hash.update(JSON.stringify(event));
  return hash.digest('hex');
}

describe('the demo stream', () => {
  it('is the same every time, and another for another seed', () => {
    expect(digest(demoEvents())).toBe(digest(events));
    expect(digest(demoEvents({ seed: 'other' }))).not.toBe(digest(events));
  });

  it('is a few thousand requests of every user within two weeks, in order of event time', () => {
    const traces = new Set(events.map((event) => event.traceId));
    expect(traces.size).toBeGreaterThan(3_000);
    expect(traces.size).toBeLessThan(4_500);
    expect(events[0]?.at).toBeGreaterThanOrEqual(DEMO_END - DEMO_DAYS * DAY);
    expect(events.at(-1)?.at).toBeLessThan(DEMO_END + 1_000);
    const requests = events.filter((event) => event.path !== '/hooks/pre-response');
    expect(requests.every((event, i) => i === 0 || event.at >= (requests[i - 1] as DemoEvent).at)).toBe(true);
    const users = new Set(events.map((event) => JSON.stringify(bodyOf(event)['session'])));
    // GraphQL sessions come tagged and bare, NDC sessions bare only.
    const ndcUsers = CAST.filter((user) => user.role === 'analyst' || user.role === 'nightly_job').length;
    expect(users.size).toBe(2 * (CAST.length - ndcUsers) + ndcUsers);
    expect(new Set(events.map((event) => (bodyOf(event)['session'] as { role: string }).role))).toEqual(
      new Set(DEMO_ROLES),
    );
  });

  it('shows a GraphQL request to both hooks under one trace, with spans of their own', () => {
    const start = events.findIndex((event) => event.path === '/hooks/pre-parse');
    const [parse, response] = events.slice(start);
    expect([parse?.path, response?.path]).toEqual(['/hooks/pre-parse', '/hooks/pre-response']);
    expect(parse?.traceId).toBe(response?.traceId);
    const span = (event: DemoEvent | undefined): string | undefined => event?.headers['traceparent'];
    expect(span(parse)).toMatch(new RegExp(`^00-${parse?.traceId}-[0-9a-f]{16}-01$`));
    expect(span(response)).not.toBe(span(parse));
    expect(Date.parse(response?.headers['x-sentinel-event-time'] ?? '')).toBe(response?.at);
  });

  it('names the header of the event time as asked', () => {
    const [event] = demoEvents({ eventTimeHeader: 'x-event-time' });
    expect(event?.headers['x-event-time']).toBe(new Date(event?.at ?? 0).toISOString());
  });

  it('sends bodies with the keys the engine sends, no more and no fewer', () => {
    const parse = bodyOf(first('/hooks/pre-parse'));
    expect(Object.keys(parse)).toEqual(['session', 'rawRequest']);
    expect(Object.keys(parse['rawRequest'] as object)).toEqual(['query', 'variables', 'operationName']);
    const response = bodyOf(first('/hooks/pre-response'));
    expect(Object.keys(response)).toEqual(['session', 'rawRequest', 'response']);
    const ndc = bodyOf(first('/hooks/pre-ndc-response'));
    expect(Object.keys(ndc)).toEqual([
      'session',
      'ndcRequest',
      'ndcResponse',
      'dataConnectorName',
      'operationType',
      'ndcVersion',
    ]);
    expect(ndc['dataConnectorName']).toEqual({ subgraph: 'shop', name: 'music' });
  });

  it('writes session variables tagged and bare', () => {
    const sessions = events
      .filter((event) => event.path === '/hooks/pre-parse')
      .map(
        (event) => (bodyOf(event)['session'] as { variables: Record<string, unknown> }).variables['x-hasura-user-id'],
      );
    const tagged = sessions.filter((value) => typeof value === 'object').length;
    expect(tagged / sessions.length).toBeGreaterThan(0.6);
    expect(tagged / sessions.length).toBeLessThan(0.9);
    expect(sessions.every((value) => typeof value === 'string' || 'Parsed' in (value as object))).toBe(true);
  });

  it('plants every kind once, in the second week', () => {
    const planted = events.filter((event) => event.planted !== undefined);
    expect(new Set(planted.map((event) => event.planted?.kind))).toEqual(new Set(PLANTED_KINDS));
    expect(new Set(planted.map((event) => event.planted?.id)).size).toBe(PLANTED_KINDS.length);
    expect(Math.min(...planted.map((event) => event.at))).toBeGreaterThan(DEMO_END - 7 * DAY);
    expect(planted.length / events.length).toBeLessThan(0.05);
  });

  it('has hard negatives, none of them planted', () => {
    const reasons = new Set(events.flatMap((event) => event.hardNegative ?? []));
    expect(reasons).toEqual(
      new Set([
        'an ad-hoc question of PromptQL',
        'the nightly job at its usual hour',
        'the schema, asked for by an administrator',
        'a page offset never asked for before',
      ]),
    );
    expect(events.some((event) => event.hardNegative !== undefined && event.planted !== undefined)).toBe(false);
  });

  it('answers for an entity what it answered before', () => {
    const emails = new Map<unknown, unknown>();
    for (const event of events) {
      if (event.path !== '/hooks/pre-response') continue;
      const { data } = bodyOf(event)['response'] as { data: { customerByCustomerId?: Record<string, unknown> } };
      const customer = data.customerByCustomerId;
      if (customer === undefined) continue;
      expect(emails.get(customer['customerId']) ?? customer['email']).toBe(customer['email']);
      emails.set(customer['customerId'], customer['email']);
    }
    expect(emails.size).toBeGreaterThan(100);
  });
});

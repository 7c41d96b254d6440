import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOwnTrafficMarker, MARKER_PERIOD_MS, OWN_TRAFFIC_HEADER } from '../../core/domain/own-traffic-marker.ts';
import type { TerminalDecision } from '../../core/domain/decision.ts';
import {
  createFakeServices,
  type FakeServices,
  HOOK_OPTIONS,
  type HookClient,
  hookBody,
  NOW,
  startHooks,
} from './fake-services.ts';

const QUERY = '{ customers { id } }';
const RESPONSE = { data: { customers: [{ id: 1 }] } };
const NDC_CALL = {
  session: { role: 'alerting', variables: {} },
  dataConnectorName: 'music',
  operationType: 'query',
  ndcRequest: {
    collection: 'customers',
    arguments: {},
    collection_relationships: {},
    query: { fields: { id: { type: 'column', column: 'id' } } },
  },
};
const NDC_RESPONSE = { ...NDC_CALL, ndcResponse: [{ rows: [{ id: 1 }] }] };
const BLOCK: TerminalDecision = { action: { type: 'block' }, ruleKey: 'closed', message: 'No.', until: null };

const traceOf = (id: string) => ({ traceparent: `00-${id.padStart(32, '0')}-b7ad6b7169203331-01` });
const signedAt = (at: number) => ({
  [OWN_TRAFFIC_HEADER]: createOwnTrafficMarker(HOOK_OPTIONS.markerSecret, { now: () => at }).sign(),
});

let services: FakeServices;
let client: HookClient;
beforeEach(async () => {
  services = createFakeServices();
  client = await startHooks(services);
});
afterEach(() => client.close());

describe('a request with our own marker', () => {
  it('is not observed at pre-response, in either use', async () => {
    const body = hookBody(QUERY, { response: RESPONSE });
    for (const parameters of ['', '?mode=synchronous&observe=true']) {
      expect((await client.call(`/hooks/pre-response${parameters}`, body, signedAt(NOW))).status).toBe(204);
    }
    await client.close();
    expect(services.observations).toEqual([]);
    expect(services.events.filter((event) => event === 'own_traffic')).toHaveLength(2);
  });

  it('is decided upon like any other, the marker being no fact, and its refusal is not recorded', async () => {
    services.decision = () => ({ terminal: BLOCK, matched: ['closed'] });
    expect((await client.call('/hooks/pre-parse', hookBody(QUERY), signedAt(NOW))).status).toBe(400);
    expect((await client.call('/hooks/pre-ndc-request', NDC_CALL, signedAt(NOW))).status).toBe(400);
    await client.close();
    expect(services.facts.map(({ fact }) => fact.headers[OWN_TRAFFIC_HEADER])).toEqual([undefined, undefined]);
    expect(services.decisions.map(({ decision }) => decision.matched)).toEqual([['closed'], ['closed']]);
    expect(services.refusals).toEqual([]);
  });

  it('is known at the NDC hooks by its trace, since engines forward no header there', async () => {
    await client.call('/hooks/pre-parse', hookBody(QUERY), { ...signedAt(NOW), ...traceOf('a') });
    await client.call('/hooks/pre-ndc-response', NDC_RESPONSE, traceOf('a'));
    await client.call('/hooks/pre-ndc-response', NDC_RESPONSE, traceOf('b'));
    await client.close();
    expect(services.observations.map(({ traceId }) => traceId)).toEqual(['b'.padStart(32, '0')]);
  });

  it('must have it at the GraphQL hooks, whatever its trace says', async () => {
    await client.call('/hooks/pre-parse', hookBody(QUERY), { ...signedAt(NOW), ...traceOf('a') });
    await client.call('/hooks/pre-response', hookBody(QUERY, { response: RESPONSE }), traceOf('a'));
    expect(services.observations).toHaveLength(1);
  });

  it.each([
    ['forged', { [OWN_TRAFFIC_HEADER]: 'f'.repeat(64) }],
    ['expired', signedAt(NOW - 2 * MARKER_PERIOD_MS)],
    ['of the future', signedAt(NOW + 2 * MARKER_PERIOD_MS)],
  ])('is observed where the marker is %s', async (_, headers) => {
    const trace = traceOf('c');
    await client.call('/hooks/pre-parse', hookBody(QUERY), { ...headers, ...trace });
    await client.call('/hooks/pre-response', hookBody(QUERY, { response: RESPONSE }), { ...headers, ...trace });
    await client.call('/hooks/pre-ndc-response', NDC_RESPONSE, { ...headers, ...trace });
    await client.close();
    expect(services.observations).toHaveLength(2);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ALBUM_QUERY, ALBUM_RESPONSE, PROCEDURE_REQUEST } from '../core/document/ndc-requests.ts';
import { type FakeServices, type HookClient, createFakeServices, startHooks } from './fake-services.ts';

const REQUEST_HOOK = '/hooks/pre-ndc-request';
const RESPONSE_HOOK = '/hooks/pre-ndc-response';

let services: FakeServices;
let client: HookClient;
beforeEach(async () => {
  services = createFakeServices();
  client = await startHooks(services);
});
afterEach(() => client.close());

const BODY = {
  session: { role: 'analyst', variables: { 'x-hasura-role': 'analyst', 'x-hasura-user-id': 7 } },
  dataConnectorName: { subgraph: 'app', name: 'chinook' },
  operationType: 'query',
  ndcVersion: 'v0.2.0',
  ndcRequest: ALBUM_QUERY,
  ndcResponse: ALBUM_RESPONSE,
};

const TERMINAL = { action: { type: 'block' }, ruleKey: 'freeze-artists', message: 'm', until: null } as const;

describe('pre-ndc-request', () => {
  it.each([[{ subgraph: 'app', name: 'chinook' }], [{ name: 'chinook' }], ['chinook']])(
    'asks for every collection of the connector %j',
    async (dataConnectorName) => {
      expect(await client.call(REQUEST_HOOK, { ...BODY, dataConnectorName })).toEqual({ status: 204, json: null });
      expect(services.facts).toMatchObject([
        {
          stage: 'pre-ndc-request',
          fact: { role: 'analyst', connector: 'chinook', collection: 'Album' },
          varying: [
            { path: ['collection'], values: ['Album', 'Artist'] },
            { path: ['arguments', 'Artist', 'Name'], values: ['AC/DC', 'Accept'] },
          ],
        },
      ]);
    },
  );

  it('blocks with 400', async () => {
    services.decision = () => ({ terminal: TERMINAL });
    expect(await client.call(REQUEST_HOOK, BODY)).toEqual({
      status: 400,
      json: { code: 'KILL_SWITCH', ruleKey: 'freeze-artists', message: 'm', until: null },
    });
    await client.close();
    expect(services.refusals).toMatchObject([
      { hook: 'pre-ndc-request', verdict: 'blocked', observation: { source: 'ndc', killed: true, datasets: [] } },
    ]);
  });

  it('blocks a procedure by its name', async () => {
    services.decision = (fact) => (fact.collection === 'update_album' ? { terminal: TERMINAL } : {});
    const body = { ...BODY, operationType: 'mutation', ndcRequest: PROCEDURE_REQUEST };
    expect((await client.call(REQUEST_HOOK, body)).status).toBe(400);
  });

  it.each([
    ['a row set, once per variable set', { rows: [] }, { ndcResponse: [{ rows: [] }, { rows: [] }] }],
    ['a list of row sets', [{ rows: [] }, { aggregates: {} }], { ndcResponse: [{ rows: [] }, { aggregates: {} }] }],
  ])('responds with %s', async (_, body, json) => {
    services.decision = () => ({ terminal: { ...TERMINAL, action: { type: 'respond', body } } });
    expect(await client.call(REQUEST_HOOK, BODY)).toEqual({ status: 200, json });
  });

  it.each([[{ data: { Album: [] } }], [[{ rows: [] }]], [null], ['x']])(
    'refuses rather than respond with a body the engine cannot read: %j',
    async (body) => {
      services.decision = () => ({ terminal: { ...TERMINAL, action: { type: 'respond', body } } });
      expect((await client.call(REQUEST_HOOK, BODY)).status).toBe(400);
    },
  );

  it('is asked for explain too', async () => {
    services.decision = () => ({ terminal: TERMINAL });
    expect((await client.call(REQUEST_HOOK, { ...BODY, operationType: 'query_explain' })).status).toBe(400);
  });
});

describe('pre-ndc-response', () => {
  it('answers 204 at once and observes afterwards', async () => {
    let release = (): void => undefined;
    const observe = services.observe.bind(services);
    services.observe = async (observation, hook) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return observe(observation, hook);
    };
    expect(await client.call(RESPONSE_HOOK, BODY)).toEqual({ status: 204, json: null });
    expect(services.observations).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
    release();
    await client.close();
    expect(services.observations).toMatchObject([
      {
        source: 'ndc',
        principal: { role: 'analyst', userId: '7' },
        shape: { rootFields: ['chinook.Album'] },
        datasets: [
          { name: 'chinook.Album', recordCount: 3 },
          { name: 'chinook.Artist', recordCount: 2 },
        ],
      },
    ]);
  });

  it("masks columns under the engine's aliases", async () => {
    services.decision = () => ({ mask: [{ path: 'Artist.Name', mask: 'fixed', text: '***' }] });
    const { status, json } = await client.call(RESPONSE_HOOK, BODY);
    expect(status).toBe(200);
    expect(json).toMatchObject([{ rows: [{ f0: 'Let There Be Rock', f2: { rows: [{ g0: '***' }] } }] }, {}]);
    await client.close();
    expect(services.observations[0]?.datasets[1]?.columns[0]?.cells).toEqual(['AC/DC', 'Accept']);
  });

  it('masks the results of a mutation', async () => {
    services.decision = () => ({ mask: [{ path: 'update_album.Title', mask: 'fixed', text: '***' }] });
    const ndcResponse = { operation_results: [{ type: 'procedure', result: { a: 4, b: 'x' } }] };
    const body = { ...BODY, operationType: 'mutation', ndcRequest: PROCEDURE_REQUEST, ndcResponse };
    expect(await client.call(RESPONSE_HOOK, body)).toEqual({
      status: 200,
      json: { operation_results: [{ type: 'procedure', result: { a: 4, b: '***' } }] },
    });
  });

  it.each([
    ['the request is of a kind unknown to us', { fields: { f0: { type: 'computed', column: 'Title' } } }, 'Title'],
    ['a text stands for the object that holds the column', ALBUM_QUERY.query, 'Title.en'],
  ])('withholds the rows where %s', async (_, query, path) => {
    services.decision = () => ({ mask: [{ path: `Album.${path}`, mask: 'null' }] });
    const answer = await client.call(RESPONSE_HOOK, { ...BODY, ndcRequest: { ...ALBUM_QUERY, query } });
    expect(answer).toMatchObject({ status: 400, json: { code: 'KILL_SWITCH' } });
    expect(JSON.stringify(answer.json)).not.toContain('Let There Be Rock');
  });

  it.each([['query_explain'], ['mutation_explain'], ['queryExplain']])(
    'observes no plan: %s',
    async (operationType) => {
      expect((await client.call(RESPONSE_HOOK, { ...BODY, operationType, ndcResponse: { details: {} } })).status).toBe(
        204,
      );
      await client.close();
      expect(services.observations).toEqual([]);
    },
  );

  it.each([
    ['relational', { ndcRequest: { root_relation: {} }, ndcResponse: { rows: [[1]] } }],
    ['not configured to be sent', { ndcRequest: null, ndcResponse: null }],
    ['without a connector', { dataConnectorName: null }],
  ])('continues where the body is %s', async (_, changes) => {
    services.decision = () => ({ terminal: TERMINAL });
    expect((await client.call(RESPONSE_HOOK, { ...BODY, ...changes })).status).toBe(204);
    expect(services.events).toContain('unknown_shape');
  });

  it('drops and counts observations beyond what may wait', async () => {
    const busy = await startHooks(services, { maxPending: 1 });
    let release = (): void => undefined;
    services.observe = (observation) =>
      new Promise((resolve) => {
        release = () => resolve({ analysis: { observation } as never, stored: 'committed' });
      });
    await busy.call(RESPONSE_HOOK, BODY);
    await busy.call(RESPONSE_HOOK, BODY);
    expect(services.events).toContain('dropped');
    await new Promise((resolve) => setImmediate(resolve));
    release();
    await busy.close();
  });
});

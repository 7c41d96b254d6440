import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TerminalDecision } from '../../core/domain/decision.ts';
import { type FakeServices, type HookClient, NOW, createFakeServices, hookBody, startHooks } from './fake-services.ts';

const URL = '/hooks/pre-parse';
const QUERY = 'query Q($id: ID) { customers(id: $id) { id ssn } }';

let services: FakeServices;
let client: HookClient;
beforeEach(async () => {
  services = createFakeServices();
  client = await startHooks(services);
});
afterEach(() => client.close());

const blocking = (changes: Partial<TerminalDecision> = {}): TerminalDecision => ({
  action: { type: 'block' },
  ruleKey: 'freeze-support',
  message: 'Temporarily blocked.',
  until: NOW,
  ...changes,
});

const DETAILS = {
  code: 'KILL_SWITCH',
  ruleKey: 'freeze-support',
  message: 'Temporarily blocked.',
  until: '2026-03-10T12:00:00.000Z',
};

describe('a decision at pre-parse', () => {
  it('is made on the facts of the request', async () => {
    await client.call(
      URL,
      hookBody(QUERY, { rawRequest: { query: QUERY, variables: { id: 5 }, operationName: 'Q' } }),
      {
        'user-agent': 'curl',
        cookie: 'secret',
      },
    );
    expect(services.facts).toHaveLength(1);
    expect(services.facts[0]).toMatchObject({
      stage: 'pre-parse',
      fact: { role: 'support', operationName: 'Q', rootFields: ['customers'], arguments: { customers: { id: 5 } } },
    });
    expect(services.facts[0]?.fact.headers).toMatchObject({ 'user-agent': 'curl' });
    expect(JSON.stringify(services.facts[0]?.fact)).not.toMatch(/secret/);
  });

  it('is counted once, whatever the number of uses of a root field', async () => {
    services.decision = () => ({ matched: ['freeze-support'] });
    await client.call(URL, hookBody('{ a: customers(id: 1) { name } b: customers(id: 2) { name } }'));
    expect(services.facts).toMatchObject([{ varying: [{ path: ['arguments', 'customers'] }] }]);
    expect(services.decisions).toMatchObject([
      { decision: { matched: ['freeze-support'] }, role: 'support', stage: 'pre-parse' },
    ]);
  });

  it('without rules builds no facts', async () => {
    services.rules = false;
    expect(await client.call(URL, hookBody(QUERY))).toEqual({ status: 204, json: null });
    expect(services.facts).toEqual([]);
  });

  it('lets the request continue with 204', async () => {
    expect(await client.call(URL, hookBody(QUERY))).toEqual({ status: 204, json: null });
  });

  it("blocks with 400 and the rule's words", async () => {
    services.decision = () => ({ terminal: blocking() });
    expect(await client.call(URL, hookBody(QUERY))).toEqual({ status: 400, json: DETAILS });
  });

  it('blocks quietly with a GraphQL error', async () => {
    services.decision = () => ({ terminal: blocking({ action: { type: 'block', quiet: true }, until: null }) });
    const { message, ...extensions } = DETAILS;
    expect(await client.call(URL, hookBody(QUERY))).toEqual({
      status: 200,
      json: { data: null, errors: [{ message, extensions: { ...extensions, until: null } }] },
    });
  });

  it('responds with the stored body', async () => {
    services.decision = () => ({
      terminal: blocking({ action: { type: 'respond', body: { data: { customers: [] } } } }),
    });
    expect(await client.call(URL, hookBody(QUERY))).toEqual({ status: 200, json: { data: { customers: [] } } });
  });

  it('is made for a request whose document cannot be read', async () => {
    services.decision = (fact) => (fact.role === 'support' ? { terminal: blocking() } : {});
    expect((await client.call(URL, hookBody('{a'.repeat(10_000)))).status).toBe(400);
    expect(services.events).toContain('unreadable_document');
  });

  it('records a refused request, without waiting and without data', async () => {
    services.decision = () => ({ terminal: blocking() });
    await client.call(URL, hookBody(QUERY));
    await client.close();
    expect(services.refusals).toMatchObject([
      {
        hook: 'pre-parse',
        verdict: 'blocked',
        ruleKey: 'freeze-support',
        observation: {
          killed: true,
          datasets: [],
          shape: { rootFields: ['customers'] },
          principal: { role: 'support' },
        },
      },
    ]);
  });
});

describe('stripping at pre-parse', () => {
  it('answers 299 with query, variables and operation name', async () => {
    services.decision = () => ({ strip: ['customers.ssn'] });
    expect(
      await client.call(
        URL,
        hookBody(QUERY, { rawRequest: { query: QUERY, variables: { id: 5 }, operationName: 'Q' } }),
      ),
    ).toEqual({
      status: 299,
      json: {
        query: 'query Q($id: ID) {\n  customers(id: $id) {\n    id\n  }\n}',
        variables: { id: 5 },
        operationName: 'Q',
      },
    });
  });

  it('leaves a request alone that asks for none of the fields', async () => {
    services.decision = () => ({ strip: ['orders'] });
    expect((await client.call(URL, hookBody(QUERY))).status).toBe(204);
  });

  it('blocks where no field is left', async () => {
    services.decision = () => ({ strip: ['customers'], matched: ['hide-customers'] });
    expect(await client.call(URL, hookBody(QUERY))).toMatchObject({
      status: 400,
      json: { code: 'KILL_SWITCH', ruleKey: 'hide-customers' },
    });
  });

  it('refuses a request whose variables cannot be written again rather than let it pass whole', async () => {
    services.decision = () => ({ strip: ['customers.ssn'], matched: ['hide-ssn'] });
    const nested = '['.repeat(100_000) + ']'.repeat(100_000);
    const body = JSON.stringify(hookBody(QUERY)).replace('"variables":null', `"variables":{"id":${nested}}`);
    expect(await client.call(URL, body)).toMatchObject({ status: 400, json: { ruleKey: 'hide-ssn' } });
  });

  it.each([
    ['the engine refuses: a syntax error', '{ a', 204],
    ['only we cannot read: a document beyond our limits', '{a'.repeat(10_000), 400],
  ])('where the document cannot be read, lets pass what %s', async (_, query, status) => {
    services.decision = () => ({ strip: ['a.b'], matched: ['r'] });
    expect((await client.call(URL, hookBody(query))).status).toBe(status);
  });
});

describe('the deadline of a decision', () => {
  it('lets the request continue by default', async () => {
    services.decision = () => ({ unfinished: true, strip: ['customers.ssn'] });
    expect(await client.call(URL, hookBody(QUERY))).toEqual({ status: 204, json: null });
    expect(services.events).toContain('deadline_exceeded');
  });

  it('blocks where the configuration says so', async () => {
    const strict = await startHooks(services, { onDeadline: 'block' });
    services.decision = () => ({ unfinished: true });
    expect(await strict.call(URL, hookBody(QUERY))).toMatchObject({
      status: 500,
      json: { code: 'KILL_SWITCH_UNDECIDED' },
    });
    await strict.close();
  });

  it('does not lift what a rule that was asked in time has blocked', async () => {
    services.decision = () => ({ unfinished: true, terminal: blocking() });
    expect((await client.call(URL, hookBody(QUERY))).status).toBe(400);
  });

  it('passes by the clock while the rules are asked', async () => {
    const impatient = await startHooks(services, { decisionDeadlineMs: 1 });
    services.decision = (_, isOverdue) => {
      if (isOverdue()) throw new Error('the deadline has passed before it began');
      while (!isOverdue());
      return {};
    };
    expect((await impatient.call(URL, hookBody(QUERY))).status).toBe(204);
    expect(services.errors).toEqual([]);
    await impatient.close();
  });
});

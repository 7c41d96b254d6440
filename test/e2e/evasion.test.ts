import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServiceProcess, startService } from '../support/service-process.ts';
import { callProcedure, postJson } from '../support/traffic.ts';

/** Requests that mean the same and look otherwise, against the started service: what a caller may try around a rule. */

let service: ServiceProcess;

beforeAll(async () => {
  service = await startService();
});

afterAll(async () => {
  await service.end();
  service.remove();
});

interface TestRule {
  readonly condition: string;
  readonly key?: string;
  readonly [field: string]: unknown;
}

/** Runs while the rules are in force. */
async function withRules(rules: readonly TestRule[], run: () => Promise<void>): Promise<void> {
  const ids: unknown[] = [];
  try {
    for (const rule of rules) {
      const key = `evasion-${crypto.randomUUID()}`;
      const created = { key, status: 'active', reason: 'a test', ...rule };
      ids.push((await callProcedure(service, 'create_kill_switch_rule', created))['id']);
    }
    await run();
  } finally {
    for (const id of ids) await callProcedure(service, 'archive_kill_switch_rule', { id });
  }
}

interface Answer {
  readonly status: number;
  /** `any`: each test knows the shape of its own refusal. */
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

async function hook(name: string, body: unknown): Promise<Answer> {
  const response = await postJson(`${service.apiUrl}/hooks/${name}`, body);
  return { status: response.status, body: response.status === 204 ? null : await response.json() };
}

const SESSION = { role: 'user', variables: { 'x-hasura-role': 'user' } };

const preParse = (query: string, changes: object = {}) =>
  hook('pre-parse', { session: SESSION, rawRequest: { query, variables: null, operationName: null }, ...changes });

describe('a rule on the role', () => {
  it.each([
    ['bare', 'user'],
    ['tagged', { Parsed: 'user' }],
    ['tagged and empty', { Unparsed: '' }],
    ['of no readable form', [1]],
  ])('holds for a session whose role is %s', async (_, role) => {
    await withRules([{ condition: 'role == "user"' }], async () => {
      expect((await preParse('{ customers { id } }', { session: { ...SESSION, role } })).status).toBe(400);
    });
  });
});

describe('a rule on a number', () => {
  it.each(['1001', '99999999999999999999', '9007199254740993', '1e30', '1e999'])('holds for %s', async (amount) => {
    await withRules([{ condition: 'arguments.transfer.amount > 1000' }], async () => {
      expect((await preParse(`mutation { transfer(amount: ${amount}) { id } }`)).status).toBe(400);
      expect((await preParse('mutation { transfer(amount: 1000) { id } }')).status).toBe(204);
    });
  });
});

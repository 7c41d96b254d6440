import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { OpenFeature, ProviderEvents } from '@openfeature/server-sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKillSwitchClient } from '../../client/kill-switch-client.ts';
import { KillSwitchProvider } from '../../client/openfeature.ts';
import { type ServiceProcess, startService } from '../support/service-process.ts';
import { callProcedure, until } from '../support/traffic.ts';

const PROGRAM = resolve(import.meta.dirname, '../support/client-program.ts');

interface Answer {
  readonly started?: boolean;
  readonly matches: boolean;
  readonly rule: string | null;
  readonly revision: number;
  readonly status: string;
}

interface Program {
  next(): Promise<Answer>;
  ask(fact: object): Promise<Answer>;
  end(): Promise<number | null>;
}

function startProgram(url: string, snapshot: string): Program {
  const child = spawn(process.execPath, [PROGRAM, url, 'payments', snapshot], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value as string) as Answer;
  return {
    next,
    ask(fact) {
      child.stdin.write(`${JSON.stringify(fact)}\n`);
      return next();
    },
    end() {
      const exited = new Promise<number | null>((done) => child.once('exit', done));
      child.stdin.end();
      return exited;
    },
  };
}

let service: ServiceProcess;
let folder: string;
let port: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ndc-sentinel-client-'));
  service = await startService();
  port = new URL(service.apiUrl).port;
});

afterAll(async () => {
  await service.end();
  service.remove();
  rmSync(folder, { recursive: true, force: true });
});

const FACT = { WORKFLOW: 'PURCHASE', BANK: 'HSBC' };
const RULE = {
  namespace: 'payments',
  key: 'hsbc-down',
  condition: 'WORKFLOW == "PURCHASE" and BANK == "HSBC"',
  status: 'active',
  reason: 'HSBC is down',
};

describe('a program with the client package', () => {
  it('follows rules as they are switched, and keeps the last known ones while the service is away', async () => {
    const snapshot = join(folder, 'payments.jsonl');
    const program = startProgram(service.apiUrl, snapshot);
    expect(await program.next()).toMatchObject({ started: true, status: 'current' });
    expect((await program.ask(FACT)).matches).toBe(false);

    const { id } = await callProcedure(service, 'create_kill_switch_rule', RULE);
    await until(async () => (await program.ask(FACT)).matches, 5);
    expect(await program.ask(FACT)).toMatchObject({ rule: 'hsbc-down', status: 'current' });
    expect((await program.ask({ WORKFLOW: 'PURCHASE', BANK: 'DBS' })).matches).toBe(false);

    await service.end('SIGKILL');
    await until(async () => (await program.ask(FACT)).status === 'stale', 10);
    expect(await program.ask(FACT)).toMatchObject({ matches: true, rule: 'hsbc-down' });

    // A second one starts from what the first one left, while there is nobody to ask.
    const second = startProgram(service.apiUrl, snapshot);
    expect(await second.next()).toMatchObject({ started: true, status: 'stale' });
    expect((await second.ask(FACT)).matches).toBe(true);
    expect(await second.end()).toBe(0);

    service = await startService({ folder: service.folder, environment: { PORT: port } });
    await until(async () => (await program.ask(FACT)).status === 'current', 15);
    expect((await program.ask(FACT)).matches).toBe(true);
    await callProcedure(service, 'deactivate_kill_switch_rule', { id });
    await until(async () => !(await program.ask(FACT)).matches, 5);
    expect(await program.end()).toBe(0);
  });

  it('takes a snapshot that is not whole for none', async () => {
    const snapshot = join(folder, 'broken.jsonl');
    // Its first block: a further one that is cut off would leave this one.
    const [whole = ''] = readFileSync(join(folder, 'payments.jsonl'), 'utf8').split(/(?<=\n)(?=\{"format")/);
    for (const text of [whole.slice(0, -20), whole.replace('"HSBC is down"', '"HSBC is up"'), '', '{}']) {
      writeFileSync(snapshot, text);
      const client = createKillSwitchClient({
        url: 'http://127.0.0.1:9',
        namespace: 'payments',
        snapshot,
        stream: false,
      });
      await expect(client.start()).rejects.toThrow();
      expect(client.evaluate(FACT)).toMatchObject({ matched: [], stale: true });
      await client.close();
    }
  });

  it('takes a snapshot of another namespace for none, and one of its own only until the service answers', async () => {
    const snapshot = join(folder, 'payments.jsonl');
    const away = createKillSwitchClient({ url: 'http://127.0.0.1:9', namespace: 'pay2', snapshot, stream: false });
    await expect(away.start()).rejects.toThrow();
    await away.close();

    const asked: string[] = [];
    const client = createKillSwitchClient({
      url: service.apiUrl,
      namespace: 'payments',
      snapshot,
      stream: false,
      fetch: (input, init) => {
        asked.push(new URL(input as URL).search);
        return asked.length === 1 ? Promise.reject(new Error('away')) : fetch(input, init);
      },
    });
    await client.start();
    expect(client.status).toBe('stale');
    await client.refresh();
    expect(client.status).toBe('current');
    // The revision of the snapshot may be another service's: what is held is replaced, not continued.
    expect(asked).toEqual(['?namespace=payments', '?namespace=payments']);
    await client.close();
  });

  it('polls where it may not stream, and only hears of what changed', async () => {
    const requests: string[] = [];
    const client = createKillSwitchClient({
      url: service.apiUrl,
      namespace: 'polled',
      stream: false,
      refreshSeconds: 0.05,
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        requests.push(`${new URL(input as URL).search} ${response.status}`);
        return response;
      },
    });
    await client.start();
    const before = client.revision;
    await until(async () => requests.some((request) => request.endsWith(' 304')), 5);
    await callProcedure(service, 'create_kill_switch_rule', { ...RULE, namespace: 'polled' });
    await until(async () => client.evaluate(FACT).matched.length > 0, 5);
    expect(requests).toContain(`?namespace=polled&since=${before} 200`);
    await client.close();
  });

  it('says what is wrong with its settings and goes on without rules', async () => {
    const client = createKillSwitchClient({ url: service.apiUrl, namespace: 'x', token: 'wrong', stream: false });
    await expect(client.start()).rejects.toThrow(/answered 401/);
    expect(client.status).toBe('starting');
    expect(client.evaluate({}).matched).toEqual([]);
    await client.close();
  });
});

describe('the OpenFeature provider', () => {
  it('resolves rules and namespaces as flags, with reasons, and tells of changes', async () => {
    for (const [key, status] of [
      ['closed', 'active'],
      ['tried', 'dry_run'],
    ] as const) {
      await callProcedure(service, 'create_kill_switch_rule', {
        namespace: 'shop',
        key,
        condition: 'country == "AT" or 1 > amount',
        status,
        reason: 'a test',
        action_type: 'respond',
        action: { body: {} },
      });
    }
    const client = createKillSwitchClient({ url: service.apiUrl, namespace: 'shop' });
    await OpenFeature.setProviderAndWait(new KillSwitchProvider(client));
    const flags = OpenFeature.getClient();
    const changed: string[] = [];
    flags.addHandler(ProviderEvents.ConfigurationChanged, (event) => void changed.push(...(event?.flagsChanged ?? [])));

    expect(await flags.getBooleanDetails('shop.closed', false, { country: 'AT', amount: 5 })).toMatchObject({
      value: true,
      reason: 'TARGETING_MATCH',
      variant: 'on',
    });
    expect(await flags.getBooleanDetails('shop.closed', true, { country: 'DE', amount: 5 })).toMatchObject({
      value: false,
      reason: 'DEFAULT',
    });
    expect(await flags.getBooleanDetails('shop.tried', true, { country: 'AT' })).toMatchObject({
      value: false,
      reason: 'DISABLED',
    });
    expect(await flags.getBooleanDetails('shop.closed', true, { amount: 'many' })).toMatchObject({
      value: true,
      reason: 'ERROR',
      errorCode: 'GENERAL',
    });
    expect(await flags.getBooleanDetails('shop.nothing', true, {})).toMatchObject({
      value: true,
      errorCode: 'FLAG_NOT_FOUND',
    });
    expect(await flags.getObjectValue('shop', {}, { country: 'AT' })).toMatchObject({
      matches: true,
      action: 'respond',
      ruleKey: 'closed',
    });
    expect(await flags.getStringDetails('shop.closed', 'x')).toMatchObject({ value: 'x', errorCode: 'TYPE_MISMATCH' });

    await callProcedure(service, 'create_kill_switch_rule', { ...RULE, namespace: 'shop' });
    await until(async () => changed.includes('shop.hsbc-down'), 5);
    await OpenFeature.close();
    expect(client.status).toBe('closed');
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { createHost } from '../../connector/host.ts';
import { createConnector } from '../../connector/sentinel-connector.ts';
import { scalar } from '../../core/domain/kind.ts';
import type { Catalogue, CompiledDialectName } from '../../schema/catalogue.ts';
import { createQueryEngine } from '../../schema/query/query-engine.ts';
import { createMariadbReader } from '../../schema/readers/mariadb-reader.ts';
import { createPostgresReader } from '../../schema/readers/postgres-reader.ts';
import type { Reader } from '../../schema/readers/reader.ts';
import { createSqliteReader } from '../../schema/readers/sqlite-reader.ts';
import { call } from '../support/http.ts';
import { VERB_TABLE } from '../support/ndc-fixture.ts';

const ROWS = 5_000;
const CHARACTERS = 4_096;

/** Twenty megabytes of rows: more than the sockets between two processes hold. */
const CATALOGUE: Catalogue = {
  collections: new Map([
    [
      'pages',
      {
        name: 'pages',
        description: 'Numbered pages of the same text.',
        rowType: 'page',
        columns: [
          { name: 'id', description: 'Number.', type: scalar('int32'), kind: 'int32', nullable: false },
          { name: 'body', description: 'Text.', type: scalar('string'), kind: 'string', nullable: false },
        ],
        primaryKey: ['id'],
        foreignKeys: new Map(),
        uniqueConstraints: new Map(),
        backing: {
          type: 'select',
          sql: {
            sqlite: `with recursive n(i) as (select 1 union all select i + 1 from n limit ${ROWS}) select i as id, printf('%.*c', ${CHARACTERS}, 'x') as body from n`,
            postgresql: `select i as id, repeat('x', ${CHARACTERS}) as body from generate_series(1, ${ROWS}) as i`,
            mariadb: `select seq as id, repeat('x', ${CHARACTERS}) as body from seq_1_to_${ROWS}`,
          } as Record<CompiledDialectName, string>, // those that are read here
        },
      },
    ],
  ]),
};

type Open = (options: { readonly connections: number; readonly statementTimeoutMs: number }) => Promise<Reader>;

const READERS: Record<string, Open> = {
  async SQLite(options) {
    const folder = mkdtempSync(join(tmpdir(), 'ndc-sentinel-long-'));
    const path = join(folder, 'empty.sqlite');
    new Database(path).exec('create table t (i)').close();
    closing.push(async () => rmSync(folder, { recursive: true }));
    return createSqliteReader({ path, ...options });
  },
  PostgreSQL: async (options) => createPostgresReader({ connectionString: inject('postgresUrl'), ...options }),
};

const mariadbUrl = process.env['TEST_MARIADB_URL'];
if (mariadbUrl) {
  const connectionString = Object.assign(new URL(mariadbUrl), { pathname: '/mysql' }).toString();
  READERS['MariaDB'] = async (options) => createMariadbReader({ connectionString, ...options });
}

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Served {
  readonly url: string;
  readonly logged: { readonly event?: string; readonly code?: string }[];
}

/** The host over a reader with one connection: one that is not given back is missed at once. */
async function serve(name: string, { rows = 50_000, statementTimeoutMs = 30_000 } = {}): Promise<Served> {
  const runner = await (READERS[name] as Open)({ connections: 1, statementTimeoutMs });
  const logged: Served['logged'] = [];
  const log = (fields: object): void => void logged.push(fields);
  const connector = createConnector({
    engine: createQueryEngine(CATALOGUE, { rows }),
    runner,
    verbs: VERB_TABLE,
    snapshot: () => Promise.reject(new Error('no function is asked here')),
    transaction: () => Promise.reject(new Error('nothing is written here')),
  });
  const host = createHost({
    connector,
    secret: undefined,
    logger: { info: log, warn: log, error: log },
    metrics: () => '',
  });
  const url = await host.listen({ host: '127.0.0.1', port: 0 });
  closing.push(
    () => runner.close(),
    () => host.close(),
  );
  return { url, logged };
}

function pages(limit?: number): string {
  const fields = { id: { type: 'column', column: 'id' }, body: { type: 'column', column: 'body' } };
  const query = { fields, ...(limit === undefined ? {} : { limit }) };
  return JSON.stringify({ collection: 'pages', arguments: {}, collection_relationships: {}, query });
}

/** The head of an answer whose body is not read. */
function head(url: string, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    httpRequest(`${url}/query`, { method: 'POST', headers }, resolve).once('error', reject).end(body);
  });
}

async function expectNextAnswer({ url }: Served): Promise<void> {
  const answer = await call(url, { path: '/query', body: pages(1) });
  expect(answer).toMatchObject({ status: 200, json: [{ rows: [{ id: 1 }] }] });
}

describe.each(Object.keys(READERS))('a long answer from %s', (name) => {
  it('arrives whole, in order', async () => {
    const { url } = await serve(name);
    const { status, json } = await call(url, { path: '/query', body: pages() });
    const [{ rows }] = json as [{ rows: { id: number; body: string }[] }];
    expect(status).toBe(200);
    expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: ROWS }, (_, i) => i + 1));
    expect(rows.at(-1)?.body).toBe('x'.repeat(CHARACTERS));
  });

  it('gives its connection back where the client goes away in the middle', async () => {
    const served = await serve(name);
    for (let i = 0; i < 3; i++) (await head(served.url, pages(ROWS))).destroy();
    await expectNextAnswer(served);
    expect(served.logged.filter(({ event }) => event !== 'ndc_request')).toEqual([]);
  });

  it('is cut off where the client stops reading for longer than a statement may take', async () => {
    const served = await serve(name, { statementTimeoutMs: 1_000 });
    const response = await head(served.url, pages(ROWS));
    expect(response.statusCode).toBe(200);
    await vi.waitFor(
      () =>
        expect(served.logged).toContainEqual(
          expect.objectContaining({ event: 'ndc_answer_cut', code: 'STATEMENT_TIMEOUT' }),
        ),
      { timeout: 10_000 },
    );
    await expect(response.resume().toArray()).rejects.toThrow('aborted');
    await expectNextAnswer(served);
  });

  it('that turns out too long is refused while nothing has left, else cut off', async () => {
    const refusing = await serve(name, { rows: 1_000 });
    const refused = await call(refusing.url, { path: '/query', body: pages() });
    expect(refused).toMatchObject({ status: 422, json: { details: { code: 'TOO_MANY_ROWS', path: 'query' } } });
    await expectNextAnswer(refusing);
    const cutting = await serve(name, { rows: ROWS - 1 });
    await expect(call(cutting.url, { path: '/query', body: pages() })).rejects.toThrow('aborted');
    expect(cutting.logged).toContainEqual(expect.objectContaining({ event: 'ndc_answer_cut', code: 'TOO_MANY_ROWS' }));
    await expectNextAnswer(cutting);
  });
});

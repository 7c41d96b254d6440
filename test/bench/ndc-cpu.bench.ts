/**
 * CPU of the connector per request over HTTP, against a bare Fastify server that runs hand-written SQL on the bare `pg`
 * driver and answers the same rows as JSON. Both servers live in one process of their own (all its threads are counted,
 * the client and PostgreSQL are not) and are asked by turns. The connector remembers what it compiled, so it is asked both
 * the same again and again and something new each time. `npx node test/bench/run.ts ndc-cpu`
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import type { Listening } from './ndc-cpu-server.ts';
import { HAND_WRITTEN, fillPostgres } from './query-workload.ts';

const ROUNDS = 7;
/** Of one round; a round of the largest request takes seconds. */
const ROUND_MS = 800;
const WARM_UP_MS = 3_000;

const column = (name: string): object => ({ type: 'column', column: name });
const columns = (...names: string[]): object => Object.fromEntries(names.map((name) => [name, column(name)]));
const relationship = (target: string, mapping: object): object => ({
  column_mapping: mapping,
  relationship_type: 'array',
  target_collection: target,
  arguments: {},
});
const related = (name: string, fields: object): object => ({
  type: 'relationship',
  relationship: name,
  arguments: {},
  query: { fields },
});

/** As the engine sends them, in the order of `HAND_WRITTEN`. */
const BODIES = [
  {
    collection: 'artists',
    query: {
      fields: columns('id', 'name', 'country', 'external_id', 'founded', 'rating', 'plays', 'status'),
      limit: 100,
      predicate: {
        type: 'binary_comparison_operator',
        column: { type: 'column', name: 'id' },
        operator: '_gt',
        value: { type: 'scalar', value: 500 },
      },
    },
    arguments: {},
    collection_relationships: {},
  },
  {
    collection: 'artists',
    query: {
      fields: {
        ...columns('id', 'name'),
        albums: related('albums', {
          ...columns('id', 'title'),
          tracks: related('tracks', columns('position', 'title')),
        }),
      },
      limit: 100,
    },
    arguments: {},
    collection_relationships: {
      albums: relationship('albums', { id: ['artist_id'] }),
      tracks: relationship('tracks', { id: ['album_id'] }),
    },
  },
  {
    collection: 'albums',
    query: {
      groups: {
        dimensions: [{ type: 'column', column_name: 'year', path: [] }],
        aggregates: {
          count: { type: 'star_count' },
          mean: { type: 'single_column', column: 'price', function: 'avg' },
        },
      },
    },
    arguments: {},
    collection_relationships: {},
  },
];

export async function run(): Promise<void> {
  const url = process.env['TEST_POSTGRES_URL'];
  if (!url) {
    console.log('not measured; set TEST_POSTGRES_URL');
    return;
  }
  const database = await fillPostgres(url);
  const server = fork(join(import.meta.dirname, 'ndc-cpu-server.ts'), [database.url]);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const [{ ndcUrl, bareUrl }] = (await once(server, 'message')) as [Listening];
    for (const [index, name] of Object.keys(HAND_WRITTEN).entries()) {
      const theirs = (): Promise<string> => ask(agent, `${bareUrl}/${index}`);
      const same = JSON.stringify(BODIES[index]);
      await compare(server, `${name}, again and again`, () => ask(agent, `${ndcUrl}/query`, same), theirs);
      // A property that no answer depends on makes another request of it, which the connector has not compiled yet.
      let asked = 0;
      const another = (): string => JSON.stringify({ ...BODIES[index], asked: asked++ });
      await compare(server, `${name}, never seen before`, () => ask(agent, `${ndcUrl}/query`, another()), theirs);
    }
  } finally {
    agent.destroy();
    server.kill();
    await database.drop();
  }
}

type Ask = () => Promise<string>;

async function compare(server: ChildProcess, name: string, ours: Ask, theirs: Ask): Promise<void> {
  const size = `${((await ours()).length / 1_024).toFixed(0)} KiB against ${((await theirs()).length / 1_024).toFixed(0)}`;
  for (const task of [ours, theirs]) await repeat(task, WARM_UP_MS);
  const rounds: { readonly ours: number; readonly theirs: number }[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    rounds.push({ ours: await cpuPerRequest(server, ours), theirs: await cpuPerRequest(server, theirs) });
  }
  const mine = median(rounds.map((round) => round.ours));
  const bare = median(rounds.map((round) => round.theirs));
  const ratios = rounds.map((round) => round.ours / round.theirs).sort((a, b) => a - b);
  console.log(
    `${name}: CPU ${mine.toFixed(3)} ms against ${bare.toFixed(3)} ms by hand, ratio ${median(ratios).toFixed(2)} (mark: ≤ 2; ${ROUNDS} rounds, ${ratios[0]?.toFixed(2)} to ${ratios.at(-1)?.toFixed(2)}); ${size}`,
  );
}

async function cpuPerRequest(server: ChildProcess, task: Ask): Promise<number> {
  const before = await cpuMs(server);
  const count = await repeat(task, ROUND_MS);
  return ((await cpuMs(server)) - before) / count;
}

async function repeat(task: Ask, forMs: number): Promise<number> {
  let count = 0;
  for (const end = performance.now() + forMs; performance.now() < end; count++) await task();
  return count;
}

async function cpuMs(server: ChildProcess): Promise<number> {
  server.send('cpu');
  const [{ user, system }] = (await once(server, 'message')) as [NodeJS.CpuUsage];
  return (user + system) / 1_000;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number;
}

function ask(agent: Agent, url: string, body?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      agent,
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json' },
    };
    const outgoing = httpRequest(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`${response.statusCode}: ${text}`));
      });
    });
    outgoing.once('error', reject).end(body);
  });
}

if (import.meta.main) await run();

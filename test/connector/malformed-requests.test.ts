import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createPrng, type Prng } from '../../core/detection/statistics/prng.ts';
import { NDC_DIALECTS, type NdcServer, startNdcServer } from '../support/ndc-server.ts';

/** More with NDC_MALFORMED_REQUESTS=20000. */
const REQUESTS = Number(process.env['NDC_MALFORMED_REQUESTS'] ?? 600);
const SNAPSHOTS = join(import.meta.dirname, '..', 'ndc-snapshots', 'query');

const requests = readdirSync(SNAPSHOTS).map(
  (name) => JSON.parse(readFileSync(join(SNAPSHOTS, name, 'request.json'), 'utf8')) as unknown,
);

/** What may stand anywhere by mistake: every kind of JSON, numbers out of range, names that every object has. */
const WRONG: readonly unknown[] = [
  null,
  true,
  '',
  '5',
  'id',
  'artists',
  '__proto__',
  'constructor',
  '\u0000',
  '\ud800',
  0,
  -1,
  1.5,
  2 ** 53,
  1e308,
  [],
  [null],
  ['id', 'id'],
  {},
  { type: 'column' },
  { type: 'and', expressions: [{}] },
  { type: 'variable', name: 'x' },
];

describe.each(NDC_DIALECTS)('on %s', (dialect) => {
  let server: NdcServer;
  beforeAll(async () => {
    server = await startNdcServer(dialect, inject('postgresUrl'));
  });
  afterAll(() => server.close());

  it(`${REQUESTS} requests with one thing wrong are answered or refused, never with a defect`, async () => {
    const prng = createPrng('malformed requests');
    const statuses = new Map<number, number>();
    for (let i = 0; i < REQUESTS; i++) {
      const request = spoil(structuredClone(requests[prng.integer(requests.length)]), prng);
      const answer = await server.post('/query', request);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      const allowed = [200, 400, 422, 501];
      if (!allowed.includes(answer.status)) {
        expect.fail(
          `${answer.status} ${answer.text}\n${JSON.stringify(request)}\n${JSON.stringify(server.logged.at(-2))}`,
        );
      }
      if (answer.status !== 200) {
        expect(answer.json).toEqual({
          message: expect.any(String),
          details: expect.objectContaining({ code: expect.any(String) }),
        });
      }
    }
    // Neither is everything refused nor everything let through.
    expect(statuses.get(200)).toBeGreaterThan(REQUESTS / 50);
    expect(statuses.get(400)).toBeGreaterThan(REQUESTS / 4);
  });
});

/** Walks to a random place and replaces, removes, adds or copies what is there. */
function spoil(document: unknown, prng: Prng): unknown {
  let parent = document as Record<string, unknown>;
  for (;;) {
    const keys = Object.keys(parent);
    if (keys.length === 0) {
      if (!Array.isArray(parent)) parent['extra'] = wrong(prng);
      return document;
    }
    const key = keys[prng.integer(keys.length)] as string;
    const child = parent[key];
    if (typeof child === 'object' && child !== null && prng.uniform() < 0.75) {
      parent = child as Record<string, unknown>;
      continue;
    }
    const choice = prng.uniform();
    if (choice < 0.7) parent[key] = wrong(prng);
    else if (choice < 0.85 && !Array.isArray(parent)) delete parent[key];
    else parent[key] = structuredClone(parent[keys[prng.integer(keys.length)] as string]);
    return document;
  }
}

function wrong(prng: Prng): unknown {
  return structuredClone(WRONG[prng.integer(WRONG.length)]);
}

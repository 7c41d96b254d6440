import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { CAPABILITIES } from '../../connector/capabilities.ts';
import { capabilitiesUsed } from '../support/ndc-capabilities-used.ts';
import { NDC_DIALECTS, type NdcServer, startNdcServer } from '../support/ndc-server.ts';

/** The layout of the official `ndc-test replay`, so that both runners use the same files. */
const SNAPSHOTS = join(import.meta.dirname, '..', 'ndc-snapshots');

const casesOf = (kind: 'query' | 'mutation'): string[] => readdirSync(join(SNAPSHOTS, kind)).sort();

const requestOf = (kind: string, name: string): unknown =>
  JSON.parse(readFileSync(join(SNAPSHOTS, kind, name, 'request.json'), 'utf8')) as unknown;

/** Databases differ in the last digits of what they compute. */
const rounded = (answer: unknown): string =>
  JSON.stringify(answer, (_key, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(12)) : value));

describe.each(NDC_DIALECTS)('on %s', (dialect) => {
  let server: NdcServer;
  beforeAll(async () => {
    server = await startNdcServer(dialect, inject('postgresUrl'));
  });
  afterAll(() => server.close());

  // Mutations run after all queries and in the order of their names, as the official runner does.
  for (const kind of ['query', 'mutation'] as const) {
    it.each(casesOf(kind))(`${kind}/%s`, async (name) => {
      const { status, json, text } = await server.post(`/${kind}`, requestOf(kind, name));
      expect(status, text).toBe(200);
      const expected = join(SNAPSHOTS, kind, name, 'expected.json');
      if (dialect !== 'sqlite' && rounded(json) === rounded(JSON.parse(readFileSync(expected, 'utf8')))) return;
      await expect(`${JSON.stringify(json, null, 2)}\n`).toMatchFileSnapshot(expected);
    });
  }
});

it('there is a case for every declared capability', () => {
  const used = new Set(
    (['query', 'mutation'] as const).flatMap((kind) =>
      casesOf(kind).flatMap((name) => [...capabilitiesUsed(requestOf(kind, name))]),
    ),
  );
  // Explaining is another route, which the replay layout doesn't have: explain.test.ts.
  const elsewhere = new Set(['query.explain', 'mutation.explain']);
  const shown = (flag: string): boolean => [...used].some((each) => each === flag || each.startsWith(`${flag}.`));
  expect(flagsOf(CAPABILITIES).filter((flag) => !shown(flag) && !elsewhere.has(flag))).toEqual([]);
});

/** Every path in the capabilities document, but for the two roots that are always there. */
function flagsOf(capabilities: object, prefix = ''): string[] {
  return Object.entries(capabilities).flatMap(([name, value]) => {
    const path = `${prefix}${name}`;
    const inner = flagsOf(value as object, `${path}.`);
    return path === 'query' || path === 'mutation' ? inner : [path, ...inner];
  });
}

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { DomainError } from '../../../core/domain/errors.ts';
import { evaluateInMemory } from '../../../schema/query/evaluate-in-memory.ts';
import type { QueryRequestForm, RowSet } from '../../../schema/query/form.ts';
import { createQueryEngine } from '../../../schema/query/query-engine.ts';
import type { CompiledSql, QueryRunner } from '../../../schema/query/query-runner.ts';
import { runQuery } from '../../../schema/query/run-query.ts';
import { openMariadb, openPostgres, openSqlite } from '../../support/query-databases.ts';
import type { FixtureDatabase } from '../../support/query-databases.ts';
import { fixtureCatalogue, fixtureTables } from '../../support/query-fixture.ts';
import { RequestGenerator } from '../../support/query-requests.ts';
import { seededRandom } from '../../support/seeded-random.ts';

/** SENTINEL_DIFFERENTIAL_REQUESTS=100000 for a long run; SENTINEL_DIFFERENTIAL_SEED for another one. */
const REQUESTS = Number(process.env['SENTINEL_DIFFERENTIAL_REQUESTS'] ?? 2_000);
const SEED = Number(process.env['SENTINEL_DIFFERENTIAL_SEED'] ?? 20_261_120);
const DIFFERENCES_SHOWN = 3;
/** Requests under way: while one database works on its statements, others are asked. */
const AT_ONCE = 4;

const engine = createQueryEngine(fixtureCatalogue);
const tables = fixtureTables(seededRandom(7));

const mariadbUrl = process.env['TEST_MARIADB_URL'];

const DATABASES: Record<string, () => Promise<FixtureDatabase>> = {
  SQLite: () => openSqlite(tables),
  PostgreSQL: () => openPostgres(inject('postgresUrl'), tables),
  ...(mariadbUrl
    ? {
        MariaDB: () => openMariadb(mariadbUrl, tables),
        "MariaDB in MySQL's dialect": () => openMariadb(mariadbUrl, tables).then(inDialectOfMysql),
      }
    : {}),
};

/**
 * No MySQL server is at hand. MariaDB reads its statements once the collation has the name it knows, which shows that
 * they are well-formed and mean what they should as far as the two databases agree.
 */
function inDialectOfMysql(database: FixtureDatabase): FixtureDatabase {
  const { runner } = database;
  const translated = ({ sql, parameters }: CompiledSql): CompiledSql => ({
    sql: sql.replaceAll('utf8mb4_0900_bin', 'utf8mb4_nopad_bin'),
    parameters,
  });
  return {
    ...database,
    runner: {
      dialect: 'mysql',
      execute: (statement) => runner.execute(translated(statement)),
      snapshot: (run) => runner.snapshot((execute) => run((statement) => execute(translated(statement)))),
    },
  };
}

describe.skipIf(!mariadbUrl)('MariaDB, named in TEST_MARIADB_URL', () => {
  it('is compared, too', () => expect(Object.keys(DATABASES)).toContain('MariaDB'));
});

describe('random requests', () => {
  const opened = new Map<string, FixtureDatabase>();

  beforeAll(async () => {
    for (const [name, open] of Object.entries(DATABASES)) opened.set(name, await open());
  });
  afterAll(async () => {
    for (const database of opened.values()) await database.close();
  });

  it(`are answered as in memory by ${Object.keys(DATABASES).join(', ')} (${REQUESTS} requests)`, async () => {
    const generator = new RequestGenerator(seededRandom(SEED));
    const differences: string[] = [];
    for (let asked = 0; asked < REQUESTS && differences.length < DIFFERENCES_SHOWN; asked += AT_ONCE) {
      const requests = Array.from({ length: Math.min(AT_ONCE, REQUESTS - asked) }, () => generator.request());
      const found = await Promise.all(requests.map((request, i) => differencesOf(opened, request, asked + i)));
      differences.push(...found.flat());
    }
    expect(differences.slice(0, DIFFERENCES_SHOWN).join('\n\n')).toBe('');
  }, 600_000);
});

/** What each database answers otherwise than memory does. */
async function differencesOf(
  databases: ReadonlyMap<string, FixtureDatabase>,
  request: QueryRequestForm,
  index: number,
): Promise<string[]> {
  const expected = await answerOf(() => evaluateInMemory(engine, tables, request));
  const found = await Promise.all(
    [...databases].map(async ([name, { runner }]) => {
      const difference = await differenceOf(runner, request, expected);
      return difference === undefined ? [] : [`${name}, request ${index}: ${difference}\n${show(request)}`];
    }),
  );
  return found.flat();
}

async function differenceOf(
  runner: QueryRunner,
  request: QueryRequestForm,
  expected: unknown,
): Promise<string | undefined> {
  try {
    return firstDifference(await answerOf(() => runQuery(engine, runner, request)), expected, '$');
  } catch (error) {
    return `${String(error)} ${String((error as Error).cause)}`;
  }
}

/** A number out of range is an answer, too; where there are several, which of them is named may differ. */
async function answerOf(answer: () => RowSet[] | Promise<RowSet[]>): Promise<unknown> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof DomainError && error.code === 'AGGREGATE_OUT_OF_RANGE') return error.code;
    throw error;
  }
}

/** Where two JSON values differ; numbers to nine digits, as databases sum in different orders. */
function firstDifference(actual: unknown, expected: unknown, at: string): string | undefined {
  if (typeof actual === 'number' && typeof expected === 'number') {
    const near = Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(actual), Math.abs(expected));
    return near ? undefined : `${at}: ${actual}, in memory ${expected}`;
  }
  if (actual === null || expected === null || typeof actual !== 'object' || typeof expected !== 'object') {
    return Object.is(actual, expected)
      ? undefined
      : `${at}: ${JSON.stringify(actual)}, in memory ${JSON.stringify(expected)}`;
  }
  const [left, right] = [Object.keys(actual), Object.keys(expected)];
  if (left.length !== right.length || left.some((key) => !Object.hasOwn(expected, key))) {
    return `${at}: ${JSON.stringify(actual).slice(0, 400)}, in memory ${JSON.stringify(expected).slice(0, 400)}`;
  }
  for (const key of left) {
    const [a, b] = [actual, expected].map((value) => (value as Record<string, unknown>)[key]);
    const difference = firstDifference(a, b, `${at}.${key}`);
    if (difference) return difference;
  }
  return undefined;
}

function show(request: QueryRequestForm): string {
  const { relationships: _, ...shown } = request;
  return JSON.stringify(shown, (_key, value: unknown) => (value instanceof Map ? Object.fromEntries(value) : value));
}

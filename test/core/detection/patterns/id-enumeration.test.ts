import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../../../core/domain/time.ts';
import { loggedRequestOf } from '../../../../core/detection/patterns/logged-request.ts';
import { longestRun } from '../../../../core/detection/patterns/key-runs.ts';
import { createProfiles } from '../../../../core/detection/patterns/profiles.ts';
import { createPatternDetector } from '../../../../core/detection/patterns/pattern-detector.ts';
import type { Scenario } from './pattern-scenario.ts';
import { createScenario, MONDAY, observationOf, teachSupportDesk, THIRD_MONDAY } from './pattern-scenario.ts';

type Value = string | number;

function ask(scenario: Scenario, at: number, values: readonly Value[], path = 'customerById.customerId', user = '17') {
  return values.flatMap((value, i) =>
    scenario.send({ at: at + i * 8 * SECOND, user, records: 1, arguments: [{ path, value }] }),
  );
}

const numbers = (length: number, of: (i: number) => Value): Value[] => Array.from({ length }, (_, i) => of(i));

function taught(): Scenario {
  const scenario = createScenario();
  teachSupportDesk(scenario);
  return scenario;
}

describe('id enumeration', () => {
  it('reports a run of keys across requests, when it starts and when it doubles', () => {
    const found = ask(
      taught(),
      THIRD_MONDAY,
      numbers(41, (i) => 500 + i),
    );
    expect(found.map(({ kind }) => kind)).toEqual(['id_enumeration', 'id_enumeration']);
    expect(found[1]).toMatchObject({ subject: { kind: 'caller' }, severity: 'high' });
    expect(found[1]?.reason).toBe(
      "user 17 asked for 40 keys in a row of customerById.customerId in 6 minutes; this role's longest run was 0",
    );
  });

  it.each<[string, (i: number) => Value, string]>([
    ['shuffled', (i) => 500 + ((i * 17) % 40), 'customers.where.customerId._eq'],
    ['downwards', (i) => 900 - i, 'customerById.id'],
    ['with gaps', (i) => 500 + i + Math.floor(i / 3), 'customers.where.id._in'],
    ['with a stride', (i) => 500 + 10 * i, 'customerById.customerId'],
    ['as text with a prefix', (i) => `INV-${String(10 + i).padStart(6, '0')}`, 'invoice.number'],
    ['in NDC', (i) => 500 + i, 'invoices.invoiceId._eq'],
    ['in an argument of NDC', (i) => 500 + i, 'invoices.invoiceId'],
  ])('sees a sweep %s', (_, key, path) => {
    expect(ask(taught(), THIRD_MONDAY, numbers(40, key), path).map(({ kind }) => kind)).toContain('id_enumeration');
  });

  it('sees a list of keys within one request', () => {
    const values = numbers(60, (i) => 200 + i).map((value) => ({ path: 'customers.where.id._in', value }));
    expect(taught().kinds({ at: THIRD_MONDAY, arguments: values })).toEqual(['id_enumeration']);
  });

  it.each<[string, (i: number) => Value, string]>([
    ['paging by offset', (i) => 20 * i, 'customers.offset'],
    ['a growing limit', (i) => i + 1, 'customers.limit'],
    ['a page number', (i) => i, 'customers.page'],
    ['a range, not a key', (i) => i, 'customers.where.total._gt'],
    ['paging by the last key seen, in NDC', (i) => 20 * i, 'invoices.invoiceId._gt'],
    ['a range by operators without an underscore', (i) => i, 'customers.where.id.less_than'],
    ['keys here and there', (i) => (i * 7_919) % 100_003, 'customerById.customerId'],
    ['the same key again', () => 17, 'customerById.customerId'],
  ])('leaves %s alone', (_, key, path) => {
    expect(ask(taught(), THIRD_MONDAY, numbers(60, key), path)).toEqual([]);
  });

  it('does not learn from runs that stay just below the threshold, each twice as long as the one before', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    for (let i = 0; i < 30; i++) ask(scenario, THIRD_MONDAY + i * 20 * MINUTE, [i * 1_000]);
    const runs = [19, 38, 76].map((length, step) =>
      ask(
        scenario,
        THIRD_MONDAY + DAY + step * 20 * MINUTE,
        numbers(length, (i) => 1_000 * step + i),
      ),
    );
    expect(runs.map((found) => found.some(({ kind }) => kind === 'id_enumeration'))).toEqual([false, true, true]);
  });

  it('leaves slow leafing alone: neighbours over hours', () => {
    const scenario = taught();
    const found = numbers(40, (i) => 500 + i).flatMap((value, i) =>
      scenario.send({ at: THIRD_MONDAY + i * 5 * MINUTE, arguments: [{ path: 'customerById.id', value }] }),
    );
    expect(found).toEqual([]);
  });

  const slowly = (scenario: Scenario, length: number, key: (i: number) => number, path = 'customerById.id') =>
    numbers(length, key).flatMap((value, i) =>
      scenario.send({ at: THIRD_MONDAY + i * 2 * MINUTE, records: 1, arguments: [{ path, value }] }),
    );

  it.each<[string, (i: number) => number]>([
    ['upwards', (i) => 500 + i],
    ['downwards', (i) => 900 - i],
    ['with gaps', (i) => 500 + i + Math.floor(i / 3)],
    ['with a stride', (i) => 500 + 10 * i],
    ['beside other work', (i) => (i % 4 === 3 ? (i * 7_919) % 100_003 : 500 + i - Math.floor(i / 4))],
  ])('sees a slow sweep %s: a key every two minutes', (_, key) => {
    const [found, ...again] = slowly(taught(), 100, key).filter(({ kind }) => kind === 'id_enumeration');
    expect(found?.reason).toMatch(
      /^user 17 asked for 60 keys in a row of customerById\.id in (?:118 minutes|2 hours|3 hours); this role's longest run was \d+$/,
    );
    expect(again).toEqual([]);
  });

  it.each<[string, (i: number) => number, string]>([
    ['paging by offset', (i) => 20 * i, 'customers.offset'],
    ['keys here and there', (i) => (i * 7_919) % 100_003, 'customerById.id'],
    ['to and fro among neighbours', (i) => 500 + (i % 5), 'customerById.id'],
  ])('leaves %s alone, however long', (_, key, path) => {
    expect(slowly(taught(), 200, key, path)).toEqual([]);
  });

  it('leaves a role alone that works through keys in order every day', () => {
    const scenario = createScenario();
    const found = Array.from({ length: 10 }, (_, day) =>
      numbers(70 + 3 * day, (i) => 1_000 * day + i).flatMap((value, i) =>
        scenario.send({
          at: MONDAY + day * DAY + 8 * HOUR + i * 5 * MINUTE,
          role: 'clerk',
          records: 1,
          arguments: [{ path: 'ticketById.id', value }],
        }),
      ),
    );
    expect(found.flat().map(({ kind }) => kind)).not.toContain('id_enumeration');
  });

  it('leaves keys of different users alone', () => {
    const scenario = taught();
    const found = numbers(60, (i) => 500 + i).flatMap((value, i) =>
      ask(scenario, THIRD_MONDAY + i * 5 * SECOND, [value], 'customerById.id', `user ${i % 6}`),
    );
    expect(found).toEqual([]);
  });

  it('leaves a job alone that does it every night, also after a restart without argument values in the log', () => {
    const scenario = createScenario();
    const rebuilt = createProfiles();
    const night = (day: number): string[] =>
      numbers(80, (i) => 1 + i).flatMap((value, i) => {
        const at = MONDAY + day * DAY + 2 * HOUR + i * 5 * SECOND;
        const job = { role: 'nightly_job', user: 'job', records: 1, fields: ['customers.customerId'] };
        const observation = observationOf({ at, ...job, arguments: [{ path: 'customers.customerId', value }] });
        const findings = scenario.detector.examine(observation, scenario.profiles);
        const logged = loggedRequestOf(observation, findings);
        scenario.profiles.learn(logged);
        const { arguments: _values, ...row } = logged;
        if (day < 5) rebuilt.learn(row);
        else {
          expect(createPatternDetector().examine(observation, rebuilt)).toEqual([]);
          rebuilt.learn(logged);
        }
        return findings.map(({ kind }) => kind);
      });
    expect(Array.from({ length: 6 }, (_, day) => night(day)).flat()).toEqual([]);
  });

  it("leaves the engine's own joins alone: variables of an NDC request", () => {
    const values = numbers(60, (i) => 200 + i).map((value) => ({ path: 'customers.customerId', value }));
    const scenario = createScenario();
    const request = { source: 'ndc', features: { variables: 1 } } as const;
    for (let i = 0; i < 100; i++) scenario.send({ at: MONDAY + i * HOUR, ...request });
    expect(scenario.kinds({ at: MONDAY + 101 * HOUR, ...request, arguments: values })).toEqual([]);
  });
});

describe('the longest run', () => {
  it.each([
    [[], 0],
    [[5], 1],
    [[5, 5, 5], 1],
    [[1, 2, 3], 3],
    [[3, 1, 2, 40, 41], 3],
    [[10, 20, 30, 40, 55], 4],
    [[1, 3, 5, 7], 4],
    [[1, 100, 1_000], 2],
  ])('of %j is %d', (keys, length) => {
    expect(longestRun(keys).length).toBe(length);
  });
});

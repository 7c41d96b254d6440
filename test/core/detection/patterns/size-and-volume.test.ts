import { describe, expect, it } from 'vitest';
import { isFreshExcess } from '../../../../core/detection/patterns/caller-tail.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../../core/domain/time.ts';
import type { RequestSpec } from './pattern-scenario.ts';
import { createScenario, MONDAY, teachSupportDesk, THIRD_MONDAY } from './pattern-scenario.ts';

describe('a fresh excess', () => {
  const above = (limit: number) => (amount: number) => amount >= limit;

  it.each([
    ['below the threshold', 50, 90, false],
    ['reaching it', 90, 100, true],
    ['staying above', 100, 150, false],
    ['doubling', 190, 200, true],
    ['jumping over several doublings', 0, 5_000, true],
  ])('%s', (_, before, after, fresh) => {
    expect(isFreshExcess(before, after, 100, above(0))).toBe(fresh);
  });

  it('starts where the amount becomes unusual, when that is after the threshold', () => {
    expect(isFreshExcess(100, 130, 100, above(140))).toBe(false);
    expect(isFreshExcess(130, 150, 100, above(140))).toBe(true);
    expect(isFreshExcess(150, 170, 100, above(140))).toBe(false);
  });
});

describe('result size', () => {
  it('reports a result far larger than this query ever gave this role', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    const [finding] = scenario.send({ at: THIRD_MONDAY, records: 150 });
    expect(finding).toMatchObject({ kind: 'result_size', subject: { kind: 'query' } });
    expect(finding?.p).toBeLessThan(0.001);
    expect(finding?.reason).toBe(
      '150 records returned; this query returned 10 in the median and at most 15 in the last 256 requests of this role',
    );
  });

  it.each([
    ['a result somewhat larger than the largest', 30],
    ['an empty result', 0],
  ])('leaves %s alone', (_, records) => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    expect(scenario.kinds({ at: THIRD_MONDAY, records })).toEqual([]);
  });

  it('says nothing on few requests', () => {
    const scenario = createScenario({ learningMs: 0, learningRequests: 1 });
    for (let i = 0; i < 29; i++) scenario.send({ at: MONDAY + i * MINUTE, records: 10 });
    expect(scenario.kinds({ at: MONDAY + 30 * MINUTE, records: 5_000 })).toEqual([]);
  });

  it('judges a shape seen once by the root fields it reads', () => {
    const scenario = createScenario();
    for (let i = 0; i < 100; i++) {
      const source = 'ndc' as const;
      scenario.send({ at: MONDAY + i * HOUR, source, shape: `q${i}`, rootFields: ['music.invoices'], records: i % 50 });
    }
    const large = { source: 'ndc', shape: 'q', rootFields: ['music.invoices'], records: 4_000 } as const;
    const [finding] = scenario.send({ at: MONDAY + 101 * HOUR, ...large });
    expect(finding?.kind).toBe('result_size');
    expect(finding?.reason).toContain('queries of the same collections');
  });

  it('does not learn a flagged size, until its like came on three days', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    const onDay = (day: number): string[] =>
      Array.from({ length: 5 }, (_, i) =>
        scenario.kinds({ at: THIRD_MONDAY + day * DAY + i * 10 * MINUTE, records: 150, user: String(30 + i) }),
      ).flat();
    expect(onDay(0)).toEqual(Array.from({ length: 5 }, () => 'result_size'));
    expect(onDay(1)).toEqual(Array.from({ length: 5 }, () => 'result_size'));
    expect(onDay(2)).toEqual(['result_size']);
    expect(onDay(3)).toEqual([]);
  });
});

describe('severity', () => {
  it('rises when the values that come back are personal data by their form, whatever the fields are called', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    const answer = (cell: (i: number) => string) => [
      {
        name: 'customers',
        recordCount: 300,
        columns: [{ path: 'contact', cells: Array.from({ length: 300 }, (_, i) => cell(i)) }],
        droppedRecords: 0,
        droppedColumns: 0,
      },
    ];
    const severity = (datasets: ReturnType<typeof answer>) =>
      scenario.send({ at: THIRD_MONDAY, datasets }).find(({ kind }) => kind === 'result_size')?.severity;
    expect(severity(answer((i) => `code ${i}`))).toBe('medium');
    expect(severity(answer((i) => `person${i}@mail.example`))).toBe('high');
  });
});

describe('bulk read', () => {
  it('reports when the records of one caller within an hour add up', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    const found = Array.from({ length: 25 }, (_, i) =>
      scenario.send({ at: THIRD_MONDAY + i * 10 * SECOND, records: 15 }),
    ).flat();
    const bulk = found.filter((finding) => finding.kind === 'bulk_read');
    expect(bulk).toHaveLength(1);
    expect(bulk[0]?.subject).toEqual({ kind: 'caller' });
    expect(bulk[0]?.reason).toMatch(
      /^user 17 read 2\d\d different records within the hour; this (user|role) usually reads 4\d/,
    );
  });

  it('reports again each time the amount doubles, not with every request', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    const kinds = Array.from({ length: 300 }, (_, i) =>
      scenario.kinds({ at: THIRD_MONDAY + i * 10 * SECOND, records: 15 }),
    );
    expect(kinds.flat().filter((kind) => kind === 'bulk_read')).toHaveLength(5);
  });

  it('counts each record once: a page shown again and again is that page', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    const page = (from: number) => [
      {
        name: 'customers',
        recordCount: 15,
        columns: [{ path: 'customerId', cells: Array.from({ length: 15 }, (_, i) => from + i) }],
        droppedRecords: 0,
        droppedColumns: 0,
      },
    ];
    const send = (from: number, i: number) =>
      scenario.kinds({ at: THIRD_MONDAY + i * 10 * SECOND, datasets: page(from) });
    expect(Array.from({ length: 100 }, (_, i) => send(0, i)).flat()).toEqual([]);
    expect(Array.from({ length: 25 }, (_, i) => send(15 * i, 100 + i)).flat()).toEqual(['bulk_read']);
  });

  it('leaves a user alone who always reads so much', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    const heavy = (at: number): string[] =>
      Array.from({ length: 40 }, (_, i) => scenario.kinds({ at: at + i * MINUTE, user: 'heavy', records: 15 })).flat();
    // While the user is new the role's hours decide; known for a month, the user's own do.
    for (let hour = 0; hour < 160; hour++)
      heavy(MONDAY + 14 * DAY + Math.floor(hour / 8) * DAY + (8 + (hour % 8)) * HOUR);
    expect(heavy(MONDAY + 35 * DAY + 9 * HOUR)).toEqual([]);
  });
});

describe('keys looked up in bulk', () => {
  const uuid = (i: number): string => `${(0x1000_0000 + i * 7_919).toString(16)}-0000-4000-8000-000000000000`;
  const lookUp = (
    scenario: ReturnType<typeof createScenario>,
    key: (i: number) => string | number,
    { path = 'ticketById.id', at = THIRD_MONDAY, count = 100, ...request }: Partial<RequestSpec> & LookUp = {},
  ) =>
    Array.from({ length: count }, (_, i) =>
      scenario.send({ ...request, at: at + i * 30 * SECOND, records: 1, arguments: [{ path, value: key(i) }] }),
    ).flat();

  const taught = () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    for (let i = 0; i < 60; i++)
      lookUp(scenario, (j) => uuid(1_000 * i + j), { at: THIRD_MONDAY - 3 * DAY + i * HOUR, count: 3 + (i % 5) });
    return scenario;
  };

  it.each<[string, (i: number) => string | number, string]>([
    ['UUIDs', uuid, 'ticketById.id'],
    ['e-mail addresses', (i) => `person${(i * 7_919) % 100_003}@mail.example`, 'customers.where.email._eq'],
    ['numbers in no order', (i) => (i * 7_919) % 100_003, 'customers.id._in'],
  ])('are reported: %s', (_, key, path) => {
    const found = lookUp(taught(), key, { path });
    expect(found.map(({ kind }) => kind)).toEqual(['bulk_read']);
    expect(found[0]?.reason).toMatch(
      /^user 17 looked up [67]\d different keys within the hour; this (?:user|role) usually looks up \d+, at most \d+$/,
    );
  });

  it.each<[string, (i: number) => string | number, string]>([
    ['the same few keys', (i) => uuid(i % 5), 'ticketById.id'],
    ['pages', (i) => 20 * i, 'tickets.offset'],
    ['texts of several words', (i) => `ticket ${uuid(i)}`, 'replyToTicket.body'],
    ['patterns', (i) => `${uuid(i)}%`, 'customers.where.lastName._like'],
  ])('are not: %s', (_, key, path) => {
    expect(lookUp(taught(), key, { path })).toEqual([]);
  });

  it("are not where the engine's joins ask for them", () => {
    const scenario = createScenario();
    const join = { source: 'ndc', features: { variables: 1 } } as const;
    for (let i = 0; i < 60; i++) lookUp(scenario, uuid, { ...join, at: MONDAY + i * HOUR, count: 2 });
    expect(lookUp(scenario, uuid, { ...join, at: MONDAY + 70 * HOUR })).toEqual([]);
  });

  it('are not where a job does it every night', () => {
    const scenario = createScenario();
    const nights = Array.from({ length: 30 }, (_, night) =>
      lookUp(scenario, (i) => uuid(100 * night + i), { role: 'job', at: MONDAY + night * DAY + 2 * HOUR, count: 90 }),
    );
    expect(nights.flat()).toEqual([]);
  });
});

interface LookUp {
  readonly path?: string;
  readonly count?: number;
}

describe('whoever stays just below what would be reported', () => {
  const THREE_QUARTERS = 45 * MINUTE;

  it.each<
    [string, string, number, (scenario: ReturnType<typeof createScenario>, start: number, step: number) => string[]]
  >([
    [
      'requests a minute',
      'burst',
      2 * MINUTE,
      (scenario, start, step) =>
        Array.from({ length: [19, 55, 160][step] as number }, (_, i) =>
          scenario.kinds({ at: start + i * 350, records: 1 }),
        ).flat(),
    ],
    [
      'records an hour',
      'bulk_read',
      HOUR,
      (scenario, start, step) =>
        Array.from({ length: [13, 38, 112][step] as number }, (_, i) =>
          scenario.kinds({ at: start + (i * THREE_QUARTERS) / 112, records: 15 }),
        ).flat(),
    ],
    [
      'records of a result',
      'result_size',
      MINUTE,
      (scenario, start, step) => scenario.kinds({ at: start, records: [34, 100, 290][step] as number }),
    ],
  ])('does not teach a threefold of %s', (_, kind, apart, act) => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    const found = [0, 1, 2].map((step) => act(scenario, THIRD_MONDAY + step * apart, step));
    expect(found[0]).not.toContain(kind);
    expect(found.flat()).toContain(kind);
  });
});

describe('recorded traffic played again', () => {
  it('is not added to the window that is open now', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    scenario.send({ at: THIRD_MONDAY + DAY, records: 300 });
    expect(scenario.kinds({ at: THIRD_MONDAY, records: 15 })).toEqual([]);
  });
});

describe('burst', () => {
  it('reports many requests of one caller within a minute', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    const found = Array.from({ length: 50 }, (_, i) =>
      scenario.send({ at: THIRD_MONDAY + i * SECOND, records: 1 }),
    ).flat();
    expect(found.map((finding) => finding.kind)).toEqual(['burst', 'burst']);
    expect(found[0]?.reason).toContain('user 17 sent 20 requests within the minute');
  });

  it('leaves the same number spread over ten minutes alone', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    const found = Array.from({ length: 50 }, (_, i) =>
      scenario.kinds({ at: THIRD_MONDAY + i * 12 * SECOND, records: 1 }),
    );
    expect(found.flat()).toEqual([]);
  });
});

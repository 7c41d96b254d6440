import { beforeEach, describe, expect, it } from 'vitest';
import { createDriftWatch, type DriftWatch } from '../../../../../core/detection/records/changes/drift-watch.ts';
import { createPrng } from '../../../../../core/detection/statistics/prng.ts';
import { DAY, HOUR, MINUTE } from '../../../../../core/domain/time.ts';

const ALPHA = 0.01;
const PATTERN = 'total above';
const START = Date.UTC(2026, 10, 2, 9);

let watch: DriftWatch;
let prng: ReturnType<typeof createPrng>;

beforeEach(() => {
  watch = createDriftWatch(ALPHA);
  prng = createPrng('drift-watch');
});

/** `flagged` of ten records are flagged, the others are ordinary. */
const deliveryOf = (flagged: number, at: number, caller: string) => ({
  at,
  caller,
  pValues: Float64Array.from({ length: 10 }, (_, i) => (i < flagged ? 0.001 : 0.05 + 0.95 * prng.uniform())),
});

/** Deliveries a minute apart by callers in turn; how often drift began, and when they ended. */
function deliver(count: number, flagged: number, from: number, callers: readonly string[] = ['17']) {
  let begins = 0;
  for (let n = 0; n < count; n++) {
    const delivery = deliveryOf(flagged, from + n * MINUTE, callers[n % callers.length] as string);
    if (watch.begins(delivery)) begins++;
    watch.note(delivery, flagged > 0 ? [PATTERN] : []);
  }
  return { begins, end: from + count * MINUTE };
}

describe('drift', () => {
  it('begins once when more than ten times the rate is flagged over 200 records, and ends when a model fits', () => {
    deliver(40, 0, START);
    expect(watch.since).toBeNull();
    const { begins, end } = deliver(40, 3, START + HOUR);
    expect([begins, watch.since === null]).toEqual([1, false]);
    watch.restart();
    expect(deliver(10, 0, end).begins).toBe(0);
    expect(watch.since).not.toBeNull();
    deliver(20, 0, end + HOUR);
    expect(watch.since).toBeNull();
    expect(deliver(40, 3, end + DAY).begins).toBe(1);
  });

  it('is told with its numbers', () => {
    deliver(19, 10, START);
    const evidence = watch.begins(deliveryOf(10, START, '17'));
    expect(evidence).toMatchObject({ records: 200, flagged: 200 });
    expect(evidence?.p).toBeLessThan(1e-6);
  });

  it('also begins when no record is flagged and all lean to one side', () => {
    const delivery = () => ({
      at: START,
      caller: '17',
      pValues: Float64Array.from({ length: 10 }, () => 0.3 * prng.uniform() + 0.02),
    });
    let begins = 0;
    for (let n = 0; n < 40; n++) {
      if (watch.begins(delivery())) begins++;
      watch.note(delivery());
    }
    expect(begins).toBe(1);
    expect(watch.isGeneral(START + 9 * DAY, PATTERN)).toBe(false);
  });

  it('does not begin with one long response, however odd', () => {
    deliver(40, 0, START);
    const odd = { at: START + HOUR, caller: '17', pValues: new Float64Array(5_000).fill(1e-6) };
    expect(watch.begins(odd)).toBeNull();
  });

  it('seldom begins in ordinary data', () => {
    let begins = 0;
    for (let run = 0; run < 20; run++) {
      const one = createDriftWatch(ALPHA);
      for (let n = 0; n < 100; n++) {
        const delivery = { at: START, caller: '17', pValues: Float64Array.from({ length: 10 }, () => prng.uniform()) };
        if (one.begins(delivery)) begins++;
        one.note(delivery);
      }
    }
    expect(begins).toBeLessThanOrEqual(1);
  });
});

describe('a change for everybody', () => {
  it('lasts an hour and reaches most callers of the day, at least three', () => {
    const callers = ['17', '18', '19', '20'];
    deliver(40, 0, START, callers);
    const { end } = deliver(40, 10, START + HOUR, callers);
    expect(watch.isGeneral(end, PATTERN)).toBe(false);
    const later = deliver(30, 10, end, callers);
    expect(watch.isGeneral(later.end, PATTERN)).toBe(true);
  });

  it('is not what a few of many callers send, however much', () => {
    deliver(40, 0, START, ['17', '18', '19', '20', '21', '22', '23', '24']);
    const { end } = deliver(200, 10, START + HOUR, ['x', 'y', 'z']);
    expect(watch.since).not.toBeNull();
    expect(watch.isGeneral(end, PATTERN)).toBe(false);
  });

  it('is not what one of many callers sends, however long', () => {
    const others = ['17', '18', '19', '20'];
    let at = START;
    // A tenth of the requests is enough for drift; the others go on as ever.
    for (let day = 0; day < 6; day++) {
      for (let n = 0; n < 10; n++) {
        at = deliver(4, 0, START + day * DAY + n * HOUR, others).end;
        at = deliver(2, 10, at, ['x']).end;
      }
    }
    expect(watch.since).not.toBeNull();
    expect(watch.isGeneral(at, PATTERN)).toBe(false);
  });

  it('is what several callers have in common, not what one of them brings meanwhile', () => {
    const callers = ['17', '18', '19', '20'];
    const { end } = deliver(100, 10, START, callers);
    expect(watch.isGeneral(end, PATTERN)).toBe(true);
    expect(watch.isGeneral(end, 'country never seen')).toBe(false);
    for (let n = 0; n < 5; n++) watch.note(deliveryOf(10, end, 'x'), ['country never seen']);
    expect(watch.isGeneral(end, 'country never seen')).toBe(false);
    watch.note(deliveryOf(10, end, '18'), ['country never seen']);
    expect(watch.isGeneral(end, 'country never seen')).toBe(true);
    expect(watch.isGeneral(end + 2 * DAY, PATTERN)).toBe(false);
  });

  it('begins when records are flagged, not when they began to lean one way', () => {
    const leaning = () => Float64Array.from({ length: 10 }, () => 0.3 * prng.uniform() + 0.02);
    for (let n = 0; n < 100; n++) watch.note({ at: START + n * HOUR, caller: '17', pValues: leaning() });
    expect(watch.since).not.toBeNull();
    const { end } = deliver(20, 10, START + 100 * HOUR);
    expect(watch.isGeneral(end, PATTERN)).toBe(false);
    const later = deliver(20, 10, end + 2 * DAY);
    expect(watch.isGeneral(later.end, PATTERN)).toBe(true);
  });

  it('is not what one caller sees within a day, and is after two', () => {
    deliver(40, 0, START);
    const { end } = deliver(200, 10, START + HOUR);
    expect(watch.isGeneral(end, PATTERN)).toBe(false);
    const later = deliver(10, 10, START + 2 * DAY + 2 * HOUR);
    expect(watch.isGeneral(later.end, PATTERN)).toBe(true);
  });
});

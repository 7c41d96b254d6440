import { describe, expect, it } from 'vitest';
import { bottomK, samplePriorities } from '../../../../core/detection/statistics/sample.ts';
import { DAY, WEEK } from '../../../../core/domain/time.ts';

const AT = Date.UTC(2026, 10, 1);
interface Item {
  readonly id: string;
  readonly at: number;
}
const priority = ({ id, at }: Item) => samplePriorities(id, at, WEEK)();
const items = (prefix: string, count: number, at: number): Item[] =>
  Array.from({ length: count }, (_, i) => ({ id: `${prefix}${i}`, at }));

describe('the sample', () => {
  it('is the same for a record delivered twice, in every process', () => {
    const four = (): number[] => Array.from({ length: 4 }, samplePriorities('observation', AT, WEEK));
    expect(four()).toEqual(four());
    expect(new Set(four()).size).toBe(4);
  });

  it('of two instances, merged, is the sample of all', () => {
    const [a, b] = [items('a', 500, AT), items('b', 500, AT + DAY)];
    const merged = bottomK([...bottomK(a, 100, priority), ...bottomK(b, 100, priority)], 100, priority);
    expect(merged).toEqual(bottomK([...a, ...b], 100, priority));
  });

  it('keeps each record of one time with the same chance', () => {
    const kept = bottomK(items('x', 10_000, AT), 1_000, priority);
    const firstHalf = kept.filter(({ id }) => Number(id.slice(1)) < 5_000).length;
    expect(firstHalf).toBeGreaterThan(420);
    expect(firstHalf).toBeLessThan(580);
  });

  it('keeps a record one half-life older half as often', () => {
    const [old, fresh] = [items('old', 20_000, AT - WEEK), items('new', 20_000, AT)];
    const kept = bottomK([...old, ...fresh], 1_500, priority);
    const ratio =
      kept.filter(({ id }) => id.startsWith('old')).length / kept.filter(({ id }) => id.startsWith('new')).length;
    expect(ratio).toBeGreaterThan(0.42);
    expect(ratio).toBeLessThan(0.6);
  });

  it('orders records of any age by finite numbers', () => {
    for (const at of [0, AT, Date.UTC(2200, 0, 1)])
      expect(Number.isFinite(samplePriorities('x', at, DAY)())).toBe(true);
  });
});

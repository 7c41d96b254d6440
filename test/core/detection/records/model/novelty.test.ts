import { describe, expect, it } from 'vitest';
import { jointNovelty, noveltyPValues, rareValues } from '../../../../../core/detection/records/model/novelty.ts';
import type { RareValues } from '../../../../../core/detection/records/model/novelty.ts';
import { createPrng } from '../../../../../core/detection/statistics/prng.ts';

const alone = (count: number) => Int32Array.from({ length: count }, (_, i) => i);
const closed: RareValues = { records: 1_000, once: 0, seldom: 0, reach: 31 };
/** 1 + 1/2 + … + 1/31 */
const H31 = 4.02724;

describe('the rare values of a feature', () => {
  it('are those that came once, and those of the rarer half of the scale of log frequency', () => {
    const values = [...Array<string>(90).fill('a'), ...Array<string>(8).fill('b'), 'c', 'd'];
    expect(rareValues(values, alone(100), 0)).toEqual({ records: 100, once: 2, seldom: 3, reach: 10 });
  });

  it('are counted in responses: one response may hold a new value in all its rows', () => {
    const values = Array.from({ length: 100 }, (_, i) => (i < 20 ? 'new' : 'usual'));
    const groups = Int32Array.from({ length: 100 }, (_, i) => Math.floor(i / 20));
    expect(rareValues(values, groups, 0)).toEqual({ records: 100, once: 1, seldom: 1, reach: 2 });
    // Records of one response that are all alike are worth one.
    expect(rareValues(values, groups, 1).records).toBe(5);
  });

  it('leave out records that have no value', () => {
    expect(rareValues(['a', undefined, 'a'], alone(3), 0)).toEqual({ records: 2, once: 0, seldom: 0, reach: 1 });
    expect(rareValues([], alone(0), 1).records).toBe(0);
  });
});

describe('the p-value of a value never seen', () => {
  it('is below that of a rank where every value came often', () => {
    const [p] = noveltyPValues([closed], 1_000);
    // (0 + 1) / (H + H / ½) / (n + 1)
    expect(p).toBeCloseTo(1 / (3 * H31) / 1_001, 9);
    expect(p).toBeLessThan(1 / 1_001 / 10);
  });

  it('hardly rises with the number of features in which nothing was ever new: they share what is left open', () => {
    const many = noveltyPValues(
      Array.from({ length: 50 }, () => closed),
      1_000,
    )[0] as number;
    expect(many).toBeLessThan(0.5 / H31 / 1_001);
    expect(many).toBeGreaterThan(0.45 / H31 / 1_001);
  });

  it('rises with the values that came seldom', () => {
    const p = [0, 1, 2].map((seldom) => noveltyPValues([{ ...closed, seldom }], 1_000)[0] as number);
    expect(p[1]).toBeGreaterThan(2 * (p[0] as number));
    expect(p[2]).toBeGreaterThan(p[1] as number);
  });

  it('says nothing where new values are ordinary, nor does such a feature change what the others say', () => {
    const names: RareValues = { ...closed, once: 200, seldom: 400 };
    expect(noveltyPValues([{ ...closed, once: 1, seldom: 1 }], 1_000)).toEqual([1]);
    expect(noveltyPValues([closed, names], 1_000)).toEqual([...noveltyPValues([closed], 1_000), 1]);
  });

  it.each([
    [4, 2],
    [8, 4],
    [16, 16],
  ])('is about as frequent as it says: %d features of up to %d values', (count, values) => {
    // Values whose log frequencies are uniform down to one in a million.
    const prng = createPrng(`promise ${count}`);
    const n = 1_000;
    let claimed = 0;
    let happened = 0;
    for (let model = 0; model < 1_000; model++) {
      const features = Array.from({ length: count }, () => {
        const frequencies = Array.from({ length: prng.integer(values) }, () => 10 ** (-6 + 5 * prng.uniform()));
        const counts = frequencies.map((frequency) => poisson(prng, n * frequency));
        const unseen = frequencies.reduce((sum, frequency, i) => (counts[i] === 0 ? sum + frequency : sum), 0);
        const upTo = (most: number) => counts.filter((times) => times > 0 && times <= most).length;
        return { rare: { records: n, once: upTo(1), seldom: upTo(31), reach: 31 }, unseen };
      });
      const p = noveltyPValues(
        features.map(({ rare }) => rare),
        n,
      );
      features.forEach(({ unseen }, feature) => (happened += (p[feature] as number) < 1 ? unseen : 0));
      claimed += Math.max(0, ...p.filter((value) => value < 1));
    }
    expect(happened / claimed).toBeGreaterThan(0.5);
    expect(happened / claimed).toBeLessThan(1.7);
  });

  it('of two columns at once is the smaller one halved', () => {
    expect(jointNovelty(1, 1)).toBe(1);
    expect(jointNovelty(1, 0.002)).toBe(0.002);
    expect(jointNovelty(0.001, 0.002)).toBe(0.0005);
  });
});

/** Knuth's method; exact, and fast enough for small means. */
function poisson(prng: { uniform(): number }, mean: number): number {
  if (mean > 500) return Math.round(mean);
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = prng.uniform(); product > limit; product *= prng.uniform()) count++;
  return count;
}

import { countAbove, countAtLeast } from './quantiles.ts';

/**
 * How far out a value lies in a distribution, whichever the side: |2F(x) − 1|, 0 at the median, 1 at either end. A change of
 * spread moves this folded distribution twice as far as the distribution itself, a change of place less far.
 */
export function foldedRanks(values: Float64Array, sorted: Float64Array): Float64Array {
  const n = sorted.length;
  return values.map((value) => {
    if (Number.isNaN(value)) return Number.NaN;
    const below = n - countAtLeast(sorted, value);
    const upTo = n - countAbove(sorted, value);
    return Math.abs((below + upTo) / n - 1);
  });
}

/** Exact quantiles of sorted samples and the small summaries built on them. All functions expect ascending, finite values. */

/** Linear interpolation between order statistics (type 7 of Hyndman and Fan, 1996); NaN for an empty sample. */
export function quantile(sorted: Float64Array | Float32Array, probability: number): number {
  const last = sorted.length - 1;
  if (last < 0) return Number.NaN;
  const position = probability * last;
  const below = Math.floor(position);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, last)] as number;
  return low === high ? low : low + (position - below) * (high - low);
}

/** Number of values ≥ `value`. */
export function countAtLeast(sorted: Float64Array | Float32Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return sorted.length - low;
}

/** Number of values > `value`. */
export function countAbove(sorted: Float64Array | Float32Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return sorted.length - low;
}

/**
 * Probabilities at which a column's distribution is kept: dense in the tails, where findings are made, and 0 and 1 so
 * that the range itself is known.
 */
export const SUMMARY_PROBABILITIES: readonly number[] = [
  0, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995,
  0.9975, 0.999, 1,
];

export function summaryQuantiles(sorted: Float64Array): Float64Array {
  return Float64Array.from(SUMMARY_PROBABILITIES, (probability) => quantile(sorted, probability));
}

/** Value at a probability, read off a summary of `summaryQuantiles`. */
export function summaryAt(summary: Float64Array, probability: number): number {
  const index = SUMMARY_PROBABILITIES.indexOf(probability);
  if (index < 0) throw new RangeError(`no summary is kept at probability ${probability}`);
  return summary[index] as number;
}

/**
 * Probability of a value at least this far out on its side of the distribution, doubled for the two sides, 0–1. Beyond
 * the range of the `n` values seen it is 2/(n+1): more can't be claimed from a sample of that size.
 */
export function tailProbability(summary: Float64Array, n: number, value: number): number {
  if (n === 0) return 1;
  const floor = 1 / (n + 1);
  const upper = Math.max(floor, 1 - shareBelow(summary, value, true));
  const lower = Math.max(floor, shareBelow(summary, value, false));
  return Math.min(1, 2 * Math.min(upper, lower));
}

/**
 * Share of the distribution below `value`, interpolated in the summary. Where many values are equal, the summary is
 * flat: `strict` takes its left end, otherwise its right one, so that a frequent value is never in a tail.
 */
function shareBelow(summary: Float64Array, value: number, strict: boolean): number {
  const last = summary.length - 1;
  if (value < (summary[0] as number)) return 0;
  if (value > (summary[last] as number)) return 1;
  let index = strict ? firstAtLeast(summary, value) : lastAtMost(summary, value);
  if (strict && index > 0 && (summary[index] as number) > value) index--;
  const at = summary[index] as number;
  const probability = SUMMARY_PROBABILITIES[index] as number;
  if (at === value || index === last) return probability;
  const next = summary[index + 1] as number;
  const step = (SUMMARY_PROBABILITIES[index + 1] as number) - probability;
  return probability + (step * (value - at)) / (next - at);
}

function firstAtLeast(summary: Float64Array, value: number): number {
  const index = summary.findIndex((at) => at >= value);
  return index < 0 ? summary.length - 1 : index;
}

function lastAtMost(summary: Float64Array, value: number): number {
  return Math.max(
    0,
    summary.findLastIndex((at) => at <= value),
  );
}

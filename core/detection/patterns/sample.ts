import type { Instant } from '../../domain/time.ts';
import { DAY } from '../../domain/time.ts';

/**
 * The most recent values of one non-negative quantity, bounded, plus those that were flagged and are held back: a
 * flagged value becomes usual only when its like recurs on several days, so that neither an attack teaches nor a lasting
 * change of the data alarms for ever.
 */
export interface Sample {
  readonly capacity: number;
  readonly values: number[];
  /** Index in `values` that the next value overwrites once the sample is full. */
  next: number;
  readonly held: { value: number; day: number }[];
}

/** A held value is released when values were held on so many different days. */
const RELEASE_DAYS = 3;
const HELD_CAPACITY = 32;

export function createSample(capacity: number): Sample {
  return { capacity, values: [], next: 0, held: [] };
}

export function addToSample(sample: Sample, value: number): void {
  if (sample.values.length < sample.capacity) sample.values.push(value);
  else sample.values[sample.next] = value;
  sample.next = (sample.next + 1) % sample.capacity;
}

/** Holds a flagged value back; releases all held ones once they recurred on three days. */
export function holdBack(sample: Sample, value: number, at: Instant): void {
  sample.held.push({ value, day: Math.floor(at / DAY) });
  if (sample.held.length > HELD_CAPACITY) sample.held.shift();
  if (new Set(sample.held.map((entry) => entry.day)).size < RELEASE_DAYS) return;
  for (const entry of sample.held) addToSample(sample, entry.value);
  sample.held.length = 0;
}

/** Quantile of the sample by the nearest rank, `share` in 0–1; 0 for an empty sample. */
export function quantileOf(sample: Sample, share: number): number {
  if (sample.values.length === 0) return 0;
  const ascending = [...sample.values].sort((a, b) => a - b);
  return ascending[Math.min(ascending.length - 1, Math.floor(share * ascending.length))] as number;
}

/** Largest value of the sample; 0 for an empty one. */
export function largestOf(sample: Sample): number {
  return sample.values.reduce((largest, value) => Math.max(largest, value), 0);
}

/**
 * Probability of a value at least this large, 0–1.
 *
 * A value within the sample gets its order-statistic p-value (1 + #{≥ x}) / (n + 1), valid for exchangeable values
 * (Bates et al., 2023). Above the largest, that p-value can't fall below 1 / (n + 1), so the tail is extrapolated as
 * peaks over a threshold (Siffer et al., 2017) with an exponential excess on the scale of log(1 + x), which is a Pareto
 * tail of the quantity (Hill, 1975). The scale has a floor, else a constant history would make every other value
 * impossible, and is widened by two standard errors (scale / √k each), since few peaks estimate it badly.
 */
export function upperTail(sample: Sample, value: number, leastScale: number): number {
  const n = sample.values.length;
  const reached = sample.values.reduce((count, seen) => (seen >= value ? count + 1 : count), 0);
  const byRank = (1 + reached) / (n + 1);
  if (reached > 0 || n === 0) return byRank;

  const logs = sample.values.map(Math.log1p).sort((a, b) => a - b);
  const peaks = Math.min(n - 1, Math.max(5, Math.ceil(PEAK_SHARE * n)));
  if (peaks < 1) return byRank;
  const threshold = logs[n - peaks - 1] as number;
  let excess = 0;
  for (let i = n - peaks; i < n; i++) excess += (logs[i] as number) - threshold;
  const scale = Math.max(excess / peaks, leastScale) * (1 + 2 / Math.sqrt(peaks));
  return Math.min(byRank, (peaks / n) * Math.exp(-(Math.log1p(value) - threshold) / scale));
}

const PEAK_SHARE = 0.1;

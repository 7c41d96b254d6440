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

import type { Instant } from '../../domain/time.ts';
import { DAY } from '../../domain/time.ts';

/**
 * The most recent values of one non-negative quantity, bounded, plus those that are held back: a surprising value becomes
 * usual only when its like recurs on several days, so that neither an attack teaches nor a lasting change of the data
 * alarms for ever.
 */
export interface Sample {
  readonly capacity: number;
  /** Least mean excess of the tail on the scale of log(1 + x): 0.15 allows for changes of some 15 %. */
  readonly leastScale: number;
  readonly values: number[];
  /** Index in `values` that the next value overwrites once the sample is full. */
  next: number;
  readonly held: { value: number; day: number }[];
}

/** A held value is released when values were held on so many different days. */
const RELEASE_DAYS = 3;
/** Of one day the largest are held, so that a day with many does not push out the days before. */
const HELD_PER_DAY = 10;

export function createSample(capacity: number, leastScale: number): Sample {
  return { capacity, leastScale, values: [], next: 0, held: [] };
}

export function addToSample(sample: Sample, value: number): void {
  if (sample.values.length < sample.capacity) sample.values.push(value);
  else sample.values[sample.next] = value;
  sample.next = (sample.next + 1) % sample.capacity;
}

/** Holds a value back; releases all held ones once they recurred on three days. */
export function holdBack(sample: Sample, value: number, at: Instant): void {
  const day = Math.floor(at / DAY);
  sample.held.push({ value, day });
  const sameDay = sample.held.filter((entry) => entry.day === day);
  if (sameDay.length > HELD_PER_DAY) {
    const smallest = sameDay.reduce((least, entry) => (entry.value < least.value ? entry : least));
    sample.held.splice(sample.held.indexOf(smallest), 1);
  }
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

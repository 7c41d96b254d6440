import { createHash } from 'node:crypto';
import type { Instant } from '../../domain/time.ts';

/**
 * Bottom-k sampling with exponential forward decay (Cormode, Shkapenyuk, Srivastava, Xu: "Forward Decay", ICDE 2009; keys
 * of Efraimidis and Spirakis, 2006). A record's priority depends on its identity and time alone: the sample is the k
 * smallest priorities, so samples of several instances merge, a record delivered twice is in it once, and what was kept
 * is never rewritten.
 */

/** Reference time of the decay; any fixed instant gives the same order. */
const LANDMARK: Instant = Date.UTC(2020, 0, 1);

/**
 * Priority of a record in log space, any finite number, smaller = kept: ln(−ln u) − ln 2 · (at − landmark) / half-life
 * with u uniform, from a hash of (observation id, position). A record one half-life older is half as likely to be kept.
 */
export function samplePriority(observationId: string, position: number, at: Instant, halfLifeMs: number): number {
  const exponential = -Math.log(uniformOf(`${observationId}/${position}`));
  return Math.log(exponential) - (Math.LN2 * (at - LANDMARK)) / halfLifeMs;
}

/** The `k` items of smallest priority, ascending; of equal priorities the first. */
export function bottomK<T>(items: readonly T[], k: number, priority: (item: T) => number): T[] {
  return items
    .map((item) => ({ item, priority: priority(item) }))
    .sort((a, b) => a.priority - b.priority)
    .slice(0, k)
    .map(({ item }) => item);
}

/** Uniform in (0, 1), never an end: 52 bits of a hash, centred in their cell. */
function uniformOf(identity: string): number {
  const digest = createHash('sha256').update(identity).digest();
  const bits = digest.readUInt32LE(0) * 2 ** 20 + (digest.readUInt32LE(4) >>> 12);
  return (bits + 0.5) / 2 ** 52;
}

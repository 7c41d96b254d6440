import type { Instant } from '../../domain/time.ts';
import { createPrng } from './prng.ts';

/**
 * Bottom-k sampling with exponential forward decay (Cormode, Shkapenyuk, Srivastava, Xu: "Forward Decay", ICDE 2009; keys
 * of Efraimidis and Spirakis, 2006). A record's priority depends on its identity and time alone: the sample is the k
 * smallest priorities, so samples of several instances merge, a record delivered twice is in it once, and what was kept
 * is never rewritten.
 */

/** Reference time of the decay; any fixed instant gives the same order. */
const LANDMARK: Instant = Date.UTC(2020, 0, 1);
const CELLS = 2 ** 32;

/**
 * Priorities of the records of an observation, one a call, in the order of their positions. In log space, any finite
 * number, smaller = kept: ln(−ln u) − ln 2 · (at − landmark) / half-life with u uniform, from a stream that the observation's
 * id seeds: a hash for each record would cost as much as scoring it. A record one half-life older is half as likely to be kept.
 */
export function samplePriorities(observationId: string, at: Instant, halfLifeMs: number): () => number {
  const prng = createPrng(observationId);
  const decay = (Math.LN2 * (at - LANDMARK)) / halfLifeMs;
  // Centred in its cell, u is never 0 or 1.
  return () => Math.log(-Math.log((prng.integer(CELLS) + 0.5) / CELLS)) - decay;
}

/** The `k` items of smallest priority, ascending; of equal priorities the first. */
export function bottomK<T>(items: readonly T[], k: number, priority: (item: T) => number): T[] {
  return items
    .map((item) => ({ item, priority: priority(item) }))
    .sort((a, b) => a.priority - b.priority)
    .slice(0, k)
    .map(({ item }) => item);
}

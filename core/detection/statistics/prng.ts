import { createHash } from 'node:crypto';

/** A stream of pseudo-random numbers that is the same in every process for the same seed text. Not for secrets. */
export interface Prng {
  /** Uniform in [0, 1), 32 bits of resolution. */
  uniform(): number;
  /** Uniform integer in [0, bound), `bound` from 1 to 2^32. */
  integer(bound: number): number;
}

const TWO_POW_32 = 4_294_967_296;

/**
 * sfc32 ("small fast counter", Chris Doty-Humphrey, PractRand, 2010): 128 bits of state, period at least 2^32. The
 * state is the first half of SHA-256 of the seed, so that seeds that differ in one letter give unrelated streams.
 */
export function createPrng(seed: string): Prng {
  const digest = createHash('sha256').update(seed).digest();
  let a = digest.readInt32LE(0);
  let b = digest.readInt32LE(4);
  let c = digest.readInt32LE(8);
  let counter = digest.readInt32LE(12);

  const next = (): number => {
    const result = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    return result >>> 0;
  };
  for (let round = 0; round < 12; round++) next();

  return {
    uniform: () => next() / TWO_POW_32,
    integer: (bound) => Math.floor((next() / TWO_POW_32) * bound),
  };
}

/** `count` distinct integers below `population`, in random order (partial Fisher–Yates). */
export function sampleWithoutReplacement(prng: Prng, population: number, count: number): Int32Array {
  const pool = new Int32Array(population);
  for (let i = 0; i < population; i++) pool[i] = i;
  return shufflePrefix(prng, pool, count).slice(0, count);
}

/**
 * Brings a uniform random selection to the first `count` places of `pool`, in place. Calling it again on the same pool
 * draws anew in O(count), whatever the pool's size.
 */
export function shufflePrefix(prng: Prng, pool: Int32Array, count: number): Int32Array {
  const size = pool.length;
  for (let i = 0; i < count; i++) {
    const j = i + prng.integer(size - i);
    const held = pool[i] as number;
    pool[i] = pool[j] as number;
    pool[j] = held;
  }
  return pool;
}

import type { Entities } from './entities.ts';

/**
 * How many different things were seen, in a kilobyte whatever their number: HyperLogLog (Flajolet, Fusy, Gandouet and
 * Meunier, 2007) with linear counting (Whang, 1990) for few. Standard error 3 %.
 */
export interface DistinctCount {
  readonly registers: Uint8Array;
  /** Things taken for different without being looked at. */
  beyond: number;
  /** The count never falls, though the two estimates differ where they meet. */
  estimate: number;
}

const REGISTER_BITS = 10;
const REGISTERS = 1 << REGISTER_BITS;
/** 2 to the power of −rank: a thousand of them are added up with every request. */
const INVERSE_POWERS = Float64Array.from({ length: 33 }, (_, rank) => 2 ** -rank);
const BIAS = 0.7213 / (1 + 1.079 / REGISTERS);

export function createDistinctCount(): DistinctCount {
  return { registers: new Uint8Array(REGISTERS), beyond: 0, estimate: 0 };
}

/** Adds and returns by how much the count grew, a whole number from 0. */
export function addDistinct(count: DistinctCount, { hashes, beyond }: Entities): number {
  const before = Math.round(count.estimate);
  addHashes(count.registers, hashes);
  count.beyond += beyond;
  count.estimate = Math.max(count.estimate, estimateOf(count.registers) + count.beyond);
  return Math.round(count.estimate) - before;
}

/** By how much the count would grow; without a count, by all that is different. */
export function newDistinct(count: DistinctCount | undefined, entities: Entities): number {
  if (count === undefined) return new Set(entities.hashes).size + entities.beyond;
  return addDistinct({ ...count, registers: count.registers.slice() }, entities);
}

export function resetDistinct(count: DistinctCount): void {
  count.registers.fill(0);
  count.beyond = 0;
  count.estimate = 0;
}

function addHashes(registers: Uint8Array, hashes: Uint32Array): void {
  for (const hash of hashes) {
    const register = hash >>> (32 - REGISTER_BITS);
    const rank = Math.min(Math.clz32(hash << REGISTER_BITS), 32 - REGISTER_BITS) + 1;
    if (rank > (registers[register] as number)) registers[register] = rank;
  }
}

function estimateOf(registers: Uint8Array): number {
  let sum = 0;
  let empty = 0;
  for (let i = 0; i < registers.length; i++) {
    const rank = registers[i] as number;
    sum += INVERSE_POWERS[rank] as number;
    if (rank === 0) empty++;
  }
  const raw = (BIAS * REGISTERS * REGISTERS) / sum;
  return raw <= 2.5 * REGISTERS && empty > 0 ? REGISTERS * Math.log(REGISTERS / empty) : raw;
}

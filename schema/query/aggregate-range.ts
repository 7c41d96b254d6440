import { unprocessable } from '../../core/domain/errors.ts';
import type { DomainError } from '../../core/domain/errors.ts';
import type { ScalarKind } from '../../core/domain/kind.ts';
import type { AggregatePlan } from './plan.ts';

type FunctionPlan = Extract<AggregatePlan, { readonly kind: 'function' }>;

/**
 * A computed float counts as beyond the range of float64 from here on, either side of 0, and comes as this. Just below
 * what a double holds, so that rounding, which differs with the order a database adds in, takes no value over the edge.
 */
export const MOST_FLOAT = 1.797e308;

/** Values beyond it are added apart from the others and scaled down: so no sum overflows on its way, in any order. */
export const HUGE_FLOAT = 1e280;

/** A power of two, so that scaling loses nothing. */
export const HUGE_SCALE = 2 ** 64;

/** Variance and deviation are beyond the range where a value is beyond this: their sum of squares could be. */
export const MOST_SQUARED = 1e145;

export const LEAST_INT64 = -(2n ** 63n);
export const MOST_INT64 = 2n ** 63n - 1n;

/** Whose result can be beyond the range of its kind although no value is. */
const COMPUTED = new Set<string>(['sum', 'avg', 'stddev', 'variance']);

const BEYOND: Partial<Record<ScalarKind, (wire: unknown) => boolean>> = {
  float64: (wire) => wire !== null && Math.abs(wire as number) >= MOST_FLOAT,
  int64: (wire) => {
    const text = wire as string;
    if (/^-?\d{1,18}$/.test(text)) return false;
    return !/^-?\d+$/.test(text) || BigInt(text) < LEAST_INT64 || BigInt(text) > MOST_INT64;
  },
};

/**
 * Whether an aggregate's value, in wire form, is beyond the range of its declared kind. A sum of whole numbers may then
 * be spelled as a float (`1.8e+19`), where the database has nothing wider that is exact.
 */
export function isBeyondRange(aggregate: AggregatePlan, wire: unknown): aggregate is FunctionPlan {
  if (aggregate.kind !== 'function' || !COMPUTED.has(aggregate.function)) return false;
  return BEYOND[aggregate.result]?.(wire) ?? false;
}

/** The end of the range for a value beyond it. */
export function withinRange(aggregate: AggregatePlan, wire: unknown): unknown {
  if (!isBeyondRange(aggregate, wire)) return wire;
  if (aggregate.result === 'float64') return Math.sign(wire as number) * MOST_FLOAT;
  return String((wire as string).startsWith('-') ? LEAST_INT64 : MOST_INT64);
}

/** @param at place of the aggregate in the request */
export function beyondRange({ function: name, column, result }: FunctionPlan, at: string): DomainError {
  const argument = [column.column, ...column.fieldPath].join('.');
  const message = `The ${name} of "${argument}" exceeds the range of ${result}.`;
  return unprocessable('AGGREGATE_OUT_OF_RANGE', message, { path: at });
}

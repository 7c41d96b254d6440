import type { ScalarKind } from '../../core/domain/kind.ts';
import type { AggregateFunctionName } from './aggregate-functions.ts';
import { extractColumn } from './evaluate-path.ts';
import type { AggregatePlan } from './plan.ts';
import { scalarKindOf } from './value-types.ts';
import { canonicalJson, compareScalars } from './scalar-values.ts';

/** Wire form of an aggregate over rows; nulls are ignored. */
export function evaluateAggregate(aggregate: AggregatePlan, rows: readonly unknown[]): unknown {
  if (aggregate.kind === 'star-count') return rows.length;
  const values = rows.map((row) => extractColumn([row], aggregate.column)).filter((value) => value !== null);
  if (aggregate.kind === 'column-count') {
    return aggregate.distinct ? new Set(values.map(canonicalJson)).size : values.length;
  }
  return FUNCTIONS[aggregate.function](values, scalarKindOf(aggregate.column.type));
}

type Evaluate = (values: readonly unknown[], kind: ScalarKind) => unknown;

const FUNCTIONS: Record<AggregateFunctionName, Evaluate> = {
  sum: (values, kind) =>
    kind === 'float64'
      ? total(values.map(Number))
      : String(values.reduce((sum: bigint, value) => sum + BigInt(value as string), 0n)),
  avg: onNumbers((values) => (values.length === 0 ? null : mean(values))),
  min: (values, kind) => extreme(values, (a, b) => compareScalars(kind, a, b) < 0),
  max: (values, kind) => extreme(values, (a, b) => compareScalars(kind, a, b) > 0),
  variance: onNumbers(variance),
  stddev: onNumbers((values) => {
    const squared = variance(values);
    return squared === null ? null : Math.sqrt(squared);
  }),
  median: onNumbers((values) => percentile(values, 0.5)),
  p95: onNumbers((values) => percentile(values, 0.95)),
  bool_and: (values) => (values.length === 0 ? null : values.every(Boolean)),
  bool_or: (values) => (values.length === 0 ? null : values.some(Boolean)),
};

function onNumbers(evaluate: (values: readonly number[]) => number | null): Evaluate {
  return (values) => evaluate(values.map(Number));
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function mean(values: readonly number[]): number {
  return total(values) / values.length;
}

function extreme(values: readonly unknown[], wins: (a: unknown, b: unknown) => boolean): unknown {
  return values.length === 0 ? null : values.reduce((best, value) => (wins(value, best) ? value : best));
}

function variance(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const center = mean(values);
  return total(values.map((value) => (value - center) ** 2)) / (values.length - 1);
}

/** Linear between the two nearest ranks, as `percentile_cont` of the SQL standard. */
function percentile(values: readonly number[], fraction: number): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const rank = fraction * (sorted.length - 1);
  const below = sorted[Math.floor(rank)] as number;
  const above = sorted[Math.ceil(rank)] as number;
  return below + (above - below) * (rank - Math.floor(rank));
}

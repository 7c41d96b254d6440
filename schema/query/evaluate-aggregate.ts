import type { ScalarKind } from '../../core/domain/kind.ts';
import type { AggregateFunctionName } from './aggregate-functions.ts';
import { HUGE_FLOAT, HUGE_SCALE, MOST_FLOAT, MOST_SQUARED, withinRange } from './aggregate-range.ts';
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

/** What conditions and sort keys see of an aggregate: beyond the range of its kind the end of the range. */
export function comparedAggregate(aggregate: AggregatePlan, rows: readonly unknown[]): unknown {
  return withinRange(aggregate, evaluateAggregate(aggregate, rows));
}

type Evaluate = (values: readonly unknown[], kind: ScalarKind) => unknown;

const FUNCTIONS: Record<AggregateFunctionName, Evaluate> = {
  sum: (values, kind) => (kind === 'float64' ? floatSum(values.map(Number)) : String(wholeSum(values))),
  avg: (values, kind) => {
    if (values.length === 0) return null;
    return kind === 'float64' ? mean(values.map(Number)) : Number(wholeSum(values)) / values.length;
  },
  min: (values, kind) => extreme(values, (a, b) => compareScalars(kind, a, b) < 0),
  max: (values, kind) => extreme(values, (a, b) => compareScalars(kind, a, b) > 0),
  variance: onNumbers(variance),
  stddev: onNumbers((values) => {
    const squared = variance(values);
    return squared === null || squared === MOST_FLOAT ? squared : Math.sqrt(squared);
  }),
  median: onNumbers((values) => percentile(values, 0.5)),
  p95: onNumbers((values) => percentile(values, 0.95)),
  bool_and: (values) => (values.length === 0 ? null : values.every(Boolean)),
  bool_or: (values) => (values.length === 0 ? null : values.some(Boolean)),
};

function onNumbers(evaluate: (values: readonly number[]) => number | null): Evaluate {
  return (values) => evaluate(values.map(Number));
}

function wholeSum(values: readonly unknown[]): bigint {
  return values.reduce((sum: bigint, value) => sum + BigInt(value as string), 0n);
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** Huge values apart, as `dialect-float-aggregates.ts` has it: what cancels out does not overflow before it does. */
function floatSum(values: readonly number[], divisor = 1): number {
  const isHuge = (value: number): boolean => Math.abs(value) > HUGE_FLOAT;
  const huge = total(values.filter(isHuge).map((value) => value / HUGE_SCALE)) / divisor;
  const most = MOST_FLOAT / HUGE_SCALE;
  const usual = total(values.filter((value) => !isHuge(value))) / divisor;
  return Math.min(Math.max(huge, -most), most) * HUGE_SCALE + usual;
}

function mean(values: readonly number[]): number {
  return floatSum(values, values.length);
}

function extreme(values: readonly unknown[], wins: (a: unknown, b: unknown) => boolean): unknown {
  return values.length === 0 ? null : values.reduce((best, value) => (wins(value, best) ? value : best));
}

function variance(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  if (values.some((value) => Math.abs(value) > MOST_SQUARED)) return MOST_FLOAT;
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
  const share = rank - Math.floor(rank);
  return below * (1 - share) + above * share;
}

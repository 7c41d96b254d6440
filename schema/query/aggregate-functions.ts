import type { ScalarKind } from '../../core/domain/kind.ts';
import type { ScalarType } from './value-types.ts';

export interface AggregateFunctionDef {
  /** Kind of the argument → kind of the result. Nulls are ignored; over no value the result is null, `sum` 0. */
  readonly results: Partial<Record<ScalarKind, ScalarKind>>;
  readonly description: string;
}

const TO_FLOAT = { int32: 'float64', int64: 'float64', float64: 'float64' } as const;
const SAME = {
  string: 'string',
  uuid: 'uuid',
  int32: 'int32',
  int64: 'int64',
  float64: 'float64',
  timestamp: 'timestamp',
} as const;

export const AGGREGATE_FUNCTIONS = {
  sum: { results: { int32: 'int64', int64: 'int64', float64: 'float64' }, description: 'Sum; 0 over no value.' },
  avg: { results: TO_FLOAT, description: 'Arithmetic mean.' },
  min: { results: SAME, description: 'Smallest value.' },
  max: { results: SAME, description: 'Largest value.' },
  stddev: { results: TO_FLOAT, description: 'Standard deviation of a sample (n − 1); null below two values.' },
  variance: { results: TO_FLOAT, description: 'Variance of a sample (n − 1); null below two values.' },
  median: { results: TO_FLOAT, description: 'Median, interpolated between the two middle values.' },
  p95: { results: TO_FLOAT, description: '95th percentile, interpolated linearly.' },
  bool_and: { results: { boolean: 'boolean' }, description: 'Whether all values are true.' },
  bool_or: { results: { boolean: 'boolean' }, description: 'Whether any value is true.' },
} as const satisfies Record<string, AggregateFunctionDef>;

export type AggregateFunctionName = keyof typeof AGGREGATE_FUNCTIONS;

/** Kind of every count. */
export const COUNT_KIND: ScalarKind = 'int32';

export function aggregateFunctionsOf(type: ScalarType): readonly AggregateFunctionName[] {
  return (Object.keys(AGGREGATE_FUNCTIONS) as AggregateFunctionName[]).filter((name) => resultKindOf(name, type));
}

/** A closed set has none: its largest value by the alphabet would be read as the one that means most. */
export function resultKindOf(name: AggregateFunctionName, argument: ScalarType): ScalarKind | undefined {
  if (argument.values) return undefined;
  const results: Partial<Record<ScalarKind, ScalarKind>> = AGGREGATE_FUNCTIONS[name].results;
  return results[argument.scalar];
}

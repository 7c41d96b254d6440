import type { Tables } from './query-engine.ts';
import { insideWire, valueAt } from './codec.ts';
import type { ColumnPlan, DimensionPlan, PredicatePlan, SortPlan, StepPlan } from './plan.ts';
import { compareScalars } from './scalar-values.ts';

/** What evaluating one variable set needs. Without tables only values that are in memory can be looked at. */
export interface EvaluateContext {
  readonly tables: Tables;
  /** Wire values, one per variable of the plan. */
  readonly variables: readonly unknown[];
  /** What the database has said of each row, where the tables are not in memory. */
  readonly related?: RelatedRows;
}

export type RelatedRows = ReadonlyMap<unknown, RelatedValues>;

export interface RelatedValues {
  /** Whether the row satisfies the predicate, if that looks at collections. */
  readonly matches?: boolean;
  /** Wire form of what sort keys and dimensions find at the end of their paths. */
  readonly keys: ReadonlyMap<SortPlan | DimensionPlan, unknown>;
}

/** The current row first; rows are JSON objects by column name. */
export type Scopes = readonly unknown[];

type Satisfies = (context: EvaluateContext, scopes: Scopes, plan: PredicatePlan) => boolean;

/** Wire form of a column's value; null where the way to it ends early. */
export function extractColumn(scopes: Scopes, column: ColumnPlan): unknown {
  const value = valueAt(scopes[column.scope], [column.column, ...column.fieldPath]);
  const { type } = column.type;
  return type.type === 'scalar' ? insideWire(type.scalar, value) : value;
}

/** The rows at the end of a path that starts at the current row. */
export function rowsAtPath(
  context: EvaluateContext,
  scopes: Scopes,
  path: readonly StepPlan[],
  satisfies: Satisfies,
): readonly unknown[] {
  let starts: readonly Scopes[] = [scopes];
  for (const { collection, join, predicate } of path) {
    const table = context.tables.get(collection.name) ?? [];
    starts = starts.flatMap((start) =>
      table
        .filter((row) =>
          join.every((pair) =>
            isSame(extractColumn(start, pair.source), extractColumn([row], pair.target), pair.target),
          ),
        )
        .filter((row) => predicate === null || satisfies(context, [row], predicate))
        .map((row) => [row]),
    );
  }
  return starts.map(([row]) => row);
}

/** Join keys: null equals nothing. */
export function isSame(a: unknown, b: unknown, { type: { type } }: ColumnPlan): boolean {
  return a !== null && b !== null && type.type === 'scalar' && compareScalars(type.scalar, a, b) === 0;
}

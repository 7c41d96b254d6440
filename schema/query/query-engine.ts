import type { ObjectDef, ValueType } from '../../core/domain/kind.ts';
import type { Catalogue } from '../catalogue.ts';
import type { NestedFieldForm, QueryForm, RelationshipForm, VariableSet } from './form.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import type { QueryLimits } from './limits.ts';

/** What the engine needs to know besides the request. */
export interface QueryEngine {
  readonly catalogue: Catalogue;
  readonly limits: QueryLimits;
}

/** A query over rows in memory, with the type of one row: the result of a function. */
export interface ValuesQueryForm {
  readonly rowType: ObjectDef;
  readonly query: QueryForm;
  readonly relationships?: ReadonlyMap<string, RelationshipForm>;
  readonly variables?: readonly VariableSet[];
}

/** What to select of a value in memory: of the result of a procedure. Without `fields` the whole value. */
export interface ValueSelectionForm {
  readonly type: ValueType;
  readonly fields?: NestedFieldForm;
  readonly relationships?: ReadonlyMap<string, RelationshipForm>;
}

export interface ExplainedStatement {
  /** Which part of the request it answers: `rows`, `aggregates`, `rows.albums.groups`. */
  readonly part: string;
  readonly sql: string;
  /** One line per parameter: its type and size, never its value. */
  readonly parameters: readonly string[];
  /** The database's own plan; absent where nothing would run (an empty list of variable sets). */
  readonly plan?: string;
}

/** Rows by collection name, in wire form, by column name. */
export type Tables = ReadonlyMap<string, readonly Readonly<Record<string, unknown>>[]>;

export function createQueryEngine(catalogue: Catalogue, limits: Partial<QueryLimits> = {}): QueryEngine {
  return { catalogue, limits: { ...DEFAULT_LIMITS, ...limits } };
}

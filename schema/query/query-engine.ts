import type { ObjectDef, ValueType } from '../../core/domain/kind.ts';
import type { Catalogue } from '../catalogue.ts';
import type { NestedFieldForm, QueryForm, QueryRequestForm, RelationshipForm, RowSet, VariableSet } from './form.ts';
import type { QueryRunner } from './query-runner.ts';

/** What the engine needs to know besides the request. */
export interface QueryEngine {
  readonly catalogue: Catalogue;
  readonly limits: QueryLimits;
}

export interface QueryLimits {
  /** Nested `and`, `or`, `not`, `exists` and relationship fields on one path. */
  readonly depth: number;
  /** Nodes of the whole request: fields, comparisons, sort keys, aggregates. */
  readonly nodes: number;
  /** Rows (or groups) of one statement; more is an error, never a silent cut. */
  readonly rows: number;
  readonly variableSets: number;
}

/** Rows that are in memory already, with the type of one row, in wire form: the result of a function. */
export interface ValuesRequestForm {
  readonly rowType: ObjectDef;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly query: QueryForm;
  readonly relationships?: ReadonlyMap<string, RelationshipForm>;
  readonly variables?: VariableSet;
}

/** One value in memory and what to select of it: the result of a procedure. Without `fields` the whole value. */
export interface ValueSelectionForm {
  readonly type: ValueType;
  readonly value: unknown;
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

export type RunQuery = (engine: QueryEngine, runner: QueryRunner, request: QueryRequestForm) => Promise<RowSet[]>;
export type ExplainQuery = (
  engine: QueryEngine,
  runner: QueryRunner,
  request: QueryRequestForm,
) => Promise<ExplainedStatement[]>;
/** Rows by collection name, in wire form, by column name. */
export type Tables = ReadonlyMap<string, readonly Readonly<Record<string, unknown>>[]>;
export type EvaluateInMemory = (engine: QueryEngine, tables: Tables, request: QueryRequestForm) => RowSet[];
export type QueryValues = (engine: QueryEngine, runner: QueryRunner, request: ValuesRequestForm) => Promise<RowSet>;
export type SelectFromValue = (
  engine: QueryEngine,
  runner: QueryRunner,
  request: ValueSelectionForm,
) => Promise<unknown>;

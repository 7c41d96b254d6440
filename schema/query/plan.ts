import type { CollectionDef } from '../catalogue.ts';
import type { ScalarKind } from '../../core/domain/kind.ts';
import type { AggregateFunctionName } from './aggregate-functions.ts';
import type { ExtractionFunctionName } from './extraction-functions.ts';
import type { Logical } from './logical.ts';
import type { OperandType, OperatorName } from './operators.ts';
import type { FieldType, ScalarType } from './value-types.ts';

/** A request whose every name and value is known to be right: `lower` and `evaluate` never refuse. */
export interface RequestPlan {
  readonly root: QueryPlan;
  readonly variables: readonly VariablePlan[];
  /**
   * Per variable set, one wire value per entry of `variables`. A request without variables has one empty set and
   * `hasVariables` false.
   */
  readonly sets: readonly (readonly unknown[])[];
  readonly hasVariables: boolean;
}

/** One use of a request variable: the same name compared with two types is two of these. */
export interface VariablePlan {
  readonly name: string;
  readonly type: ScalarType;
  readonly operand: OperandType;
  /** How a pattern treats case: some databases want another notation for each. */
  readonly insensitive: boolean;
}

export interface QueryPlan {
  /** Null for rows in memory. */
  readonly collection: CollectionDef | null;
  /** Where its answer stands in the response: `rows.albums`; empty for the root. */
  readonly part: string;
  /** Where it stands in the request. */
  readonly at: string;
  /** Columns that equal the parent's keys, in the order of the relationship field's `keys`. */
  readonly keys: readonly ColumnPlan[];
  /** Indices of variables that its own statements use. */
  readonly variables: readonly number[];
  /** It or one of its descendants uses variables: its answer differs between variable sets. */
  readonly dependsOnVariables: boolean;
  readonly predicate: PredicatePlan | null;
  /** Total over a collection: ends with its primary key. */
  readonly orderBy: readonly SortPlan[];
  readonly limit: number | null;
  readonly offset: number;
  /** Null for a query over a collection. */
  readonly related: RelatedPlan | null;
  readonly rows: RowsPlan | null;
  readonly aggregates: readonly NamedAggregate[] | null;
  readonly groups: GroupsPlan | null;
}

/** What of a query over values in memory looks at collections: the database says it of each value. */
export interface RelatedPlan {
  /** The whole predicate, if any of it does. */
  readonly predicate: PredicatePlan | null;
  readonly sorts: readonly SortPlan[];
  readonly dimensions: readonly DimensionPlan[];
}

export interface RowsPlan {
  /** Columns to fetch: those selected and those that relationship fields start from. */
  readonly columns: readonly FetchedColumn[];
  readonly fields: readonly FieldPlan[];
  /** One per relationship field, wherever it stands in the selection. */
  readonly children: readonly QueryPlan[];
}

export interface FetchedColumn {
  readonly name: string;
  readonly type: FieldType;
}

export type FieldPlan =
  | {
      readonly kind: 'column';
      readonly alias: string;
      readonly source: ValueSource;
      readonly type: FieldType;
      readonly nested: NestedPlan | null;
    }
  | {
      readonly kind: 'relationship';
      readonly alias: string;
      /** Index into the children of the nearest fetched rows. */
      readonly child: number;
      readonly keys: readonly KeySource[];
    };

/** A value of the current row: `index` into the fetched cells, `column` in a row that is an object. */
export interface ValueSource {
  readonly index: number;
  readonly column: string;
}

export interface KeySource extends ValueSource {
  readonly fieldPath: readonly string[];
  readonly kind: ScalarKind;
}

export type NestedPlan =
  | { readonly kind: 'object'; readonly fields: readonly FieldPlan[] }
  | { readonly kind: 'array'; readonly of: NestedPlan }
  | { readonly kind: 'collection'; readonly query: QueryPlan };

/** `scope` 0 is the current row, 1 the row outside the nearest `exists`. */
export interface ColumnPlan {
  readonly scope: number;
  readonly column: string;
  readonly fieldPath: readonly string[];
  readonly type: FieldType;
}

/** `source` is seen from the row the join starts from, `target` from the row it arrives at. */
export interface JoinPair {
  readonly source: ColumnPlan;
  readonly target: ColumnPlan;
}

/** Its predicate sees the target row as scope 0 and nothing outside. */
export interface StepPlan {
  readonly collection: CollectionDef;
  readonly join: readonly JoinPair[];
  readonly predicate: PredicatePlan | null;
}

export type PredicatePlan = Logical<TestPlan>;

export type TestPlan =
  | { readonly kind: 'is-null'; readonly target: TargetPlan }
  | {
      readonly kind: 'compare';
      readonly target: TargetPlan;
      readonly scalar: ScalarType;
      readonly operator: OperatorName;
      readonly value: ValuePlan;
    }
  | {
      readonly kind: 'array-contains';
      readonly column: ColumnPlan;
      readonly element: ScalarType;
      readonly value: ValuePlan;
    }
  | { readonly kind: 'array-is-empty'; readonly column: ColumnPlan }
  | { readonly kind: 'exists'; readonly in: ExistsPlan; readonly predicate: PredicatePlan | null };

export type TargetPlan =
  | { readonly kind: 'column'; readonly column: ColumnPlan }
  | { readonly kind: 'aggregate'; readonly path: readonly StepPlan[]; readonly aggregate: AggregatePlan };

export type ValuePlan =
  /** Wire form; for a list operand an array without nulls. */
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'variable'; readonly index: number }
  /** `column` is seen from the end of the path; without a path from the current row. */
  | {
      readonly kind: 'column';
      readonly scope: number;
      readonly path: readonly StepPlan[];
      readonly column: ColumnPlan;
    };

export type ExistsPlan =
  /** Without join pairs: unrelated. */
  | { readonly kind: 'rows'; readonly collection: CollectionDef; readonly join: readonly JoinPair[] }
  | { readonly kind: 'elements'; readonly column: ColumnPlan; readonly scalar: boolean };

export type AggregatePlan =
  | { readonly kind: 'star-count' }
  | { readonly kind: 'column-count'; readonly column: ColumnPlan; readonly distinct: boolean }
  | {
      readonly kind: 'function';
      readonly function: AggregateFunctionName;
      readonly column: ColumnPlan;
      readonly result: ScalarKind;
    };

export interface NamedAggregate {
  readonly alias: string;
  readonly aggregate: AggregatePlan;
}

export interface SortPlan {
  readonly direction: 'asc' | 'desc';
  readonly nullable: boolean;
  readonly target:
    | { readonly kind: 'column'; readonly path: readonly StepPlan[]; readonly column: ColumnPlan }
    | { readonly kind: 'aggregate'; readonly path: readonly StepPlan[]; readonly aggregate: AggregatePlan };
}

export interface GroupsPlan {
  readonly dimensions: readonly DimensionPlan[];
  readonly outputs: readonly NamedAggregate[];
  readonly predicate: GroupPredicatePlan | null;
  readonly orderBy: readonly GroupSortPlan[];
  readonly limit: number | null;
  readonly offset: number;
}

export interface DimensionPlan {
  readonly path: readonly StepPlan[];
  readonly column: ColumnPlan;
  readonly extraction: ExtractionFunctionName | null;
  readonly result: FieldType;
}

export type GroupPredicatePlan = Logical<GroupTestPlan>;

export type GroupTestPlan =
  | { readonly kind: 'is-null'; readonly aggregate: AggregatePlan }
  | {
      readonly kind: 'compare';
      readonly aggregate: AggregatePlan;
      readonly scalar: ScalarType;
      readonly operator: OperatorName;
      readonly value: Exclude<ValuePlan, { readonly kind: 'column' }>;
    };

export interface GroupSortPlan {
  readonly direction: 'asc' | 'desc';
  readonly target:
    | { readonly kind: 'dimension'; readonly index: number }
    | { readonly kind: 'aggregate'; readonly aggregate: AggregatePlan };
}

/** Values that one row of the answer has, those inside its objects among them; a list in it counts as one of its rows. */
export function countFields({ fields }: RowsPlan): number {
  return fields.reduce((sum, field) => sum + (field.kind === 'column' ? countNested(field.nested) : 1), 0);
}

function countNested(nested: NestedPlan | null): number {
  if (!nested) return 1;
  if (nested.kind === 'array') return countNested(nested.of);
  const { fields } = nested.kind === 'object' ? nested : (nested.query.rows ?? { fields: [] });
  return fields.reduce((sum, field) => sum + (field.kind === 'column' ? countNested(field.nested) : 1), 1);
}

export function countGroupFields({ dimensions, outputs }: Pick<GroupsPlan, 'dimensions' | 'outputs'>): number {
  return dimensions.length + outputs.length;
}

/** Kind of an aggregate's value; counts are 32 bits. */
export function aggregateKind(aggregate: AggregatePlan): ScalarKind {
  return aggregate.kind === 'function' ? aggregate.result : 'int32';
}

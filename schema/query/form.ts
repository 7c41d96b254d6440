import type { Logical } from './logical.ts';

/**
 * The query form: what an NDC request, a GraphQL list and a REST list all become before they are answered. Plain,
 * read-only data. Names are still the request's; `resolve` is the only place that knows them and refuses.
 *
 * Maps stand wherever a key comes from a request, so that no key can be mistaken for a property of an object.
 */
export interface QueryRequestForm {
  /** Name of a published collection. */
  readonly collection: string;
  readonly query: QueryForm;
  /** Join definitions that the query refers to by name. */
  readonly relationships?: ReadonlyMap<string, RelationshipForm>;
  /** The query is answered once per set, in this order; without it exactly once. */
  readonly variables?: readonly VariableSet[];
}

/** Variable name → JSON value, as sent. */
export type VariableSet = ReadonlyMap<string, unknown>;

/**
 * Evaluated in this order: predicate, order, offset and limit; then fields, aggregates and groups over the same rows.
 * A part of the answer is present exactly if its key is present here.
 */
export interface QueryForm {
  /** Alias → field. An empty map asks for one `{}` per row. */
  readonly fields?: FieldsForm;
  /** Alias → aggregate over the rows. */
  readonly aggregates?: AggregatesForm;
  readonly groups?: GroupsForm;
  readonly predicate?: PredicateForm;
  /** The primary key follows as last sort key. Null is smaller than any value. */
  readonly orderBy?: readonly OrderByForm[];
  /** Whole number, at least 0. */
  readonly limit?: number;
  /** Whole number, at least 0. */
  readonly offset?: number;
}

export type FieldsForm = ReadonlyMap<string, FieldForm>;
export type AggregatesForm = ReadonlyMap<string, AggregateForm>;

export type FieldForm =
  | { readonly kind: 'column'; readonly column: string; readonly fields?: NestedFieldForm }
  /** Answered by a RowSet, never null. */
  | { readonly kind: 'relationship'; readonly relationship: RelationshipRef; readonly query: QueryForm };

/** Selection inside a column that holds an object, a list, or a list of objects. Null stays null. */
export type NestedFieldForm =
  | { readonly kind: 'object'; readonly fields: FieldsForm }
  | { readonly kind: 'array'; readonly fields: NestedFieldForm }
  /** A whole query over a list of objects; answered by a RowSet, or null for a null list. */
  | { readonly kind: 'collection'; readonly query: QueryForm };

/** A name of `QueryRequestForm.relationships`, or the join itself. */
export type RelationshipRef = string | RelationshipForm;

export interface RelationshipForm {
  readonly target: string;
  /** Column of the current row → column of the target, as a path into nested objects (usually one segment). */
  readonly mapping: ReadonlyMap<string, readonly string[]>;
  /** `object`: at most one row; such relationships may be crossed by sort keys and dimensions. */
  readonly type: 'object' | 'array';
}

/** One step away from the current row. `predicate` filters the target and sees no outer scope. */
export interface PathStepForm {
  readonly relationship: RelationshipRef;
  /** Nested object of the current row that holds the mapped columns. */
  readonly fieldPath?: readonly string[];
  readonly predicate?: PredicateForm;
}

/** A column of the current row, or a value inside it. */
export interface ColumnForm {
  readonly column: string;
  /** Names of nested object fields, outermost first. */
  readonly fieldPath?: readonly string[];
}

/** Two-valued: a comparison in which either side is null is false, and its negation true. */
export type PredicateForm = Logical<TestForm>;

export type TestForm =
  | { readonly kind: 'is-null'; readonly target: ComparisonTargetForm }
  | {
      readonly kind: 'compare';
      readonly target: ComparisonTargetForm;
      /** Name in `operators.ts`: `_eq`, `_in`, `_ilike`, … */
      readonly operator: string;
      readonly value: ValueForm;
    }
  /** The column is a list of scalars: one element equals the value. */
  | { readonly kind: 'array-contains'; readonly target: ColumnTargetForm; readonly value: ValueForm }
  /** The column is a list without elements; null is not empty. */
  | { readonly kind: 'array-is-empty'; readonly target: ColumnTargetForm }
  /** At least one row (of those that satisfy the predicate) is there. Opens a scope. */
  | { readonly kind: 'exists'; readonly in: ExistsForm; readonly predicate?: PredicateForm };

export type ColumnTargetForm = { readonly kind: 'column' } & ColumnForm;

export type ComparisonTargetForm =
  | ColumnTargetForm
  /** Over the rows at the end of the path, which is never empty. */
  | { readonly kind: 'aggregate'; readonly path: readonly PathStepForm[]; readonly aggregate: AggregateForm };

export type ValueForm =
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'variable'; readonly name: string }
  /** With a path: true if any row at its end satisfies. `scope` counts enclosing `exists`, 0 = the current row. */
  | ({
      readonly kind: 'column';
      readonly path?: readonly PathStepForm[];
      readonly scope?: number;
    } & ColumnForm);

export type ExistsForm =
  | { readonly kind: 'related'; readonly relationship: RelationshipRef; readonly fieldPath?: readonly string[] }
  | { readonly kind: 'unrelated'; readonly collection: string }
  /** The column is a list of objects; each becomes the current row. */
  | ({ readonly kind: 'nested-collection' } & ColumnForm)
  /** The column is a list of scalars; each becomes a row with the single column `__value`. */
  | ({ readonly kind: 'nested-scalar-collection' } & ColumnForm);

export interface OrderByForm {
  readonly direction: 'asc' | 'desc';
  readonly target: OrderByTargetForm;
}

export type OrderByTargetForm =
  /** The path crosses object relationships only. */
  | ({ readonly kind: 'column'; readonly path?: readonly PathStepForm[] } & ColumnForm)
  | { readonly kind: 'aggregate'; readonly path: readonly PathStepForm[]; readonly aggregate: AggregateForm };

export type AggregateForm =
  | { readonly kind: 'star-count' }
  /** Values that are not null. */
  | ({ readonly kind: 'column-count'; readonly distinct: boolean } & ColumnForm)
  /** Name in `aggregate-functions.ts`: `sum`, `avg`, `median`, … */
  | ({ readonly kind: 'function'; readonly function: string } & ColumnForm);

export interface GroupsForm {
  readonly dimensions: readonly DimensionForm[];
  readonly aggregates: AggregatesForm;
  readonly predicate?: GroupPredicateForm;
  /** Without it groups come in ascending order of their dimensions, which also break ties. */
  readonly orderBy?: readonly GroupOrderByForm[];
  readonly limit?: number;
  readonly offset?: number;
}

export interface DimensionForm extends ColumnForm {
  /** Object relationships only. */
  readonly path?: readonly PathStepForm[];
  /** Name in `extraction-functions.ts`: `day`, `hour`, … */
  readonly extraction?: string;
}

export type GroupPredicateForm = Logical<GroupTestForm>;

export type GroupTestForm =
  | { readonly kind: 'is-null'; readonly aggregate: AggregateForm }
  | {
      readonly kind: 'compare';
      readonly aggregate: AggregateForm;
      readonly operator: string;
      readonly value: GroupValueForm;
    };

export type GroupValueForm = Exclude<ValueForm, { readonly kind: 'column' }>;

export interface GroupOrderByForm {
  readonly direction: 'asc' | 'desc';
  readonly target:
    | { readonly kind: 'dimension'; readonly index: number }
    | { readonly kind: 'aggregate'; readonly aggregate: AggregateForm };
}

/** The answer to one query. Values are in wire form (`core/domain/kind.ts`). */
export interface RowSet {
  rows?: Row[];
  aggregates?: Row;
  groups?: Group[];
}

export type Row = Record<string, unknown>;

export interface Group {
  /** One value per dimension, in the order asked for. */
  readonly dimensions: readonly unknown[];
  readonly aggregates: Row;
}

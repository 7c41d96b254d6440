import type { Kysely, RawBuilder } from 'kysely';
import type { ScalarKind } from '../../core/domain/kind.ts';
import type { CompiledDialectName } from '../catalogue.ts';
import type { AggregateFunctionName } from './aggregate-functions.ts';
import type { ExtractionFunctionName } from './extraction-functions.ts';
import type { OperatorMeaning } from './operators.ts';

/** A piece of SQL with its parameters. Names in it come from the catalogue, values only as parameters. */
export type Sql = RawBuilder<unknown>;

/** Everything in which the databases differ. */
export interface Dialect {
  readonly name: CompiledDialectName;
  /** Compiles only; it has no connection. */
  readonly compiler: Kysely<unknown>;
  /** Joins the source to a collection in this order: few source rows, each finding its rows by index. */
  readonly sourceJoin: Sql;
  /** Follows `asc` or `desc` where a sort key may be null, so that null is smaller than any value. */
  readonly nullsSmallest: Readonly<Record<'asc' | 'desc', Sql>>;
  /** An aggregate's argument may be a subquery, as a value inside a document is for some. */
  readonly aggregatesSubqueries: boolean;
  /** Stands between a FROM item and its alias, with a space behind it. */
  readonly as: Sql;
  /** What to sort by where no order is asked for and a page or a rank needs one; null where neither does. */
  readonly anyOrder: Sql | null;
  /** What shows the database's plan of a statement, in front of it; empty where that is a setting of the session. */
  readonly explain: string;

  /**
   * Makes a FROM item of a table, or of a select, one whose visited rows are a chance to stop the statement, where nothing
   * else can; `depth` as in `RowScope`.
   */
  stoppable?(rows: Sql, isTable: boolean, depth: number): Sql;
  /** A name of the catalogue as the database has it. Names that statements give are `sql.id` or bare, which is the same. */
  catalogueName(name: string): Sql;
  /** Stands behind an ORDER BY (see `anyOrder`): so many rows after the first `offset`. */
  page(limit: RowCount, offset: number): Sql;
  /** A condition that is false where the given one is unknown. */
  isTrue(condition: Sql): Sql;
  /** Whether a value is among the elements of a list, or is not. */
  member(kind: ScalarKind, left: Sql, elements: Elements, negative: boolean): Sql;

  /** FROM item `s`: one row per element of the JSON parameter, with these columns in their native types. */
  source(columns: readonly SourceColumn[], json: Sql): Sql;
  /** A parameter in the native type of a kind. */
  constant(kind: ScalarKind, wire: unknown): Sql;
  /** A list of wire values as a JSON document. */
  list(wire: readonly unknown[]): Sql;
  /** A native value in a form that no setting of a driver changes; `codec.ts` makes the wire form of it. */
  output(kind: ScalarKind | 'composite', value: Sql): Sql;
  /** What compares and sorts by code point, whatever the database's collation; of other kinds than text the value. */
  binary(kind: ScalarKind | 'composite', value: Sql): Sql;
  /** The text that `binary` was made of. */
  plainText(binary: Sql): Sql;

  /** Native value of a scalar inside a document; the path has at least one name. */
  jsonScalar(kind: ScalarKind, document: Sql, path: readonly string[]): Sql;
  /** Text of an object or list inside a document. */
  jsonNode(document: Sql, path: readonly string[]): Sql;
  /** FROM item with the column `value`: the elements of a list, none where there is no list. */
  jsonElements(document: Sql, path: readonly string[], alias: string): Sql;
  /** Native value of an element that is a scalar. */
  elementScalar(kind: ScalarKind, value: Sql): Sql;
  jsonIsEmptyList(document: Sql, path: readonly string[]): Sql;

  readonly operators: Readonly<Record<Exclude<OperatorMeaning, 'in' | 'not-in'>, CompareSql>>;
  /** The value, or the end of the range that it is beyond; the value is not null. */
  clamp(value: Sql, least: Sql, most: Sql): Sql;
  /** Whether a text matches, in case too, a pattern that comes from a column and may end in a lone escape character. */
  likeStored(text: Sql, pattern: Sql): Sql;
  /** The operand of a case-sensitive pattern, where the database has another notation. */
  likePattern(pattern: string): string;
  readonly aggregates: Readonly<Record<AggregateFunctionName, AggregateSql>>;
  readonly extractions: Readonly<Record<ExtractionFunctionName, (at: Sql) => Sql>>;
}

/** A number of rows, and how a statement says it: a request's as a parameter, one of ours in the text. */
export interface RowCount {
  readonly rows: number;
  readonly sql: Sql;
}

export interface Elements {
  /** FROM item with the elements. */
  readonly from: Sql;
  /** Native value of one. */
  readonly value: Sql;
}

export type CompareSql = (left: Sql, right: Sql, kind: ScalarKind) => Sql;

/** A sum of int64 may be wider than that; a float beyond the range is the end of it (`aggregate-range.ts`). */
export type AggregateSql =
  | { readonly plain: (value: Sql, kind: ScalarKind) => Sql }
  /** No aggregate function exists: a window function beside each value first, then an aggregate over both. */
  | {
      readonly window: (value: Sql, partition: Sql, kind: ScalarKind) => Sql;
      readonly finish: (value: Sql, windowed: Sql, kind: ScalarKind) => Sql;
      /** Over a path instead of those, where a derived table does not see the row that the path starts at. */
      readonly related?: (value: Sql) => OneRow;
    };

/** What to select from the one row that is first in an order, of the rows with a value. */
export interface OneRow {
  readonly value: Sql;
  readonly first: Sql;
}

export interface SourceColumn {
  readonly name: string;
  readonly kind: ScalarKind;
  readonly list: boolean;
}

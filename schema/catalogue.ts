import type { FieldDef, ObjectDef, ScalarKind } from '../core/domain/kind.ts';

/**
 * What is published, as plain data. Built once from the entities and their annotations (`schema/collections.ts`); knows
 * nothing of NDC, GraphQL or HML. Column and table names come from here only, never from a request.
 */
export interface Catalogue {
  readonly collections: ReadonlyMap<string, CollectionDef>;
  /** Composites that columns, functions and procedures refer to by name; those of rows are not repeated here. */
  readonly objects?: ReadonlyMap<string, ObjectDef>;
}

export interface CollectionDef {
  /** snake_case plural: `anomaly_records`. */
  readonly name: string;
  /** snake_case singular, the name of one row's type: `anomaly_record`. */
  readonly rowType: string;
  /** What one row is and when the collection is empty; written for people and PromptQL. */
  readonly description: string;
  readonly columns: readonly ColumnDef[];
  /** Never empty: the tie-break that makes every order total. */
  readonly primaryKey: readonly string[];
  /** Name → columns; contains the primary key under `<name>_by_<columns>`. */
  readonly uniqueConstraints: ReadonlyMap<string, readonly string[]>;
  /** Foreign keys that leave this collection, by name; a name is never a column's. */
  readonly foreignKeys: ReadonlyMap<string, ForeignKeyDef>;
  readonly backing: Backing;
}

export interface ColumnDef extends FieldDef {
  readonly name: string;
  readonly kind: ScalarKind;
  readonly nullable: boolean;
  /** Allowed values of a closed set. */
  readonly values?: readonly string[];
  /** `ms`, `rows`, `bytes`, `0–1`: named wherever a number has one. */
  readonly unit?: string;
}

export interface ForeignKeyDef {
  readonly target: string;
  /** Source column → target column. */
  readonly mapping: Readonly<Record<string, string>>;
  /** Name of the object relationship from here, and of the array relationship back. */
  readonly objectName: string;
  readonly arrayName: string;
}

export type Backing =
  | { readonly type: 'table'; readonly table: string }
  /** A select per dialect; its columns are exactly the collection's. Trusted text of ours, without parameters. */
  | { readonly type: 'select'; readonly sql: Readonly<Record<CompiledDialectName, string>> };

/** The databases that are read and written. */
export type DialectName = 'sqlite' | 'postgresql' | 'mariadb';

/** The dialects SQL is compiled for. What was never run on its database is not connected to either. */
export type CompiledDialectName = DialectName | 'mysql' | 'sqlserver' | 'oracle';

import {
  BigIntType,
  BooleanType,
  DateTimeType,
  DoubleType,
  EnumType,
  IntegerType,
  JsonType,
  StringType,
  TextType,
  UuidType,
} from '@mikro-orm/core';
import type { ScalarKind, ValueType } from '../core/domain/kind.ts';
import { nullable, oneOf, scalar } from '../core/domain/kind.ts';
import type { Backing, CollectionDef, ColumnDef, CompiledDialectName, ForeignKeyDef } from './catalogue.ts';

/** A column that storage has and no surface shows. */
export const UNPUBLISHED = null;

/** What the catalogue adds to a declared column: what it means. */
export type ColumnNote =
  | string
  | {
      readonly description: string;
      readonly unit?: string;
      readonly values?: readonly string[];
      /** What every value of a JSON column is: a list, or an object of the catalogue. */
      readonly holds?: ValueType;
    }
  | typeof UNPUBLISHED;

export interface Relation {
  readonly target: string;
  /** The target's key column. */
  readonly key: string;
  readonly objectName: string;
  readonly arrayName: string;
}

interface DeclaredEntity {
  readonly meta: { readonly properties: object; readonly tableName?: string };
}

type PropertiesOf<E> = E extends { '~entity'?: infer T } ? keyof T & string : string;

interface PublishSpec<E> {
  readonly rowType: string;
  readonly description: string;
  /** Every column of the entity: the compiler demands that each is described or declared unpublished. */
  readonly columns: Record<Exclude<PropertiesOf<E>, `__${string}` | symbol>, ColumnNote>;
  readonly relations?: Readonly<Record<string, Relation>>;
  /** Unique keys besides the primary key. */
  readonly unique?: readonly (readonly string[])[];
}

/** Publishes an entity as a collection under its table's name. Types, keys and nullability come from the entity. */
export function publish<E extends DeclaredEntity>(entity: E, spec: PublishSpec<E>): CollectionDef {
  const table = entity.meta.tableName as string;
  const properties = entity.meta.properties as Record<string, DeclaredProperty>;
  const notes = spec.columns as Record<string, ColumnNote>;
  const columns = Object.entries(notes).flatMap(([name, note]) =>
    note === UNPUBLISHED ? [] : [columnDef(name, kindOf(table, name, properties), isNullable(properties[name]), note)],
  );
  const primaryKey = Object.keys(notes).filter((name) => resolved(properties[name])?.primary === true);
  return collection(table, spec, columns, primaryKey, { type: 'table', table });
}

interface SelectSpec {
  readonly name: string;
  readonly rowType: string;
  readonly description: string;
  readonly primaryKey: readonly string[];
  readonly columns: Readonly<
    Record<string, { readonly kind: ScalarKind; readonly nullable?: boolean; readonly note: ColumnNote }>
  >;
  readonly relations?: Readonly<Record<string, Relation>>;
  readonly unique?: readonly (readonly string[])[];
  readonly sql: Readonly<Record<SelectDialect, string>>;
}

/** The dialects that selects are written in: these use nothing in which MySQL differs from MariaDB. */
export type SelectDialect = Exclude<CompiledDialectName, 'mysql'>;

/** How a select names what the store has: Oracle takes a bare name for one in capitals. */
export function namesOf(dialect: SelectDialect): (name: string) => string {
  return dialect === 'oracle' ? (name) => `"${name}"` : (name) => name;
}

/** A select for each dialect that selects are written in. */
export function onEveryDialect(select: (dialect: SelectDialect) => string): Record<SelectDialect, string> {
  return {
    sqlite: select('sqlite'),
    postgresql: select('postgresql'),
    mariadb: select('mariadb'),
    sqlserver: select('sqlserver'),
    oracle: select('oracle'),
  };
}

/** Publishes a select as a collection: another view of rows that are stored once. */
export function publishSelect(spec: SelectSpec): CollectionDef {
  const columns = Object.entries(spec.columns).map(([name, { kind, nullable: canBeNull, note }]) =>
    columnDef(name, kind, canBeNull ?? false, note as Exclude<ColumnNote, null>),
  );
  const sql = { ...spec.sql, mysql: spec.sql.mariadb };
  return collection(spec.name, spec, columns, spec.primaryKey, { type: 'select', sql });
}

function collection(
  name: string,
  spec: Pick<SelectSpec, 'rowType' | 'description' | 'relations' | 'unique'>,
  columns: readonly ColumnDef[],
  primaryKey: readonly string[],
  backing: Backing,
): CollectionDef {
  if (primaryKey.length === 0) throw new Error(`collection ${name} has no primary key`);
  const unique = [primaryKey, ...(spec.unique ?? [])];
  return {
    name,
    rowType: spec.rowType,
    description: spec.description,
    columns,
    primaryKey,
    uniqueConstraints: new Map(unique.map((keys) => [`${name}_by_${keys.join('_and_')}`, keys])),
    foreignKeys: new Map(
      Object.entries(spec.relations ?? {}).map(([column, relation]) => foreignKey(name, column, relation)),
    ),
    backing,
  };
}

function foreignKey(collectionName: string, column: string, relation: Relation): [string, ForeignKeyDef] {
  const { target, key, objectName, arrayName } = relation;
  return [`${collectionName}_${column}_fk`, { target, mapping: { [column]: key }, objectName, arrayName }];
}

function columnDef(name: string, kind: ScalarKind, canBeNull: boolean, note: Exclude<ColumnNote, null>): ColumnDef {
  const { description, unit, values, holds } = typeof note === 'string' ? { description: note } : note;
  if (holds && kind !== 'json') throw new Error(`column ${name} is a ${kind}: only JSON holds a composite`);
  const base: ValueType = holds ?? (values ? oneOf(values) : scalar(kind));
  return {
    name,
    kind,
    nullable: canBeNull,
    type: canBeNull ? nullable(base) : base,
    description: unit === undefined ? description : `${description} Unit: ${unit}.`,
    ...(values && { values }),
    ...(unit !== undefined && { unit }),
  };
}

/** The part of MikroORM's property declaration that the catalogue reads, before discovery. */
interface DeclaredProperty {
  readonly type?: unknown;
  readonly kind?: string;
  readonly nullable?: boolean;
  readonly primary?: boolean;
  readonly entity?: () => DeclaredEntity;
}

const KINDS = new Map<unknown, ScalarKind>([
  [UuidType, 'uuid'],
  [StringType, 'string'],
  [TextType, 'string'],
  [EnumType, 'string'],
  [IntegerType, 'int32'],
  [BigIntType, 'int64'],
  [DoubleType, 'float64'],
  [BooleanType, 'boolean'],
  [DateTimeType, 'timestamp'],
  [JsonType, 'json'],
]);

function kindOf(table: string, name: string, properties: Record<string, DeclaredProperty>): ScalarKind {
  const property = resolved(properties[name]);
  if (property?.kind === 'm:1') return keyKindOf(property);
  const type = property?.type;
  const kind = KINDS.get(type) ?? KINDS.get((type as object | undefined)?.constructor);
  if (!kind) throw new Error(`column ${table}.${name} has a type that no surface can show`);
  return kind;
}

/** A reference has the kind of the key it points to. */
function keyKindOf(reference: DeclaredProperty): ScalarKind {
  const target = reference.entity?.() as DeclaredEntity;
  const properties = target.meta.properties as Record<string, DeclaredProperty>;
  const [key] = Object.entries(properties).find(([, property]) => resolved(property)?.primary) as [string, unknown];
  return kindOf(target.meta.tableName as string, key, properties);
}

function isNullable(property: DeclaredProperty | undefined): boolean {
  return resolved(property)?.nullable === true;
}

/** Lazily declared properties (references) stand as functions until discovery. */
function resolved(property: unknown): DeclaredProperty | undefined {
  const declared = typeof property === 'function' ? (property as () => unknown)() : property;
  const withOptions = declared as { readonly '~options'?: DeclaredProperty } | undefined;
  return (withOptions?.['~options'] ?? declared) as DeclaredProperty | undefined;
}

import type { ObjectDef, ScalarKind, ValueType } from '../../core/domain/kind.ts';
import type { Catalogue, CollectionDef, ColumnDef } from '../catalogue.ts';

/** A type with its nullability beside it, so that code needs to look at one level only. */
export interface FieldType {
  readonly type: Exclude<ValueType, { readonly type: 'nullable' }>;
  readonly nullable: boolean;
}

export interface ScalarType {
  readonly scalar: ScalarKind;
  readonly values?: readonly string[];
}

/** What the names of the current row mean: a collection's columns, an object's fields, or `__value` of a list element. */
export interface RowType {
  /** For messages: `collection "albums"`. */
  readonly name: string;
  readonly fields: ReadonlyMap<string, FieldType>;
  /** Null for rows that come out of a value in memory or inside a column. */
  readonly collection: CollectionDef | null;
}

/** The single column of a row that is an element of a list of scalars, or the result of a function. */
export const VALUE_COLUMN = '__value';

const rowTypes = new WeakMap<CollectionDef, RowType>();

export function rowTypeOfCollection(collection: CollectionDef): RowType {
  const known = rowTypes.get(collection);
  if (known) return known;
  const rowType: RowType = {
    name: `collection "${collection.name}"`,
    fields: new Map(
      collection.columns.map((column) => [column.name, { type: columnType(column), nullable: column.nullable }]),
    ),
    collection,
  };
  rowTypes.set(collection, rowType);
  return rowType;
}

function columnType(column: ColumnDef): FieldType['type'] {
  const { type } = fieldTypeOf(column.type);
  if (type.type !== 'scalar' || !column.values) return type;
  return { ...type, values: column.values };
}

export function rowTypeOfObject(object: ObjectDef): RowType {
  return {
    name: `object type "${object.name}"`,
    fields: new Map(object.fields.map((field) => [field.name, fieldTypeOf(field.type)])),
    collection: null,
  };
}

export function rowTypeOfElement(element: FieldType): RowType {
  return { name: 'a list element', fields: new Map([[VALUE_COLUMN, element]]), collection: null };
}

export function fieldTypeOf(type: ValueType): FieldType {
  let nullable = false;
  let inner = type;
  while (inner.type === 'nullable') {
    nullable = true;
    inner = inner.of;
  }
  return { type: inner, nullable };
}

/** A row type of a collection or a composite of the catalogue, by the name types refer to. */
export function findObject(catalogue: Catalogue, name: string): RowType | undefined {
  const object = catalogue.objects?.get(name);
  if (object) return rowTypeOfObject(object);
  for (const collection of catalogue.collections.values()) {
    if (collection.rowType === name) return rowTypeOfCollection(collection);
  }
  return undefined;
}

/** Kind of a type that `resolve` has found to be a scalar. */
export function scalarKindOf({ type }: FieldType): ScalarKind {
  if (type.type !== 'scalar') throw new Error(`A ${typeName(type)} stands where a scalar was resolved.`);
  return type.scalar;
}

/** Name of a scalar for messages. */
export function scalarName({ scalar, values }: ScalarType): string {
  return values ? 'closed set of texts' : scalar;
}

/** Name of a type for messages: `int32`, `object "address"`, `list of string`, `closed set of texts`. */
export function typeName(type: ValueType): string {
  switch (type.type) {
    case 'scalar':
      return scalarName(type);
    case 'object':
      return `object "${type.object}"`;
    case 'list':
      return `list of ${typeName(type.of)}`;
    case 'nullable':
      return typeName(type.of);
  }
}

/** The same with its article: `an int32`, `a uuid`. */
export function aTypeName(type: ValueType): string {
  const name = typeName(type);
  return /^[aeio]/.test(name) ? `an ${name}` : `a ${name}`;
}

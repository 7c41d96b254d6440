import type { ObjectDef, ValueType } from '../../core/domain/kind.ts';
import { camelCase, pascalCase } from '../../core/domain/spelling.ts';
import type { Catalogue, CollectionDef } from '../catalogue.ts';
import type { ScalarType } from '../query/value-types.ts';
import { type Relation, relationsOf } from '../relations.ts';

/** What the fields of one GraphQL object type stand for, by their names in GraphQL. */
export interface ObjectShape {
  /** Name in the catalogue or the verb table: `anomaly_record`. */
  readonly name: string;
  /** `AnomalyRecord`. */
  readonly typeName: string;
  readonly description: string;
  readonly columns: ReadonlyMap<string, ColumnField>;
  readonly relations: ReadonlyMap<string, Relation>;
  /** `<relation>Aggregate` → array relation. */
  readonly aggregates: ReadonlyMap<string, Relation>;
  /** Null for results of verbs that are rows of no collection. */
  readonly collection: CollectionDef | null;
}

export interface ColumnField {
  readonly column: string;
  readonly type: ValueType;
  /** Null for lists and objects, which can't be ordered or aggregated by. */
  readonly scalar: ScalarType | null;
  readonly isList: boolean;
  /** What a list of scalars holds; null for anything else. */
  readonly element: ScalarType | null;
  readonly description: string;
}

export type ObjectShapes = ReadonlyMap<string, ObjectShape>;

/** Shapes by name: a row type of each collection, and the objects that verbs return. Refuses names that collide. */
export function objectShapes(catalogue: Catalogue, objects: ReadonlyMap<string, ObjectDef>): ObjectShapes {
  const shapes = new Map<string, ObjectShape>();
  for (const collection of catalogue.collections.values()) {
    add(shapes, rowShape(collection, relationsOf(collection, catalogue)));
  }
  for (const object of objects.values()) {
    add(shapes, {
      name: object.name,
      typeName: pascalCase(object.name),
      description: object.description,
      columns: columnFields(object.fields),
      relations: new Map(),
      aggregates: new Map(),
      collection: null,
    });
  }
  return shapes;
}

function rowShape(collection: CollectionDef, relations: readonly Relation[]): ObjectShape {
  const arrays = relations.filter(({ type }) => type === 'array');
  return {
    name: collection.rowType,
    typeName: pascalCase(collection.rowType),
    description: collection.description,
    columns: columnFields(collection.columns),
    relations: mapOnce(relations.map((relation) => [camelCase(relation.name), relation])),
    aggregates: mapOnce(arrays.map((relation) => [`${camelCase(relation.name)}Aggregate`, relation])),
    collection,
  };
}

function columnFields(fields: ObjectDef['fields']): ReadonlyMap<string, ColumnField> {
  return mapOnce(
    fields.map(({ name, type, description }) => [
      camelCase(name),
      { column: name, type, scalar: scalarOf(type), ...listParts(type), description },
    ]),
  );
}

function scalarOf(type: ValueType): ScalarType | null {
  if (type.type === 'nullable') return scalarOf(type.of);
  return type.type === 'scalar' ? type : null;
}

function listParts(type: ValueType): Pick<ColumnField, 'isList' | 'element'> {
  if (type.type === 'nullable') return listParts(type.of);
  return type.type === 'list' ? { isList: true, element: scalarOf(type.of) } : { isList: false, element: null };
}

/** The columns that can be ordered and aggregated by. */
export function scalarColumns(shape: ObjectShape): (ColumnField & { field: string; scalar: ScalarType })[] {
  return [...shape.columns].flatMap(([field, column]) =>
    column.scalar === null ? [] : [Object.assign({ field }, column, { scalar: column.scalar })],
  );
}

function add(shapes: Map<string, ObjectShape>, shape: ObjectShape): void {
  mapOnce<unknown>([...shape.columns, ...shape.relations, ...shape.aggregates]);
  if (shapes.has(shape.name)) throw new Error(`two object types are called "${shape.name}"`);
  shapes.set(shape.name, shape);
}

function mapOnce<V>(entries: readonly (readonly [field: string, value: V])[]): ReadonlyMap<string, V> {
  const map = new Map(entries);
  if (map.size === entries.length) return map;
  const twice = entries.find(([field], index) => entries.findIndex(([other]) => other === field) !== index);
  throw new Error(`an object type has two fields that GraphQL calls "${twice?.[0]}"`);
}

export function shapeNamed(shapes: ObjectShapes, name: string): ObjectShape {
  const shape = shapes.get(name);
  if (!shape) throw new Error(`there is no object type "${name}"`);
  return shape;
}

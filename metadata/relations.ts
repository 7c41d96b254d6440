import type { Catalogue, CollectionDef, ForeignKeyDef } from '../schema/catalogue.ts';
import type { HmlNames } from './hml-names.ts';
import type { HmlDocument } from './hml.ts';

/** One direction of a foreign key, seen from the collection it starts at. */
export interface Relation {
  readonly name: string;
  readonly source: CollectionDef;
  readonly target: CollectionDef;
  readonly type: 'Object' | 'Array';
  /** Column of the source → column of the target. */
  readonly mapping: readonly (readonly [string, string])[];
}

/** Object relations of the collection's own keys, then array relations of the keys that point to it; by name. */
export function relationsOf(collection: CollectionDef, catalogue: Catalogue): Relation[] {
  const relations: Relation[] = [];
  for (const key of collection.foreignKeys.values()) {
    const target = targetOf(key, catalogue);
    relations.push({
      name: key.objectName,
      source: collection,
      target,
      type: 'Object',
      mapping: Object.entries(key.mapping),
    });
  }
  for (const other of catalogue.collections.values()) {
    for (const key of other.foreignKeys.values()) {
      if (key.target !== collection.name) continue;
      relations.push({
        name: key.arrayName,
        source: collection,
        target: other,
        type: 'Array',
        mapping: Object.entries(key.mapping).map(([from, to]) => [to, from] as const),
      });
    }
  }
  return relations.sort((a, b) => (a.type === b.type ? (a.name < b.name ? -1 : 1) : a.type === 'Object' ? -1 : 1));
}

function targetOf(key: ForeignKeyDef, catalogue: Catalogue): CollectionDef {
  const target = catalogue.collections.get(key.target);
  if (!target) throw new Error(`a foreign key points to "${key.target}", which is not published`);
  return target;
}

export function relationshipDocument(relation: Relation, names: HmlNames): HmlDocument {
  const { source, target, type } = relation;
  const name = names.field(relation.name);
  return {
    kind: 'Relationship',
    version: 'v1',
    definition: {
      name,
      sourceType: names.type(source.rowType),
      target: {
        model: {
          name: names.model(target.name),
          relationshipType: type,
          ...(type === 'Array'
            ? { aggregate: { aggregateExpression: names.aggregateExpression(target.rowType) } }
            : {}),
        },
      },
      mapping: relation.mapping.map(([from, to]) => ({
        source: { fieldPath: [{ fieldName: names.field(from) }] },
        target: { modelField: [{ fieldName: names.field(to) }] },
      })),
      ...(type === 'Array' ? { graphql: { aggregateFieldName: `${name}Aggregate` } } : {}),
      description: describe(relation),
    },
  };
}

function describe({ source, target, type, mapping }: Relation): string {
  const by = mapping.map(([from, to]) => (type === 'Object' ? from : to)).join(', ');
  return type === 'Object'
    ? `The row of ${target.name} that ${source.name}.${by} names.`
    : `Rows of ${target.name} whose ${by} names this row.`;
}

import type { Catalogue, CollectionDef, ForeignKeyDef } from './catalogue.ts';

/** One direction of a foreign key, seen from the collection it starts at. */
export interface Relation {
  /** snake_case; unique among the relations and columns of `source`. */
  readonly name: string;
  readonly source: CollectionDef;
  readonly target: CollectionDef;
  /** `object`: at most one row. */
  readonly type: 'object' | 'array';
  /** Columns of the source and of the target that are equal. */
  readonly mapping: readonly (readonly [source: string, target: string])[];
}

/** Object relations of the collection's own keys, then array relations of the keys that point to it; each by name. */
export function relationsOf(collection: CollectionDef, catalogue: Catalogue): Relation[] {
  const byName = (a: Relation, b: Relation): number => (a.name < b.name ? -1 : 1);
  return [
    ...objectRelations(collection, catalogue).sort(byName),
    ...arrayRelations(collection, catalogue).sort(byName),
  ];
}

function objectRelations(source: CollectionDef, catalogue: Catalogue): Relation[] {
  return [...source.foreignKeys.values()].map((key) => ({
    name: key.objectName,
    source,
    target: targetOf(key, catalogue),
    type: 'object',
    mapping: Object.entries(key.mapping),
  }));
}

function arrayRelations(source: CollectionDef, catalogue: Catalogue): Relation[] {
  return [...catalogue.collections.values()].flatMap((target) =>
    [...target.foreignKeys.values()]
      .filter((key) => key.target === source.name)
      .map((key): Relation => ({
        name: key.arrayName,
        source,
        target,
        type: 'array',
        mapping: Object.entries(key.mapping).map(([from, to]) => [to, from] as const),
      })),
  );
}

function targetOf(key: ForeignKeyDef, catalogue: Catalogue): CollectionDef {
  const target = catalogue.collections.get(key.target);
  if (!target) throw new Error(`a foreign key points to "${key.target}", which is not published`);
  return target;
}

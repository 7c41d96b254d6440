import type { Relation } from '../schema/relations.ts';
import type { HmlNames } from './hml-names.ts';
import type { HmlDocument } from './hml.ts';

export function relationshipDocument(relation: Relation, names: HmlNames): HmlDocument {
  const { source, target, type } = relation;
  const name = names.field(relation.name);
  const isArray = type === 'array';
  return {
    kind: 'Relationship',
    version: 'v1',
    definition: {
      name,
      sourceType: names.type(source.rowType),
      target: {
        model: {
          name: names.model(target.name),
          relationshipType: isArray ? 'Array' : 'Object',
          ...(isArray ? { aggregate: { aggregateExpression: names.aggregateExpression(target.rowType) } } : {}),
        },
      },
      mapping: relation.mapping.map(([from, to]) => ({
        source: { fieldPath: [{ fieldName: names.field(from) }] },
        target: { modelField: [{ fieldName: names.field(to) }] },
      })),
      ...(isArray ? { graphql: { aggregateFieldName: `${name}Aggregate` } } : {}),
      description: describe(relation),
    },
  };
}

function describe({ source, target, type, mapping }: Relation): string {
  const columns = mapping.map(([from, to]) => (type === 'object' ? from : to)).join(', ');
  return type === 'object'
    ? `The row of ${target.name} that ${source.name}.${columns} names.`
    : `Rows of ${target.name} whose ${columns} names this row.`;
}

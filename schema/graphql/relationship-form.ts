import type { RelationshipForm } from '../query/form.ts';
import type { Relation } from '../relations.ts';

/** A relation of the catalogue as the join that the query form wants. */
export function relationshipForm({ target, type, mapping }: Relation): RelationshipForm {
  return { target: target.name, type, mapping: new Map(mapping.map(([from, to]) => [from, [to]])) };
}

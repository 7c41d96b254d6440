import { camelCase, lookUpName } from '../core/domain/spelling.ts';
import type { VerbTable } from '../core/services/verbs/verb.ts';
import type { Catalogue } from '../schema/catalogue.ts';

/** The GraphQL root fields that our models and commands have in a supergraph: traffic on them is not observed. */
export function ownRootFields(catalogue: Catalogue, verbs: VerbTable): ReadonlySet<string> {
  const fields = new Set<string>();
  for (const { name, uniqueConstraints } of catalogue.collections.values()) {
    fields.add(camelCase(name));
    fields.add(`${camelCase(name)}Aggregate`);
    for (const columns of uniqueConstraints.values()) fields.add(lookUpName(name, columns));
  }
  for (const verb of verbs.verbs.keys()) fields.add(camelCase(verb));
  return fields;
}

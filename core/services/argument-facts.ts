import { personalKindOf } from '../detection/personal-data/personal-names.ts';
import { personalKindOfCells, withoutPersonalValues } from '../detection/personal-data/personal-values.ts';
import type { DdnFact } from '../document/ddn-facts.ts';
import type { ArgumentFacts } from '../domain/argument-facts.ts';
import type { RequestFacts } from '../domain/request-facts.ts';

/** Longer JSON is not kept: arguments of a request that is replayed are few and short. */
export const MAX_ARGUMENT_FACTS_CHARACTERS = 8_192;

/**
 * The argument values of a request as the log may keep them: personal ones, by the name or the form, are replaced by their
 * kind, `[e-mail]`, and by null where they are no texts; other texts are cut to 1,024 characters. Null where the arguments
 * are unknown or too many.
 */
export function argumentFactsOf({ fact, varying }: RequestFacts<DdnFact>): ArgumentFacts | null {
  if (typeof fact.arguments === 'symbol' || typeof fact.limit === 'symbol') return null;
  const facts: ArgumentFacts = {
    arguments: withoutPersonal(fact.arguments, '') as ArgumentFacts['arguments'],
    limit: fact.limit,
    varying: varying
      .filter(({ path }) => path[0] === 'arguments')
      .map(({ path, values }) => ({ path, values: values.map((value) => withoutPersonal(value, path.join('.'))) })),
  };
  return JSON.stringify(facts).length <= MAX_ARGUMENT_FACTS_CHARACTERS ? facts : null;
}

function withoutPersonal(value: unknown, path: string): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutPersonal(item, path));
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    return Object.fromEntries(entries.map(([key, inner]) => [key, withoutPersonal(inner, `${path}.${key}`)]));
  }
  const kind = personalKindOfCells([value]) ?? personalKindOf(path);
  if (typeof value !== 'string') return kind === null ? value : null;
  return kind === null ? withoutPersonalValues(value) : `[${kind}]`;
}

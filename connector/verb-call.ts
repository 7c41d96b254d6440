import { badRequest, DomainError } from '../core/domain/errors.ts';
import type { Verb, VerbTable } from '../core/services/verbs/verb.ts';

/** The verb of that name and kind, or a refusal that lists what there is. */
export function findVerb(verbs: VerbTable, kind: Verb['kind'], name: string, path: string): Verb {
  const verb = verbs.verbs.get(name);
  if (verb?.kind === kind) return verb;
  const known = [...verbs.verbs.values()].filter((other) => other.kind === kind).map((other) => other.name);
  throw badRequest('UNKNOWN_VERB', `There is no ${kind} "${name}"; there are ${known.join(', ') || 'none'}.`, { path });
}

/** Errors of a verb or of a selection name places inside it; this puts the place it stands at in front. */
export function errorAt(path: string, error: unknown): unknown {
  if (!(error instanceof DomainError) || error.path === undefined) return error;
  return new DomainError(error.kind, error.code, error.message, {
    path: `${path}.${error.path}`,
    details: error.details,
    cause: error,
  });
}

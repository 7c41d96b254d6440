import { randomUUID } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { DomainError } from '../../core/domain/errors.ts';

/**
 * What a client is told of an error: a DomainError's text with its code, kind and the place in the input; GraphQL's own
 * refusals as they are; of anything else only an id, under which it is logged.
 */
export function createErrorMask(logError: (id: string, error: unknown) => void): (error: unknown) => Error {
  return (error) => {
    const cause = causeOf(error);
    if (cause instanceof DomainError) {
      const { code, kind, path } = cause;
      return located(error, cause.message, { code, kind, ...(path === undefined ? {} : { path }) });
    }
    if (cause instanceof GraphQLError) return error as GraphQLError;
    const id = randomUUID();
    logError(id, cause);
    return located(error, `internal error, id ${id}`, { code: 'INTERNAL', kind: 'internal', id });
  };
}

/** What a resolver threw, behind the errors that say where. */
function causeOf(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError;
  return cause;
}

function located(error: unknown, message: string, extensions: Record<string, unknown>): GraphQLError {
  if (!(error instanceof GraphQLError)) return new GraphQLError(message, { extensions });
  const { nodes, source, positions, path } = error;
  return new GraphQLError(message, { nodes: nodes ?? null, source, positions, path: path ?? null, extensions });
}

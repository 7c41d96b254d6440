import { unavailable } from '../../core/domain/errors.ts';
import type { DomainError } from '../../core/domain/errors.ts';

/** The database can't be reached or is not ready. */
export function databaseUnavailable(cause: unknown): DomainError {
  return unavailable('database-unavailable', 'The database does not answer.', { cause });
}

export function statementTimedOut(timeoutMs: number, cause?: unknown): DomainError {
  const options = cause === undefined ? {} : { cause };
  return unavailable('statement-timeout', `The database needed more than ${timeoutMs} ms for a statement.`, options);
}

/** A defect of ours: the statement was compiled, not written by the caller. Its text stays in the cause, for the log. */
export function statementRefused(code: string, cause: unknown): Error {
  return new Error(`The database refused a statement (${code}).`, { cause });
}

/** What a driver calls its error; empty where it has no name. */
export function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

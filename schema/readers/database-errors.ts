import { unavailable } from '../../core/domain/errors.ts';
import type { DomainError } from '../../core/domain/errors.ts';
import { isAway } from '../database-away.ts';

/** The database can't be reached or is not ready. */
export function databaseUnavailable(cause: unknown): DomainError {
  return unavailable('DATABASE_UNAVAILABLE', 'The database does not answer.', { cause });
}

export function statementTimedOut(timeoutMs: number, cause?: unknown): DomainError {
  const options = cause === undefined ? {} : { cause };
  return unavailable('STATEMENT_TIMEOUT', `A statement took more than ${timeoutMs} ms.`, options);
}

/**
 * What a driver's error means: the database is away, or it refused a statement. The latter is a defect of ours, as the
 * statement was compiled and not written by the caller; its text stays in the cause, for the log.
 */
export function faultOf(error: unknown): Error {
  if (isAway(error)) return databaseUnavailable(error);
  return new Error(`The database refused a statement (${codeOf(error)}).`, { cause: error });
}

/** What a driver calls its error; empty where it has no name. */
export function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

import { conflict, DomainError, unavailable } from '../../core/domain/errors.ts';
import { isAwayForWriting } from '../database-away.ts';

/** Unique and foreign keys; serialization failure, deadlock, and a row changed since it was read. */
const RACE_CODES: readonly RegExp[] = [
  /^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY|FOREIGNKEY)$/,
  /^(23505|23503|40001|40P01)$/,
  /^ER_(DUP_ENTRY|NO_REFERENCED_ROW_2|ROW_IS_REFERENCED_2|LOCK_DEADLOCK|CHECKREAD)$/,
];

/**
 * What a caller whose transaction failed is told: come back later, or read again because somebody was faster (the keys
 * are checked before, so only a race violates one). Anything else stays the defect it is.
 */
export function callerFault(error: unknown): unknown {
  if (error instanceof DomainError) return error;
  if (lostRace(error)) {
    return conflict(
      'CONCURRENT_CHANGE',
      'Somebody else changed the same thing at the same time; read it again and repeat.',
      {
        cause: error,
      },
    );
  }
  if (isAwayForWriting(error))
    return unavailable('STORE_UNAVAILABLE', 'The database does not answer.', { cause: error });
  return error;
}

function lostRace(error: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    const code = (current as { code?: unknown }).code;
    if (typeof code === 'string' && RACE_CODES.some((codes) => codes.test(code))) return true;
  }
  return false;
}

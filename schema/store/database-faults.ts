import { conflict, DomainError, unavailable } from '../../core/domain/errors.ts';

/**
 * Tells a database that can't serve (away, full, read-only, overloaded) from a statement it refuses. Only the first is
 * worth waiting for.
 */
export function isOutage(error: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    const code = (current as { code?: unknown }).code;
    if (typeof code === 'string' && OUTAGE_CODES.test(code)) return true;
    if (OUTAGE_TEXTS.test(current.message)) return true;
  }
  return false;
}

/**
 * SQLite result codes; socket errors; PostgreSQL classes 08 (connection), 3D000 (no such database), 40 (lost against another transaction), 53 (resources),
 * 55000 (no connections allowed), 57P (shutdown),
 * 25006 (read-only transaction).
 */
const OUTAGE_CODES =
  /^(SQLITE_(BUSY|LOCKED|READONLY|FULL|IOERR|CANTOPEN|NOTADB|CORRUPT)|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|08|3D000|40|53|55000|57P|25006)/;

/** What pg says without a code. */
const OUTAGE_TEXTS =
  /connection (terminated|timeout)|timeout exceeded when trying to connect|database connection is not open|client has encountered a connection error/i;

/** Unique and foreign keys of SQLite and PostgreSQL; serialization failure and deadlock of PostgreSQL. */
const RACE_CODES = /^(SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY|FOREIGNKEY)|23505|23503|40001|40P01)$/;

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
  if (isOutage(error)) return unavailable('STORE_UNAVAILABLE', 'The database does not answer.', { cause: error });
  return error;
}

function lostRace(error: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    const code = (current as { code?: unknown }).code;
    if (typeof code === 'string' && RACE_CODES.test(code)) return true;
  }
  return false;
}

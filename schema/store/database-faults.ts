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
 * SQLite result codes; socket errors; PostgreSQL classes 08 (connection), 40 (lost against another transaction), 53 (resources),
 * 55000 (no connections allowed), 57P (shutdown),
 * 25006 (read-only transaction).
 */
const OUTAGE_CODES =
  /^(SQLITE_(BUSY|LOCKED|READONLY|FULL|IOERR|CANTOPEN|NOTADB|CORRUPT)|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|08|40|53|55000|57P|25006)/;

/** What pg says without a code. */
const OUTAGE_TEXTS =
  /connection (terminated|timeout)|timeout exceeded when trying to connect|database connection is not open|client has encountered a connection error/i;

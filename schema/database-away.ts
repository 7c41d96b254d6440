import type { DialectName } from './catalogue.ts';

/** What an error of a driver is told by. */
interface Signs {
  /** `code`: the driver's or Node's name of it. */
  readonly codes?: RegExp;
  /** `errno`, where the drivers of one database give one number different names. */
  readonly numbers?: ReadonlySet<number>;
  /** The message, where a driver gives no code. */
  readonly texts?: RegExp;
}

/** As tables come from the catalogue, a missing one is a database that is not migrated, or emptied. */
const SIGNS: Readonly<
  Record<
    DialectName | 'network',
    {
      /** It is not there, overloaded, shutting down, refuses the login, or has no tables. */
      readonly away: Signs;
      /** It is full or read-only. */
      readonly unwritable: Signs;
      /** It let another transaction win: the same again may succeed at once. */
      readonly lost: Signs;
    }
  >
> = {
  sqlite: {
    away: {
      codes: /^SQLITE_(BUSY|LOCKED|IOERR|CANTOPEN|NOTADB|CORRUPT|NOMEM)/,
      texts: /database connection is not open|no such table/i,
    },
    unwritable: { codes: /^SQLITE_(READONLY|FULL)/ },
    lost: {},
  },
  postgresql: {
    // Classes 08 (connection), 28 (login), 53 (resources), 57P (shutdown); 3D000 (no such database), 55000 (it takes no
    // connections), 42P01 (no such table).
    away: {
      codes: /^(08|28|53|57P|3D000|55000|42P01)/,
      texts:
        /connection (terminated|timeout)|timeout exceeded when trying to connect|client (has encountered a connection error|was closed)|after calling end on the pool/i,
    },
    // Read-only transaction.
    unwritable: { codes: /^25006/ },
    // Serialization failure, deadlock.
    lost: { codes: /^40/ },
  },
  mariadb: {
    away: {
      // The store's driver, mysql2, says PROTOCOL_…; the reader's, mariadb, says ER_… besides the server's own.
      codes:
        /^(PROTOCOL_CONNECTION_LOST|PROTOCOL_SEQUENCE_TIMEOUT|ER_(CONNECTION|GET_CONNECTION|SOCKET|POOL|CMD_CONNECTION)_)/,
      numbers: new Set([
        // Too many connections, of all or of one user; the host is blocked.
        1040, 1129, 1203, 1226,
        // Login or database refused; no such database, or it went while in use; no such table.
        1044, 1045, 1046, 1049, 1146,
        // Shutting down; connection aborted or killed, or its network failed.
        1053, 1079, 1152, 1158, 1159, 1160, 1161, 1184, 1927,
      ]),
      texts: /in closed state|pool is closed/i,
    },
    // Disk or table full; read-only server, transaction or storage engine.
    unwritable: { numbers: new Set([1021, 1114, 1290, 1792, 1836]) },
    // Lock wait timeout, deadlock.
    lost: { numbers: new Set([1205, 1213]) },
  },
  network: {
    away: { codes: /^(ECONN|(EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENETDOWN|ENOENT)$)/ },
    unwritable: {},
    lost: {},
  },
};

/** Whether an error, or what caused it, says that the database can't be read now; a statement it refuses is none. */
export function isAway(error: unknown): boolean {
  return hasSigns(error, ({ away }) => [away]);
}

/** The same of a database that can't be written now: that alone is worth waiting for. */
export function isAwayForWriting(error: unknown): boolean {
  return hasSigns(error, ({ away, unwritable, lost }) => [away, unwritable, lost]);
}

/** Whether a transaction was undone in favour of another. */
export function isLostRace(error: unknown): boolean {
  return hasSigns(error, ({ lost }) => [lost]);
}

function hasSigns(error: unknown, signsOf: (signs: (typeof SIGNS)['network']) => readonly Signs[]): boolean {
  const signs = Object.values(SIGNS).flatMap(signsOf);
  return causesOf(error).some((cause) => signs.some((sign) => shows(cause, sign)));
}

function shows(error: Error, { codes, numbers, texts }: Signs): boolean {
  const { code, errno } = error as { code?: unknown; errno?: unknown };
  if (typeof code === 'string' && codes?.test(code)) return true;
  if (typeof errno === 'number' && numbers?.has(errno)) return true;
  return texts?.test(error.message) ?? false;
}

function causesOf(error: unknown): Error[] {
  const causes: Error[] = [];
  for (let current = error; current instanceof Error; current = current.cause) causes.push(current);
  return causes;
}

import type { Database } from 'better-sqlite3';
import { matchesLike } from './query/like-pattern.ts';
import type { StatementTime } from './statement-time.ts';

/** Whether a text matches an SQL LIKE pattern, in case too: SQLite's own LIKE takes ASCII letters of any case for equal. */
export const MATCHES_LIKE = 'sentinel_matches_like';

/** The functions that the query engine's statements call (`dialect-sqlite.ts`); each connection needs its own. */
export function registerFunctions(database: Database, time: StatementTime): void {
  time.register(database);
  database.function(MATCHES_LIKE, { deterministic: true }, (text: unknown, pattern: unknown) =>
    typeof text === 'string' && typeof pattern === 'string' ? Number(matchesLike(text, pattern)) : null,
  );
}

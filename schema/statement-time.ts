import type { Database } from 'better-sqlite3';

/** The SQL function that a statement of SQLite calls for rows it visits (`dialect-sqlite.ts`). */
export const IN_TIME = 'sentinel_in_time';

/** What a statement fails with that is out of time. */
export const OUT_OF_TIME = 'SENTINEL_OUT_OF_TIME';

/**
 * Stops statements of one SQLite connection: better-sqlite3 can't interrupt one, but a function that throws ends it.
 * Without a limit the function lets everything pass.
 */
export class StatementTime {
  #until = Infinity;

  register(database: Database): void {
    database.function(IN_TIME, { varargs: true, deterministic: false }, () => {
      if (performance.now() > this.#until) throw Object.assign(new Error('out of time'), { code: OUT_OF_TIME });
      return 1;
    });
  }

  /** @param ms from now, for the statements that call the function */
  limit(ms: number): void {
    this.#until = performance.now() + ms;
  }
}

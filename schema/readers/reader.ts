import type { CompiledSql, ExecuteSql, QueryRunner } from '../query/query-runner.ts';

/** Rows by column name, as the driver gives them to the store: see `schema/store/codec.ts`. */
export type ReadRows = (statement: CompiledSql) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** A runner with connections of its own that can't write. */
export interface Reader extends QueryRunner {
  /** `rows` reads in the same snapshot, for what knows the columns of its statements by name. */
  snapshot<T>(run: (execute: ExecuteSql, rows: ReadRows) => Promise<T>): Promise<T>;
  /**
   * Lets running statements end, refuses new ones. False where a thread goes on that nothing but the end of the process
   * stops: `process.exit` would wait for it.
   */
  close(): Promise<boolean>;
}

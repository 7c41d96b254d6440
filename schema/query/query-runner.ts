import type { CompiledDialectName } from '../catalogue.ts';

/** One statement and the values bound to it, in the order of its placeholders. */
export interface CompiledSql {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** The selected values of one row, in select order, as the driver gives them. */
export type Cells = readonly unknown[];

/** Takes the next rows. No more come until what it returns is settled; what it throws or rejects with ends the reading. */
export type TakeRows<R> = (rows: readonly R[]) => void | Promise<void>;

/**
 * With `onRows` a runner may hand rows over in slices as they come, so that nobody has to hold all of them; it resolves
 * to those it did not hand over. Rejects with what `onRows` fails with.
 */
export type ExecuteSql = (statement: CompiledSql, onRows?: TakeRows<Cells>) => Promise<readonly Cells[]>;

/**
 * Where statements run. Failures leave as DomainError `unavailable` (the database does not answer, or not in time) or as
 * an error without SQL text.
 */
export interface QueryRunner {
  readonly dialect: CompiledDialectName;
  /** One statement by itself. */
  readonly execute: ExecuteSql;
  /** Several statements that see one state of the data. */
  snapshot<T>(run: (execute: ExecuteSql) => Promise<T>): Promise<T>;
}

/** A runner inside a transaction or snapshot that is open already: that is its snapshot too. */
export function runnerInside(dialect: CompiledDialectName, execute: ExecuteSql): QueryRunner {
  return { dialect, execute, snapshot: (run) => run(execute) };
}

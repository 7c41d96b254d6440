import { CompiledQuery } from 'kysely';
import type { Kysely } from 'kysely';
import type { DialectName } from '../catalogue.ts';
import { type ExecuteSql, type QueryRunner, runnerInside } from './query-runner.ts';

/**
 * Reads inside a transaction that is open already, so that the fields of a procedure's result see what it did. The
 * transaction is the snapshot; its errors are its owner's to translate.
 */
export function createKyselyRunner<DB>(kysely: Kysely<DB>, dialect: DialectName): QueryRunner {
  const execute: ExecuteSql = async ({ sql, parameters }) => {
    const { rows } = await kysely.executeQuery<Record<string, unknown>>(CompiledQuery.raw(sql, [...parameters]));
    // Statements of the engine name every column once and never by a number, so values come in select order.
    return rows.map((row) => Object.values(row));
  };
  return runnerInside(dialect, execute);
}

import { CompiledQuery, type Kysely } from 'kysely';
import { SECOND } from '../../core/domain/time.ts';
import type { DialectName } from '../catalogue.ts';
import { createKyselyRunner } from '../query/kysely-runner.ts';
import { type ExecuteSql, type QueryRunner, runnerInside } from '../query/query-runner.ts';
import { statementTimedOut } from '../readers/database-errors.ts';
import { OUT_OF_TIME, type StatementTime } from '../statement-time.ts';
import type { Tables } from './tables.ts';

/**
 * What the relationships of a procedure's result may take: per statement where a server runs it, and the whole
 * transaction on SQLite, where nothing else happens in this process meanwhile.
 */
const RESULT_MS: Readonly<Record<DialectName, number>> = {
  sqlite: SECOND,
  postgresql: 30 * SECOND,
  mariadb: 30 * SECOND,
};

/** MariaDB's number for a statement that is out of time, which the driver has no name for. */
const MARIADB_OUT_OF_TIME = 1969;
const POSTGRES_QUERY_CANCELED = '57014';

/** Reads inside the transaction of a procedure, so that the fields of its result see what it did; never without end. */
export function createResultRunner(
  tx: Kysely<Tables>,
  dialect: DialectName,
  time: StatementTime,
  timeoutMs: number = RESULT_MS[dialect],
): QueryRunner {
  const { execute } = createKyselyRunner(tx, dialect);
  const limited: Readonly<Record<DialectName, () => ExecuteSql>> = {
    sqlite: () => {
      let leftMs = timeoutMs;
      return async (statement) => {
        const startedAt = performance.now();
        time.limit(leftMs);
        try {
          return await execute(statement);
        } finally {
          leftMs -= performance.now() - startedAt;
        }
      };
    },
    postgresql: () => async (statement) => {
      await tx.executeQuery(CompiledQuery.raw(`set local statement_timeout = ${timeoutMs}`));
      return execute(statement);
    },
    mariadb: () => {
      const prefix = `set statement max_statement_time = ${timeoutMs / SECOND} for `;
      return ({ sql, parameters }) => execute({ sql: prefix + sql, parameters });
    },
  };
  const run = limited[dialect]();
  return runnerInside(dialect, async (statement) => {
    try {
      return await run(statement);
    } catch (error) {
      throw isOutOfTime(error) ? statementTimedOut(timeoutMs, error) : error;
    }
  });
}

function isOutOfTime(error: unknown): boolean {
  const { code, errno } = error as { code?: unknown; errno?: unknown };
  return code === OUT_OF_TIME || code === POSTGRES_QUERY_CANCELED || errno === MARIADB_OUT_OF_TIME;
}

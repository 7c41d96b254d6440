import { expect, it } from 'vitest';
import { isAway, isAwayForWriting } from '../../schema/database-away.ts';

const coded = (code: string, errno?: number) => Object.assign(new Error('x'), { code, errno });

it.each([
  ['SQLite: the file is locked', coded('SQLITE_BUSY_SNAPSHOT')],
  ['SQLite: not migrated', Object.assign(new Error('no such table: request_log'), { code: 'SQLITE_ERROR' })],
  ['PostgreSQL: shutting down', coded('57P01')],
  ['PostgreSQL: takes no connections', coded('55000')],
  ['PostgreSQL: no such database', coded('3D000')],
  ['PostgreSQL: what pg says without a code', new Error('Connection terminated unexpectedly')],
  ['MariaDB: killed, which mysql2 has no name for', Object.assign(new Error('x'), { errno: 1927 })],
  ['MariaDB: too many connections', coded('ER_CON_COUNT_ERROR', 1040)],
  ['MariaDB: dropped while in use', coded('ER_NO_DB_ERROR', 1046)],
  ['mysql2: the connection broke', coded('PROTOCOL_CONNECTION_LOST')],
  ['mysql2: a broken connection is used', new Error("Can't add new command when connection is in closed state")],
  ['mariadb: no connection in time', coded('ER_GET_CONNECTION_TIMEOUT', 45028)],
  ['the network: refused', coded('ECONNREFUSED', -111)],
  ['the network: no name service', coded('EAI_AGAIN')],
  ['a cause of a cause', new Error('outer', { cause: new Error('inner', { cause: coded('ETIMEDOUT') }) })],
])('away: %s', (_name, error) => {
  expect(isAway(error)).toBe(true);
  expect(isAwayForWriting(error)).toBe(true);
});

it.each([
  ['SQLite: the disk is full', coded('SQLITE_FULL')],
  ['PostgreSQL: a standby', coded('25006')],
  ['PostgreSQL: a deadlock', coded('40P01')],
  ['MariaDB: a deadlock', coded('ER_LOCK_DEADLOCK', 1213)],
  ['MariaDB: a read-only server', coded('ER_OPTION_PREVENTS_STATEMENT', 1290)],
])('away for writing alone: %s', (_name, error) => {
  expect(isAway(error)).toBe(false);
  expect(isAwayForWriting(error)).toBe(true);
});

it.each([
  ['SQLite: a key', coded('SQLITE_CONSTRAINT_UNIQUE')],
  ['PostgreSQL: a value out of range', coded('22003')],
  ['PostgreSQL: a statement that ran too long', coded('57014')],
  ['MariaDB: a text too long', coded('ER_DATA_TOO_LONG', 1406)],
  ['MariaDB: a statement that ran too long', coded('ER_STATEMENT_TIMEOUT', 1969)],
  ['a defect', new TypeError('x is not a function')],
  ['no error at all', 'ECONNREFUSED'],
])('a refusal: %s', (_name, error) => {
  expect(isAwayForWriting(error)).toBe(false);
});

import type { CompiledDialectName } from '../catalogue.ts';
import { mariadb } from './dialect-mariadb.ts';
import { mysql } from './dialect-mysql.ts';
import { oracle } from './dialect-oracle.ts';
import { postgresql } from './dialect-postgresql.ts';
import { sqlite } from './dialect-sqlite.ts';
import { sqlserver } from './dialect-sqlserver.ts';
import type { Dialect } from './dialect.ts';

export const DIALECTS: Readonly<Record<CompiledDialectName, Dialect>> = {
  sqlite,
  postgresql,
  mariadb,
  mysql,
  sqlserver,
  oracle,
};

import type { ScalarKind } from '../../core/domain/kind.ts';
import type { DialectName } from '../../schema/catalogue.ts';

/** Column types of the tables that fixtures create. */
export const COLUMN_TYPES: Record<DialectName, Record<ScalarKind, string>> = {
  sqlite: {
    string: 'text',
    uuid: 'text',
    int32: 'integer',
    int64: 'integer',
    float64: 'real',
    boolean: 'integer',
    timestamp: 'integer',
    json: 'text',
  },
  postgresql: {
    string: 'text',
    uuid: 'uuid',
    int32: 'integer',
    int64: 'bigint',
    float64: 'double precision',
    boolean: 'boolean',
    timestamp: 'timestamptz(3)',
    json: 'jsonb',
  },
  mariadb: {
    string: 'varchar(200)',
    uuid: 'char(36)',
    int32: 'int',
    int64: 'bigint',
    float64: 'double',
    boolean: 'boolean',
    timestamp: 'datetime(3)',
    json: 'json',
  },
};

/** Wire form → what the store writes. */
export function storedValue(dialect: DialectName, kind: ScalarKind, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (kind === 'json') return JSON.stringify(value);
  if (kind === 'timestamp' && dialect === 'sqlite') return Date.parse(value as string);
  if (kind === 'timestamp' && dialect === 'mariadb') return (value as string).replace('T', ' ').replace('Z', '');
  if (kind === 'int64' && dialect === 'sqlite') return BigInt(value as string);
  return kind === 'boolean' && dialect === 'sqlite' ? Number(value) : value;
}

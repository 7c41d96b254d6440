import { storableJson } from '../../core/domain/text.ts';
import type { DialectName } from '../catalogue.ts';

/** How a dialect's driver wants and returns the kinds that differ: the one table of the write side. */
export interface Codec {
  instant(ms: number): Date;
  instantOrNull(ms: number | null): Date | null;
  flag(value: boolean): boolean;
  /** JSON text without what a database can't hold, typed as what the column holds. */
  json<T>(value: T): T;
  readInstant(raw: unknown): number;
  readInstantOrNull(raw: unknown): number | null;
  readFlag(raw: unknown): boolean;
  readJson(raw: unknown): unknown;
}

// The declared types are those of the entities (`Date`, `boolean`), which is what Kysely's inferred tables ask for;
// what better-sqlite3 can bind is numbers.
const sqlite: Codec = {
  instant: (ms) => ms as unknown as Date,
  instantOrNull: (ms) => ms as unknown as Date | null,
  flag: (value) => (value ? 1 : 0) as unknown as boolean,
  json: (value) => storableJson(value) as typeof value,
  readInstant: (raw) => raw as number,
  readInstantOrNull: (raw) => raw as number | null,
  readFlag: (raw) => raw === 1 || raw === true,
  readJson: (raw) => (raw === null ? null : JSON.parse(raw as string)),
};

const postgresql: Codec = {
  instant: (ms) => new Date(ms),
  instantOrNull: (ms) => (ms === null ? null : new Date(ms)),
  flag: (value) => value,
  json: (value) => storableJson(value) as typeof value,
  readInstant: (raw) => new Date(raw as string | Date).getTime(),
  readInstantOrNull: (raw) => (raw === null ? null : new Date(raw as string | Date).getTime()),
  readFlag: (raw) => raw === true,
  readJson: (raw) => raw,
};

/** DATETIME has no zone and means UTC; text both ways leaves no room for a driver's idea of one. */
const mariadb: Codec = {
  instant: (ms) => new Date(ms).toISOString().slice(0, 23).replace('T', ' ') as unknown as Date,
  instantOrNull: (ms) => (ms === null ? null : mariadb.instant(ms)),
  flag: (value) => (value ? 1 : 0) as unknown as boolean,
  json: (value) => storableJson(value) as typeof value,
  readInstant: (raw) => Date.parse(`${(raw as string).replace(' ', 'T')}Z`),
  readInstantOrNull: (raw) => (raw === null ? null : mariadb.readInstant(raw)),
  readFlag: (raw) => raw === 1,
  readJson: (raw) => (raw === null ? null : JSON.parse(raw as string)),
};

export const CODECS: Readonly<Record<DialectName, Codec>> = { sqlite, postgresql, mariadb };

import { type Insertable, type Kysely, sql } from 'kysely';
import { runInsert } from './insert-text.ts';
import type { Tables } from './tables.ts';

/**
 * Statements that the databases spell differently, for every repository: none of them asks which database it writes to.
 * SQLite and PostgreSQL know ON CONFLICT and RETURNING. The MySQL family knows ON DUPLICATE KEY UPDATE; its INSERT
 * IGNORE would also store what does not fit its column and skip what violates a foreign key, so it is not used.
 */

type Table = keyof Tables;
type Column<T extends Table> = keyof Tables[T] & string;

/**
 * Inserts the rows whose key is not there yet and returns those of the given rows that were. One statement; in the MySQL
 * family two more when a key was there. Each key stands in `rows` once.
 *
 * @param key the columns of one unique key. That any other key is violated is an error, as is everything else.
 */
export async function insertNew<T extends Table, Row extends Insertable<Tables[T]>>(
  kysely: Kysely<Tables>,
  table: T,
  rows: readonly Row[],
  key: readonly Column<T>[],
): Promise<readonly Row[]> {
  const db = kysely as unknown as AnyKysely;
  const given = rows as readonly AnyRow[];
  const inserted = hasOnConflict(kysely)
    ? await insertReturning(db, table, given, key)
    : await insertMissing(db, table, given, key);
  return inserted as readonly unknown[] as readonly Row[];
}

/** What becomes of a stored row when a row with its key is inserted: numbers are added up, values replaced, the rest kept. */
export interface Merge<T extends Table> {
  readonly add?: readonly Column<T>[];
  readonly replace?: readonly Column<T>[];
}

/** Inserts rows, or merges them into those that have the same key. Each key stands in `rows` once. */
export async function insertOrMerge<T extends Table>(
  kysely: Kysely<Tables>,
  table: T,
  rows: readonly Insertable<Tables[T]>[],
  key: readonly Column<T>[],
  { add = [], replace = [] }: Merge<T>,
): Promise<void> {
  const insert = () => (kysely as unknown as AnyKysely).insertInto(table).values(rows);
  const stored = (column: string) => sql.ref(`${table}.${column}`);
  const merged = (offered: (column: string) => ReturnType<typeof sql>) =>
    Object.fromEntries([
      ...add.map((column) => [column, sql`${stored(column)} + ${offered(column)}`]),
      ...replace.map((column) => [column, offered(column)]),
    ]);
  await runInsert(
    kysely as never,
    `merge ${table} ${key.join()} ${add.join()} ${replace.join()}`,
    rows as readonly AnyRow[],
    () =>
      hasOnConflict(kysely)
        ? insert().onConflict((conflict) =>
            conflict.columns(key).doUpdateSet(merged((column) => sql`${sql.ref(`excluded.${column}`)}`)),
          )
        : insert().onDuplicateKeyUpdate(merged((column) => sql`values(${sql.ref(column)})`)),
  );
}

// Table and column names are checked by the signatures above; between here and Kysely they are just names.
type AnyRow = Readonly<Record<string, unknown>>;
type AnyKysely = Kysely<Record<string, Record<string, unknown>>>;

/** Kysely's adapters of exactly the databases with ON CONFLICT say that they have RETURNING. */
function hasOnConflict(kysely: Kysely<Tables>): boolean {
  return kysely.getExecutor().adapter.supportsReturning === true;
}

async function insertReturning(
  db: AnyKysely,
  table: string,
  rows: readonly AnyRow[],
  key: readonly string[],
): Promise<readonly AnyRow[]> {
  const inserted = await runInsert<AnyRow>(db as never, `new ${table} ${key.join()}`, rows, () =>
    db
      .insertInto(table)
      .values(rows)
      .onConflict((conflict) => conflict.columns(key).doNothing())
      .returning(key),
  );
  if (inserted.length === rows.length) return rows;
  const won = new Set(inserted.map((row) => keyOf(row, key)));
  return rows.filter((row) => won.has(keyOf(row, key)));
}

/**
 * Takes for granted that no key is there, which is nearly always so. A refused statement leaves the transaction as it
 * was; what others committed since is visible (read committed, see database.ts), so each round has fewer rows.
 */
async function insertMissing(
  db: AnyKysely,
  table: string,
  rows: readonly AnyRow[],
  key: readonly string[],
): Promise<readonly AnyRow[]> {
  let missing = rows;
  while (missing.length > 0) {
    try {
      await db.insertInto(table).values(missing).execute();
      break;
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ER_DUP_ENTRY') throw error;
      const there = await keysThere(db, table, missing, key);
      const left = missing.filter((row) => !there.has(keyOf(row, key)));
      if (left.length === missing.length) throw error;
      missing = left;
    }
  }
  return missing;
}

async function keysThere(
  db: AnyKysely,
  table: string,
  rows: readonly AnyRow[],
  key: readonly string[],
): Promise<Set<string>> {
  const found = await db
    .selectFrom(table)
    .select(key)
    .where(({ and, or, eb }) => or(rows.map((row) => and(key.map((column) => eb(column, '=', row[column]))))))
    .execute();
  return new Set(found.map((row) => keyOf(row, key)));
}

const keyOf = (row: AnyRow, key: readonly string[]): string => JSON.stringify(key.map((column) => row[column]));

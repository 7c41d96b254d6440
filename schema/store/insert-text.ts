import { CompiledQuery, type Kysely } from 'kysely';
import { LRUCache } from 'lru-cache';

type Rows = readonly Readonly<Record<string, unknown>>[];

/** A builder of an insert whose only parameters are the values of the rows. */
interface InsertBuilder {
  compile(): CompiledQuery;
}

/** The text of a thousand rows of ten columns has some 30,000 characters: bounded by what is held, not by how many. */
const HELD_CHARACTERS = 4_000_000;

/**
 * Texts of inserts by what decides them: the database, the statement, the columns and the number of rows. Building and
 * compiling them anew for every observation costs CPU time that the request pays.
 */
const TEXTS = new LRUCache<string, string>({
  maxSize: HELD_CHARACTERS,
  sizeCalculation: (text, form) => text.length + form.length,
});

/** Runs the insert, building it only when no insert of its form was run before. */
export async function runInsert<Row>(
  db: Kysely<never>,
  statement: string,
  rows: Rows,
  build: () => InsertBuilder,
): Promise<readonly Row[]> {
  const columns = Object.keys(rows[0] ?? {});
  const form = `${db.getExecutor().adapter.constructor.name} ${statement} ${rows.length} ${columns.join()}`;
  const text = TEXTS.get(form);
  if (text !== undefined && rows.every((row) => hasExactly(row, columns))) {
    const values = rows.flatMap((row) => columns.map((column) => row[column]));
    return (await db.executeQuery<Row>(CompiledQuery.raw(text, values))).rows;
  }
  const compiled = build().compile();
  if (compiled.parameters.length === rows.length * columns.length) TEXTS.set(form, compiled.sql);
  return (await db.executeQuery<Row>(compiled)).rows;
}

/** In the same order, too: a text binds values by position. */
function hasExactly(row: Rows[number], columns: readonly string[]): boolean {
  const own = Object.keys(row);
  return own.length === columns.length && own.every((name, i) => name === columns[i] && row[name] !== undefined);
}

import type { ArgumentValue, Cell, Dataset } from '../../../domain/observation.ts';
import type { FeatureBatch } from './record-features.ts';

/**
 * Columns that hold nothing but values the request itself names for them: `customerId` under `where: {customerId: {_eq:
 * 7}}`, `id` of a look-up by id. That all records have the value, and that nobody asked for it before, says what was asked
 * and nothing about the data. An argument names a column by the end of its path, before an operator; what it compares
 * by is seen from the cells.
 */
export function chosenColumns(dataset: Dataset, values: readonly ArgumentValue[]): ReadonlySet<string> {
  const asked = new Map<string, Set<string>>();
  for (const { path, value } of values) {
    const same = asked.get(path);
    if (same === undefined) asked.set(path, new Set([String(value)]));
    else same.add(String(value));
  }
  const chosen = dataset.columns.filter(({ path, cells }) => {
    const named = [...asked].filter(([argument]) => namesColumn(argument, path)).map(([, texts]) => texts);
    return named.length > 0 && cells.every((cell) => isScalar(cell) && named.some((texts) => texts.has(String(cell))));
  });
  return new Set(chosen.map(({ path }) => path));
}

/**
 * Columns that the request compares with something, by whatever operator. Where nobody sent such a request before, its
 * ranges decide which values come, and what is usual of all of the dataset says nothing about them.
 */
export function comparedColumns(dataset: Dataset, values: readonly ArgumentValue[]): ReadonlySet<string> {
  const compared = values.filter(({ value }) => !SORTED.test(String(value)));
  const paths = dataset.columns.map(({ path }) => path);
  return new Set(paths.filter((column) => compared.some(({ path }) => namesColumn(path, column))));
}

const SORTED = /^(?:asc|desc)/i;

/** The batch as if these columns had not been selected. */
export function withoutColumns(batch: FeatureBatch, paths: ReadonlySet<string>): FeatureBatch {
  return paths.size === 0 ? batch : { ...batch, columns: batch.columns.filter(({ path }) => !paths.has(path)) };
}

function namesColumn(argument: string, column: string): boolean {
  const end = `.${column}`;
  return argument.endsWith(end) || argument.slice(0, argument.lastIndexOf('.')).endsWith(end);
}

function isScalar(cell: Cell): cell is string | number | boolean | null {
  return cell !== undefined && !Array.isArray(cell);
}

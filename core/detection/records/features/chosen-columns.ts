import type { ArgumentValue, Cell, Dataset } from '../../../domain/observation.ts';

/**
 * Columns that hold nothing but values the request itself names for them: `customerId` under `where: {customerId: {_eq:
 * 7}}`, `id` of a look-up by id. That all records have the value, and that nobody asked for it before, says what was asked
 * and nothing about the data: they are taken as not selected, so they are not judged and don't teach. Else whoever asks for
 * a value often enough would have it learnt. An argument names a column by the end of its path, before an operator; what it compares
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

function namesColumn(argument: string, column: string): boolean {
  const end = `.${column}`;
  return argument.endsWith(end) || argument.slice(0, argument.lastIndexOf('.')).endsWith(end);
}

function isScalar(cell: Cell): cell is string | number | boolean | null {
  return cell !== undefined && !Array.isArray(cell);
}

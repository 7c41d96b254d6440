import type { CellFeature } from './cell-features.ts';
import { clusteringOfCategories } from '../../statistics/clustering.ts';
import { CATEGORY_READERS } from './column-features.ts';
import type { ColumnKind } from './column-kind.ts';

/**
 * How often two records of one response share a value of a column of identifiers or prose, whose values themselves are
 * not counted. Pairs within a response (Simpson's index, 1949), because a sample of the records then says the same as all
 * of them, which a count of distinct values would not.
 */
export interface Cardinality {
  /** Probability that two records of one response have the same value, 0–1. */
  readonly repetition: number;
  /** Training records with a value. */
  readonly records: number;
  /** Intraclass correlation of the responses, 0–1, an upper bound (clustering.ts). */
  readonly clustering: number;
}

const MIN_PAIRS = 100;

/** Undefined for columns whose values are counted one by one, and where responses hold too few records to tell. Pauses between its passes. */
export function* cardinalityOf(
  kind: ColumnKind,
  cells: readonly CellFeature[],
  groups: readonly number[],
): Generator<void, Cardinality | undefined> {
  if (kind !== 'identifier' && kind !== 'text') return undefined;
  const values = cells.map((cell) => CATEGORY_READERS.value(cell));
  const byGroup = Map.groupBy(
    values.keys().filter((index) => values[index] !== undefined),
    (index) => groups[index] as number,
  );
  yield;
  let equal = 0;
  let pairs = 0;
  let records = 0;
  for (const members of byGroup.values()) {
    equal += equalPairs(members.map((index) => values[index] as string)).equal;
    pairs += (members.length * (members.length - 1)) / 2;
    records += members.length;
  }
  yield;
  if (pairs < MIN_PAIRS) return undefined;
  return { repetition: equal / pairs, records, clustering: clusteringOfCategories(values, groups) };
}

/** Pairs of equal values, and how many values are different. */
export function equalPairs(values: readonly string[]): { readonly equal: number; readonly distinct: number } {
  const counts = new Map<string, number>();
  let equal = 0;
  for (const value of values) {
    const before = counts.get(value) ?? 0;
    equal += before;
    counts.set(value, before + 1);
  }
  return { equal, distinct: counts.size };
}

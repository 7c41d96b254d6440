import type { Instant } from '../../../domain/time.ts';
import { clusteringOfCategories, clusteringOfNumbers } from '../../statistics/clustering.ts';
import { foldedRanks } from '../../statistics/folded-ranks.ts';
import { summaryQuantiles } from '../../statistics/quantiles.ts';
import { signedLog } from '../../statistics/signed-log.ts';
import { skewness } from '../../statistics/skewness.ts';
import { cardinalityOf } from '../features/cardinality.ts';
import type { CellFeature } from '../features/cell-features.ts';
import { NUMBER_PROPERTIES, NUMERIC_READERS } from '../features/column-features.ts';
import type { CategoryFeatureName, NumericFeatureName } from '../features/column-features.ts';
import { columnType, holdsTexts } from '../features/column-kind.ts';
import type { ColumnKind, SelectedCells } from '../features/column-kind.ts';
import type { FeatureTable } from '../features/feature-table.ts';
import { areTimesLearnt } from '../features/learnt-times.ts';
import { constantLength } from '../features/neighbouring-texts.ts';
import { categoryOf, runningReference } from '../features/running-reference.ts';
import type { CategoryRule } from '../features/running-reference.ts';
import type { CategoryFeature, EncodedColumn, NumericFeature } from './encoded-column.ts';
import { rareValues } from './novelty.ts';
import type { RareValues } from './novelty.ts';
import { countCategories } from './rarity.ts';
import type { CategoryCounts } from './rarity.ts';

/** A column before all of them are known, which is what novelty is judged by. */
export type DraftColumn = Omit<EncodedColumn, 'categorical'> & { readonly categorical: readonly DraftCategory[] };
export type DraftCategory = Omit<CategoryFeature, 'novelty'> & { readonly rare: RareValues };

/** Records whose query selected a column, before its numbers are judged: a query that asks for more makes it new. */
const MIN_SELECTED = 30;
const SKEWED = 2;
const SINGLETON_SHARE = 0.5;

/** Types the column and fits its features, pausing several times for each. */
export function* encodeColumn(path: string, table: FeatureTable): Generator<void, DraftColumn> {
  const cells: CellFeature[] = [];
  const times: Instant[] = [];
  const groups: number[] = [];
  table.columns.get(path)?.forEach((cell, row) => {
    if (cell === undefined) return;
    cells.push(cell);
    times.push(table.times[row] as Instant);
    groups.push(table.groups[row] as number);
  });
  const selected = { cells, times, groups };
  yield;
  const type = columnType(path, selected);
  yield;
  const present: NumericFeature[] = [];
  // Else every value would be stranger than those of the many records that were not asked for any.
  const isKnown = cells.length >= Math.min(MIN_SELECTED, table.times.length);
  for (const name of isKnown ? type.numeric : []) {
    const feature = yield* numericFeature(name, type.kind, selected);
    if (feature.present > 0 && (type.kind !== 'timestamp' || isLearnt(name, selected))) present.push(feature);
    yield;
  }
  // What never varied is a category of one value: it must not take part in a forest's random choices.
  const lengths = holdsTexts(type.kind)
    ? present.map(constantLength).find((length) => length !== undefined)
    : undefined;
  const [constant, varying] = partition(
    present,
    ({ name, summary }) => summary[0] === summary.at(-1) || (name === 'length' && lengths !== undefined),
  );
  const constants = constant.flatMap(({ name }) => CATEGORY_OF_CONSTANT[name] ?? []);
  const others =
    constants.length > 0 ? type.categorical.filter((name) => !NUMBER_PROPERTIES.has(name)) : type.categorical;
  const categorical: DraftCategory[] = [];
  for (const name of [...others, ...constants]) {
    const rule: CategoryRule = { name, ...(name === 'length' && lengths && { constant: lengths }) };
    const feature = yield* categoryFeature(path, rule, selected);
    if (name === 'presence' || saysSomething(name, feature.counts)) categorical.push(feature);
  }
  const cardinality = yield* cardinalityOf(type.kind, cells, groups);
  yield;
  return {
    path,
    kind: type.kind,
    numeric: varying,
    categorical,
    ...(cardinality && { cardinality }),
  };
}

function isLearnt(name: NumericFeatureName, { cells, times, groups }: SelectedCells): boolean {
  const values = Float64Array.from(cells, (cell, index) => NUMERIC_READERS[name](cell, times[index] as Instant));
  return areTimesLearnt(values, times, groups);
}

/** Share that makes a rule of what numbers have in common: an error that was learnt breaks none. */
const RULE_SHARE = 0.999;

const CATEGORY_OF_CONSTANT: Partial<Record<NumericFeatureName, CategoryFeatureName>> = {
  value: 'value',
  length: 'length',
  time: 'value',
};

function partition<T>(items: readonly T[], belongs: (item: T) => boolean): [T[], T[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))];
}

function* numericFeature(
  name: NumericFeatureName,
  kind: ColumnKind,
  { cells, times, groups }: SelectedCells,
): Generator<void, NumericFeature> {
  const read = NUMERIC_READERS[name];
  const values = Float64Array.from(cells, (cell, index) => read(cell, times[index] as Instant));
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const transform = kind !== 'timestamp' && Math.abs(skewness(sorted)) > SKEWED ? 'log' : 'none';
  const summary = summaryQuantiles(sorted);
  yield;
  const clustering = clusteringOfNumbers(transform === 'log' ? values.map(signedLog) : values, groups);
  yield;
  const ranks = foldedRanks(values, sorted);
  yield;
  const spreadClustering = clusteringOfNumbers(ranks, groups);
  return { name, transform, present: sorted.length, summary, clustering, spreadClustering };
}

function* categoryFeature(
  path: string,
  rule: CategoryRule,
  { cells, groups }: SelectedCells,
): Generator<void, DraftCategory> {
  const values = cells.map((cell) => categoryOf(rule, cell));
  yield;
  const clustering = clusteringOfCategories(values, groups);
  yield;
  const counts = countCategories(values);
  yield;
  const rare = rareValues(values, groups, clustering);
  yield;
  const running = rule.name === 'length' ? runningReference(path, cells) : undefined;
  return { ...rule, counts, clustering, rare, ...(running && { running }) };
}

function saysSomething(name: CategoryFeatureName, counts: CategoryCounts): boolean {
  if (counts.total === 0) return false;
  // Prices are never negative, quantities have no fraction; where it happens, how often says little. A fraction is no rule.
  if (NUMBER_PROPERTIES.has(name)) {
    const [commonest] = counts.counts.keys();
    return commonest !== 'fraction' && counts.commonest >= RULE_SHARE * counts.total;
  }
  let singletons = counts.other;
  for (const count of counts.counts.values()) if (count === 1) singletons++;
  return singletons <= SINGLETON_SHARE * counts.total;
}

import type { Encoder } from './encoder.ts';
import type { FeatureTable } from '../features/feature-table.ts';
import { jointNovelty } from './novelty.ts';
import { categoryOf } from '../features/running-reference.ts';
import { countOf, leaveOneOutRarity, rarityOf } from './rarity.ts';

/** What the categories of each record say. */
export interface CategoryScores {
  /** The sum over the categorical features, in nats. */
  readonly rarity: Float64Array;
  /** p-value of the values that training never saw; 1 where there are none, or new ones are ordinary. */
  readonly novelty: Float64Array;
}

/** Scores the categories of new records. Pauses after each column. */
export function* categoryScores(encoder: Encoder, table: FeatureTable): Generator<void, CategoryScores> {
  const rows = table.times.length;
  const rarity = new Float64Array(rows);
  const novelty = new Float64Array(rows).fill(1);
  for (const column of encoder.columns) {
    const cells = table.columns.get(column.path);
    if (cells === undefined) continue;
    // A column is new once, however many of its features are: the least probable one counts.
    const news = new Map<number, number>();
    for (const feature of column.categorical) {
      for (let row = 0; row < rows; row++) {
        const value = categoryOf(feature, cells[row]);
        if (value === undefined) continue;
        const count = countOf(feature.counts, value);
        rarity[row] = (rarity[row] as number) + rarityOf(feature.counts, count);
        if (count === 0) news.set(row, Math.min(feature.novelty, news.get(row) ?? 1));
      }
    }
    for (const [row, p] of news) novelty[row] = jointNovelty(novelty[row] as number, p);
    yield;
  }
  return { rarity, novelty };
}

/** Rarity of each training record by the counts without it. Pauses after each column. */
export function* leaveOneOutRarities(encoder: Encoder, table: FeatureTable): Generator<void, Float64Array> {
  const rows = table.times.length;
  const sums = new Float64Array(rows);
  for (const column of encoder.columns) {
    const cells = table.columns.get(column.path) ?? [];
    for (const feature of column.categorical) {
      const { counts } = feature;
      for (let row = 0; row < rows; row++) {
        const value = categoryOf(feature, cells[row]);
        if (value !== undefined) sums[row] = (sums[row] as number) + leaveOneOutRarity(counts, countOf(counts, value));
      }
    }
    yield;
  }
  return sums;
}

import type { Instant } from '../../domain/time.ts';
import { personalKindOf } from '../personal-data/personal-names.ts';
import type { CellFeature } from './cell-features.ts';
import { effectiveCount } from './clustering.ts';
import { MIN_COMPARED } from './column-change.ts';
import type { ColumnChange } from './column-change.ts';
import { NUMERIC_READERS } from './column-features.ts';
import type { NumericFeature } from './encoder.ts';
import { NUMERIC_WORDS } from './feature-words.ts';
import { countAbove, countAtLeast, quantile, SUMMARY_PROBABILITIES, summaryAt } from './quantiles.ts';

/** Certainty alone is not enough to bother a person: the distributions must differ by this much somewhere. */
const MIN_DISTANCE = 0.3;

/**
 * How far the distribution of a numeric feature in one response lies from that of training: the largest distance between
 * the two, with the bound of Dvoretzky, Kiefer and Wolfowitz (1956; constant by Massart, 1990), P(D > d) ≤ 2·exp(−2nd²).
 */
export function numericChange(
  path: string,
  { name, present, summary, clustering }: NumericFeature,
  cells: readonly CellFeature[],
  at: Instant,
): ColumnChange | undefined {
  const values = Float64Array.from(cells, (cell) => NUMERIC_READERS[name](cell, at))
    .filter((value) => !Number.isNaN(value))
    .sort();
  if (values.length < MIN_COMPARED) return undefined;
  const distance = distributionDistance(values, summary);
  if (distance < MIN_DISTANCE) return undefined;
  const fresh = effectiveCount(values.length, clustering);
  const n = (fresh * present) / (fresh + present);
  const [low, median, high] = [0.01, 0.5, 0.99].map((probability) => summaryAt(summary, probability)) as [
    number,
    number,
    number,
  ];
  const { amount } = NUMERIC_WORDS[name];
  const what = name === 'value' ? path : `${name} of ${path}`;
  const shown =
    personalKindOf(path) !== null
      ? `${what}: distribution differs from its history`
      : `${what}: median ${amount(quantile(values, 0.5))}, range ${amount(values[0] as number)}–${amount(values.at(-1) as number)}; usually median ${amount(median)}, range ${amount(low)}–${amount(high)}`;
  return {
    path,
    p: Math.min(1, 2 * Math.exp(-2 * n * distance * distance)),
    text: shown,
    ...(personalKindOf(path) !== null ? {} : { usual: { low, median, high } }),
  };
}

/** Kolmogorov's distance between a sample and a summary, never above the true one. */
function distributionDistance(sorted: Float64Array, summary: Float64Array): number {
  let largest = 0;
  SUMMARY_PROBABILITIES.forEach((probability, index) => {
    const at = summary[index] as number;
    // Where values repeat, the summary jumps at `at`: only the part of the distance that no jump explains counts.
    const below = 1 - countAtLeast(sorted, at) / sorted.length;
    const upTo = 1 - countAbove(sorted, at) / sorted.length;
    const first = SUMMARY_PROBABILITIES[summary.indexOf(at)] as number;
    const last = SUMMARY_PROBABILITIES[summary.lastIndexOf(at)] as number;
    if (probability === first) largest = Math.max(largest, below - last, first - upTo);
  });
  return largest;
}

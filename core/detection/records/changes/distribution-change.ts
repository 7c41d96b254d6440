import type { Instant } from '../../../domain/time.ts';
import { personalKindOf } from '../../personal-data/personal-names.ts';
import { isText } from '../features/cell-features.ts';
import type { CellFeature } from '../features/cell-features.ts';
import { effectiveCount } from '../../statistics/clustering.ts';
import { MIN_COMPARED } from './column-change.ts';
import type { ColumnChange } from './column-change.ts';
import type { NumericFeature } from '../model/encoded-column.ts';
import { NUMERIC_WORDS } from '../features/feature-words.ts';
import { judgedNumber, textTolerance } from '../features/neighbouring-texts.ts';
import { spreadDistance, spreadText } from './spread-change.ts';
import { countAbove, countAtLeast, quantile, SUMMARY_PROBABILITIES, summaryAt } from '../../statistics/quantiles.ts';

/** Certainty alone is not enough to bother a person: the distributions must differ by this much somewhere. */
const MIN_DISTANCE = 0.3;
/**
 * A change is one of spread where the folded distance exceeds the other by this much: it is twice the other where values
 * only lie further out or in, and about the same or less where they moved.
 */
const SPREAD_FACTOR = 1.5;

/**
 * How far the distribution of a numeric feature in one response lies from that of training, and how far out its values lie
 * (spread-change.ts): the larger of the two distances, with the bound of Dvoretzky, Kiefer and Wolfowitz (1956; constant by
 * Massart, 1990), P(D > d) ≤ 2·exp(−2nd²), twice because there are two.
 */
export function numericChange(
  path: string,
  feature: NumericFeature,
  cells: readonly CellFeature[],
  at: Instant,
): ColumnChange | undefined {
  const { name, present, summary, clustering, spreadClustering } = feature;
  const values = Float64Array.from(cells, (cell) => judgedNumber(feature, cell, at))
    .filter((value) => !Number.isNaN(value))
    .sort();
  if (values.length < MIN_COMPARED) return undefined;
  const tolerance = cells.some(isText) ? textTolerance(feature) : 0;
  const { wider, narrower } = spreadDistance(values, summary, tolerance);
  const spread = Math.max(wider, narrower);
  const distance = distributionDistance(values, summary, tolerance);
  const isSpread = spread > SPREAD_FACTOR * distance;
  const largest = isSpread ? spread : distance;
  if (largest < MIN_DISTANCE) return undefined;
  // Responses that differ in spread alone are no random draws either, and a distribution has both.
  const fresh = effectiveCount(values.length, Math.max(clustering, spreadClustering));
  const n = (fresh * present) / (fresh + present);
  const p = Math.min(1, 4 * Math.exp(-2 * n * largest * largest));
  const what = name === 'value' ? path : `${name} of ${path}`;
  if (personalKindOf(path) !== null) return { path, p, text: `${what}: distribution differs from its history` };
  const [low, median, high] = [0.01, 0.5, 0.99].map((probability) => summaryAt(summary, probability)) as [
    number,
    number,
    number,
  ];
  const usual = { low, median, high };
  const { amount } = NUMERIC_WORDS[name];
  if (isSpread) return { path, p, usual, ...spreadText(what, values, summary, amount) };
  const say = (value: number): string => amount(value, high - low);
  const text = `${what}: median ${say(quantile(values, 0.5))}, range ${say(values[0] as number)}–${say(values.at(-1) as number)}; usually median ${say(median)}, range ${say(low)}–${say(high)}`;
  return { path, p, text, usual };
}

/** Kolmogorov's distance between a sample and a summary, never above the true one; values may lie off by the tolerance. */
function distributionDistance(sorted: Float64Array, summary: Float64Array, tolerance: number): number {
  let largest = 0;
  SUMMARY_PROBABILITIES.forEach((probability, index) => {
    const at = summary[index] as number;
    // Where values repeat, the summary jumps at `at`: only the part of the distance that no jump explains counts.
    const below = 1 - countAtLeast(sorted, at - tolerance) / sorted.length;
    const upTo = 1 - countAbove(sorted, at + tolerance) / sorted.length;
    const first = SUMMARY_PROBABILITIES[summary.indexOf(at)] as number;
    const last = SUMMARY_PROBABILITIES[summary.lastIndexOf(at)] as number;
    if (probability === first) largest = Math.max(largest, below - last, first - upTo);
  });
  return largest;
}

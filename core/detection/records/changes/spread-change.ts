import type { Severity } from '../../../domain/severity.ts';
import type { NumericWords } from '../features/feature-words.ts';
import { countAbove, countAtLeast, quantile, SUMMARY_PROBABILITIES, summaryAt } from '../../statistics/quantiles.ts';

/**
 * Kolmogorov's distance between the folded distributions of a sorted sample and a summary, never above the true one: the
 * largest difference in what lies outside (wider) or inside (narrower) an interval between two opposite quantiles. Values
 * may lie off by the tolerance.
 */
export function spreadDistance(
  sorted: Float64Array,
  summary: Float64Array,
  tolerance: number,
): { wider: number; narrower: number } {
  const n = sorted.length;
  let wider = 0;
  let narrower = 0;
  for (let index = 0; index < CENTRE; index++) {
    const low = summary[index] as number;
    const high = summary[summary.length - 1 - index] as number;
    if (low === high) break;
    const [firstLow, lastLow] = probabilitiesOf(summary, low);
    const [firstHigh, lastHigh] = probabilitiesOf(summary, high);
    const outside = (n - countAtLeast(sorted, low - tolerance) + countAbove(sorted, high + tolerance)) / n;
    const inside = (countAbove(sorted, low + tolerance) - countAtLeast(sorted, high - tolerance)) / n;
    // Where values repeat, the summary jumps at an end: only what no jump explains counts.
    wider = Math.max(wider, outside - (firstLow + 1 - lastHigh));
    narrower = Math.max(narrower, inside - (firstHigh - lastLow));
  }
  return { wider, narrower };
}

const CENTRE = SUMMARY_PROBABILITIES.indexOf(0.5);

function probabilitiesOf(summary: Float64Array, at: number): [first: number, last: number] {
  return [
    SUMMARY_PROBABILITIES[summary.indexOf(at)] as number,
    SUMMARY_PROBABILITIES[summary.lastIndexOf(at)] as number,
  ];
}

/** A width that changed this much is more than odd. */
const STRONG_RATIO = 4;

/** Says a change of spread by the range of the middle 80 %, and how bad it is by the ratio of the widths. */
export function spreadText(
  what: string,
  sorted: Float64Array,
  summary: Float64Array,
  amount: NumericWords['amount'],
): { readonly text: string; readonly severity: Severity } {
  const [low, high] = [quantile(sorted, 0.1), quantile(sorted, 0.9)];
  const [usualLow, usualHigh] = [summaryAt(summary, 0.1), summaryAt(summary, 0.9)];
  const ratio = (high - low) / (usualHigh - usualLow);
  const times = ratio >= 1 ? ratio : 1 / ratio;
  const factor = Number.isFinite(times) ? `${times.toFixed(1)} times as ` : '';
  const width = ratio >= 1 ? (factor === '' ? 'wider' : 'wide') : factor === '' ? 'narrower' : 'narrow';
  const usualWidth = usualHigh - usualLow;
  const say = (value: number): string => amount(value, high > low ? Math.min(high - low, usualWidth) : usualWidth);
  return {
    text:
      `${what} spreads ${factor}${width}: 80 % of the values lie in ${say(low)}–${say(high)}, ` +
      `usually in ${say(usualLow)}–${say(usualHigh)}`,
    severity: times >= STRONG_RATIO ? 'medium' : 'low',
  };
}

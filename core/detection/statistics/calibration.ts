import { fitParetoTail, paretoExceedance } from './generalised-pareto.ts';
import type { ParetoTail } from './generalised-pareto.ts';
import { countAtLeast, quantile } from './quantiles.ts';

/**
 * What turns a score into a probability: scores of training records by parts of the model that did not see them. If they
 * and a new normal record are exchangeable, P(p ≤ α) ≤ α whatever the detector (Bates, Candès, Lei, Romano, Sesia,
 * "Testing for outliers with conformal p-values", Annals of Statistics 2023).
 */
export interface Calibration {
  /** Ascending. */
  readonly scores: Float32Array;
  /** Present where the tail could be fitted. */
  readonly tail: ParetoTail | undefined;
}

/** Where a score stands between the median (0) and the 95 % point (1) of its calibration scores. Unlike a rank, it doesn't saturate. */
export interface Scale {
  readonly median: number;
  readonly spread: number;
}

/** Not even an extrapolated tail supports smaller claims. */
export const SMALLEST_P = 1e-6;

export function calibrate(scores: Float64Array): Calibration {
  const sorted = Float32Array.from(scores.filter((score) => !Number.isNaN(score))).sort();
  return { scores: sorted, tail: fitParetoTail(sorted) };
}

/**
 * Calibrated p-value, 0–1: (1 + #{calibration scores ≥ score}) / (n + 1); beyond all of them the fitted tail may go
 * below 1/(n + 1). A score that could not be computed (NaN) says nothing: p = 1.
 */
export function pValue({ scores, tail }: Calibration, score: number): number {
  if (Number.isNaN(score) || scores.length === 0) return 1;
  // Calibration scores are kept in single precision; the new score must be rounded alike to compare with its equal.
  const rounded = Math.fround(score);
  const atLeast = countAtLeast(scores, rounded);
  const empirical = (1 + atLeast) / (scores.length + 1);
  if (atLeast > 0 || tail === undefined) return empirical;
  return Math.max(SMALLEST_P, Math.min(empirical, paretoExceedance(tail, rounded)));
}

export function scaleOf(scores: Float64Array): Scale {
  const sorted = scores.filter((score) => !Number.isNaN(score)).sort();
  if (sorted.length === 0) return { median: 0, spread: 1 };
  const median = quantile(sorted, 0.5);
  const spread = from(median, quantile(sorted, 0.95)) || from(median, sorted.at(-1) as number) || 1;
  return { median, spread };
}

/** (score − median) / (q95 − median); a score that could not be computed is taken as the median. */
export function scaled({ median, spread }: Scale, score: number): number {
  return Number.isNaN(score) ? 0 : from(median, score) / spread;
}

/** Means over different trees of equal path lengths differ by rounding: that is no difference, however little all scores spread. */
const ROUNDING = 1e-12;

function from(median: number, score: number): number {
  const difference = score - median;
  return Math.abs(difference) <= ROUNDING * Math.abs(median) ? 0 : difference;
}

/**
 * The published score of a record, 0–1, higher = stranger: 0.5 where p is 0.5, 0.75 at 0.05, 0.83 at 0.005. It orders
 * records as p does, and records of equal p by `position`, 0–1. `p` is positive; a corrected one may exceed 1.
 */
export function publishedScore(p: number, position: number): number {
  const evidence = -Math.log10(2 * p * (1 - TIE_BREAK * position));
  return 0.5 * (1 + squashed(evidence));
}

/** Far less than any two different p-values of a model lie apart, far more than rounding. */
const TIE_BREAK = 1e-6;

/** −∞…∞ to −1…1, 1 to ½. */
export function squashed(position: number): number {
  return position / (1 + Math.abs(position));
}

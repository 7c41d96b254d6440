import type { NumericMatrix } from './numeric-matrix.ts';

/** Pearson correlation of two numeric features of an encoder, by their positions. */
export interface Correlation {
  readonly a: number;
  readonly b: number;
  readonly r: number;
  /** Records in which both were present. */
  readonly records: number;
}

const STRONG = 0.7;
const MAX_FEATURES = 40;
const MAX_KEPT = 50;
const MIN_RECORDS = 30;

/**
 * The strong correlations of a window, strongest first: those whose absence in a response would mean something. Pauses
 * after each feature.
 */
export function* strongCorrelations(matrix: NumericMatrix): Generator<void, Correlation[]> {
  const found: Correlation[] = [];
  const features = Math.min(matrix.columns, MAX_FEATURES);
  for (let a = 0; a < features; a++) {
    for (let b = a + 1; b < features; b++) {
      const correlation = correlationOf(matrix, a, b);
      if (correlation && correlation.records >= MIN_RECORDS && Math.abs(correlation.r) >= STRONG) {
        found.push({ a, b, ...correlation });
      }
    }
    yield;
  }
  return found.sort((x, y) => Math.abs(y.r) - Math.abs(x.r) || x.a - y.a || x.b - y.b).slice(0, MAX_KEPT);
}

/**
 * Over the records in which both features are present: columns with nulls removed one by one would pair values of
 * different records. Undefined when a feature does not vary.
 */
export function correlationOf(matrix: NumericMatrix, a: number, b: number): { r: number; records: number } | undefined {
  const { rows, columns, data } = matrix;
  let records = 0;
  let meanA = 0;
  let meanB = 0;
  let squaresA = 0;
  let squaresB = 0;
  let products = 0;
  for (let row = 0; row < rows; row++) {
    const x = data[row * columns + a] as number;
    const y = data[row * columns + b] as number;
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    records++;
    const deltaA = x - meanA;
    const deltaB = y - meanB;
    meanA += deltaA / records;
    meanB += deltaB / records;
    squaresA += deltaA * (x - meanA);
    squaresB += deltaB * (y - meanB);
    products += deltaA * (y - meanB);
  }
  const r = products / Math.sqrt(squaresA * squaresB);
  return Number.isFinite(r) ? { r, records } : undefined;
}

import type { Instant } from '../../../domain/time.ts';
import { isText } from './cell-features.ts';
import type { CellFeature } from './cell-features.ts';
import { NUMERIC_READERS } from './column-features.ts';
import type { NumericFeatureName } from './column-features.ts';
import { summaryAt } from '../../statistics/quantiles.ts';

/**
 * What difference between texts means anything. A name of nine letters is nothing to a person where names had ten or eleven,
 * however seldom it happens; one of five is, or one of twenty.
 */
export interface TextMeasure {
  readonly name: NumericFeatureName;
  /** Distribution of the training values at `SUMMARY_PROBABILITIES`. */
  readonly summary: Float64Array;
}

/** Lengths of a column of texts that are neighbours, all of them: one category. */
export interface ConstantLength {
  readonly lowest: number;
  readonly usual: number;
  readonly highest: number;
}

/** Lengths are neighbours within so many characters, or this share of the usual length. */
const NEIGHBOURING_CHARACTERS = 2;
const NEIGHBOURING_SHARE = 0.2;
/** Shares of characters are: one of ten. */
const NEIGHBOURING_PART = 0.1;

const lengthTolerance = (usual: number): number => Math.max(NEIGHBOURING_CHARACTERS, NEIGHBOURING_SHARE * usual);
const partTolerance = (): number => NEIGHBOURING_PART;
const TOLERANCES: Partial<Record<NumericFeatureName, (usual: number) => number>> = {
  length: lengthTolerance,
  digits: partTolerance,
  upper: partTolerance,
  nonAscii: partTolerance,
};

/** How far a measure of texts may lie off without meaning anything; 0 for what is no such measure. */
export function textTolerance({ name, summary }: TextMeasure): number {
  return TOLERANCES[name]?.(summaryAt(summary, 0.5)) ?? 0;
}

/**
 * The number a cell is judged by: as it stands, but of a text that lies little beyond those of training the nearest of
 * theirs, and the usual one where all of theirs are neighbours. An empty text neighbours none.
 */
export function judgedNumber(measure: TextMeasure, cell: CellFeature | undefined, at: Instant): number {
  const value = NUMERIC_READERS[measure.name](cell, at);
  if (!isText(cell) || cell[1] === 0) return value;
  const { summary } = measure;
  const [low, high] = [summary[0] as number, summary.at(-1) as number];
  const nearest = Math.max(low, Math.min(high, value));
  const tolerance = textTolerance(measure);
  if (Math.abs(value - nearest) > tolerance) return value;
  return high - low <= tolerance ? summaryAt(summary, 0.5) : nearest;
}

/** Undefined where texts are longer and shorter. */
export function constantLength(measure: TextMeasure): ConstantLength | undefined {
  const { name, summary } = measure;
  const [lowest, usual, highest] = [summaryAt(summary, 0), summaryAt(summary, 0.5), summaryAt(summary, 1)];
  return name === 'length' && highest - lowest <= textTolerance(measure)
    ? { lowest, usual: Math.round(usual), highest }
    : undefined;
}

/** Whether a text is about as long as all of its column were. */
export function isAboutAsLong({ lowest, usual, highest }: ConstantLength, cell: CellFeature | undefined): boolean {
  const tolerance = lengthTolerance(usual);
  return isText(cell) && cell[1] > 0 && cell[1] >= lowest - tolerance && cell[1] <= highest + tolerance;
}

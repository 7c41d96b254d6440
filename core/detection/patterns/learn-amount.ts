import type { Instant } from '../../domain/time.ts';
import type { Sample } from './sample.ts';
import { addToSample, holdBack } from './sample.ts';
import { upperTail } from './upper-tail.ts';

/** Probability below which a value is surprising, whether or not it was large enough to be reported. */
const SURPRISING = 0.001;
/** With fewer values nothing is. */
const FEWEST_VALUES = 20;

/**
 * Adds a value to what is usual, or holds it back: one that was flagged, and one that is as improbable without having
 * been large enough to be flagged. Else whoever stays just below the threshold raises it with every window, and is at
 * any amount within the hour.
 */
export function learnAmount(sample: Sample, value: number, at: Instant, flagged: boolean): void {
  if (flagged || isSurprising(sample, value)) holdBack(sample, value, at);
  else addToSample(sample, value);
}

function isSurprising(sample: Sample, value: number): boolean {
  const { values } = sample;
  // Nearly every value was reached before, and the first one that did says so.
  if (values.length < FEWEST_VALUES || values.some((seen) => seen >= value)) return false;
  return upperTail(sample, value) <= SURPRISING;
}

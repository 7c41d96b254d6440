import { recordCountOf } from '../../domain/observation.ts';
import type { PatternDetector } from './pattern-context.ts';
import { formatCount, patternFinding } from './pattern-context.ts';
import { largestOf, quantileOf } from './sample.ts';
import { upperTail } from './upper-tail.ts';

const FEWEST_REQUESTS = 30;
/** A result is worth a word from three times and twenty records beyond the largest usual one. */
const LEAST_RATIO = 3;
const LEAST_MORE = 20;

/** More records than queries of this shape return; for a shape seen too seldom, than queries of the same root fields. */
export const resultSize: PatternDetector = ({ observation, shapeSizes, rootSizes, measuredRate }) => {
  const records = recordCountOf(observation);
  const rung = [
    { sample: shapeSizes, text: 'this query' },
    { sample: rootSizes, text: 'queries of the same collections' },
  ].find(({ sample }) => sample !== undefined && sample.values.length >= FEWEST_REQUESTS);
  if (rung?.sample === undefined) return [];
  const largest = largestOf(rung.sample);
  if (records < largest * LEAST_RATIO || records < largest + LEAST_MORE) return [];
  const p = upperTail(rung.sample, records);
  if (p > measuredRate) return [];
  const median = quantileOf(rung.sample, 0.5);
  return [
    patternFinding(observation, {
      kind: 'result_size',
      subject: 'query',
      p,
      reason:
        `${formatCount(records)} records returned; ${rung.text} returned ${formatCount(median)} in the median and at most ` +
        `${formatCount(largest)} in the last ${formatCount(rung.sample.values.length)} requests of this role`,
    }),
  ];
};

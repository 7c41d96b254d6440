import { effectiveCount } from '../../statistics/clustering.ts';

/**
 * How probable it is that an ordinary record brings a value that its column never had. A rank among n records can't say
 * less than 1/(n + 1), which in a page of 50 records is nothing; the frequencies of the values that were seen say more.
 * On the scale of log frequency values lie with some density λ, and the next record brings a new one with probability
 * λ/(n + 1) (the Dirichlet process; where counts are 1 the density is Good's estimate, 1953). Where even the rarest values
 * came in many responses, the density below them is small: a status of three values, a column that was never null.
 */
export interface RareValues {
  /** Independent records that the training records with the feature are worth. */
  readonly records: number;
  /** Values that came in a single response. */
  readonly once: number;
  /** Values that came in at most `reach` responses: in the rarer half of the scale from once to always. */
  readonly seldom: number;
  readonly reach: number;
}

/** From so many values seen once on, new values are ordinary in a feature. */
const OPEN = 3;
/** Jeffreys' count of events before any was seen. */
const PRIOR_COUNT = 0.5;

/**
 * `groups[i]` is the response of record i, whose records stand together. A response counts once: its rows may all hold one
 * new value. `clustering` is how alike they are (clustering.ts).
 */
export function rareValues(
  values: readonly (string | undefined)[],
  groups: ArrayLike<number>,
  clustering: number,
): RareValues {
  const responses = new Map<string, { count: number; last: number }>();
  const seen = new Set<number>();
  let records = 0;
  values.forEach((value, i) => {
    if (value === undefined) return;
    const group = groups[i] as number;
    records++;
    seen.add(group);
    const known = responses.get(value);
    if (known === undefined) responses.set(value, { count: 1, last: group });
    else if (known.last !== group) {
      known.count++;
      known.last = group;
    }
  });
  const reach = Math.max(1, Math.floor(Math.sqrt(seen.size)));
  const counts = [...responses.values()].map(({ count }) => count);
  return {
    records: records === 0 ? 0 : seen.size * effectiveCount(records / seen.size, clustering),
    once: counts.filter((count) => count === 1).length,
    seldom: counts.filter((count) => count <= reach).length,
    reach,
  };
}

/**
 * For each feature, the p-value of a record that brings a value never seen in it: the probability of a new value in this or
 * any feature where that is no more probable. 1 where it is no less than what a rank among `total` records says: there new
 * values are ordinary.
 *
 * A feature with N values in at most c responses shows a density of N / H_c (H_c = 1 + 1/2 + … + 1/c, the range of log
 * frequency looked at). Densities are taken as exponentially distributed over the features, with the mean that all of
 * them show together: judged by its own count alone, the feature that chance left without rare values would look closed. Of made-up features with 0–16
 * values over five decades of frequency 0.7–1.6 times as many records bring news as this claims (novelty.test.ts).
 */
export function noveltyPValues(features: readonly RareValues[], total: number): number[] {
  const closed = features.filter(({ once }) => once < OPEN);
  const shown = closed.reduce((sum, { seldom }) => sum + seldom, PRIOR_COUNT);
  const mean = shown / closed.reduce((sum, { reach }) => sum + harmonic(reach), 0);
  const rateOf = ({ once, seldom, reach, records }: RareValues): number =>
    Math.max(once, (seldom + 1) / (harmonic(reach) + 1 / mean)) / (records + 1);
  const rates = closed.map(rateOf);
  return features.map((feature) => {
    if (feature.once >= OPEN) return 1;
    const own = rateOf(feature);
    const p = rates.reduce((sum, rate) => (rate <= own ? sum + rate : sum), 0);
    return p < 1 / (total + 1) ? p : 1;
  });
}

/**
 * p-value of a record with novelties in two columns: the less probable one, halved, since one novelty seldom comes alone
 * (a new country brings its cities) and nothing is known of how often. 1 stands for no novelty.
 */
export function jointNovelty(a: number, b: number): number {
  if (a === 1 || b === 1) return Math.min(a, b);
  return Math.min(a, b) / 2;
}

function harmonic(n: number): number {
  let sum = 0;
  for (let i = 1; i <= n; i++) sum += 1 / i;
  return sum;
}

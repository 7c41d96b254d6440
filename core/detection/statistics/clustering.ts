/**
 * How alike the records of one response are compared with records of different ones: the intraclass correlation ρ of a
 * feature. Pages sorted by price or filtered by customer are not random draws from the table; n records of one response
 * then say only as much as n / (1 + (n − 1)ρ) independent ones (Kish, "Survey Sampling", 1965: the design effect).
 */

/** Fewer responses with at least two records each say nothing about their variation: ρ is taken as 1. */
const MIN_GROUPS = 5;

interface SumOfSquares {
  between: number;
  within: number;
  readonly groups: number;
  readonly records: number;
  /** Σ m², for the mean group size of unequal groups. */
  readonly squaredSizes: number;
}

/** Upper bound of ρ for a numeric feature; `groups[i]` is the response of record i, NaN values are left out. */
export function clusteringOfNumbers(values: ArrayLike<number>, groups: ArrayLike<number>): number {
  return upperBound(sumsOfNumbers(values, groups));
}

/** Independent values that those of a numeric feature are worth, all responses together: as many as responses where ρ is 1. */
export function independentCount(values: ArrayLike<number>, groups: ArrayLike<number>): number {
  const sums = sumsOfNumbers(values, groups);
  if (sums.groups <= 1) return sums.groups;
  return sums.groups * effectiveCount(sums.records / sums.groups, estimated(sums));
}

function sumsOfNumbers(values: ArrayLike<number>, groups: ArrayLike<number>): SumOfSquares {
  const members = new Map<number, { count: number; sum: number; squares: number }>();
  let total = 0;
  let records = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (Number.isNaN(value)) continue;
    let group = members.get(groups[i] as number);
    if (!group) members.set(groups[i] as number, (group = { count: 0, sum: 0, squares: 0 }));
    group.count++;
    group.sum += value;
    group.squares += value * value;
    total += value;
    records++;
  }
  const mean = total / records;
  const sums = { between: 0, within: 0, groups: members.size, records, squaredSizes: 0 };
  for (const { count, sum, squares } of members.values()) {
    sums.between += count * (sum / count - mean) ** 2;
    sums.within += Math.max(0, squares - (sum * sum) / count);
    sums.squaredSizes += count * count;
  }
  return sums;
}

/** Upper bound of ρ for a categorical feature: the indicators of all its values taken together. */
export function clusteringOfCategories(values: readonly (string | undefined)[], groups: ArrayLike<number>): number {
  const members = new Map<number, Map<string, number>>();
  const totals = new Map<string, number>();
  let records = 0;
  values.forEach((value, i) => {
    if (value === undefined) return;
    let group = members.get(groups[i] as number);
    if (!group) members.set(groups[i] as number, (group = new Map()));
    group.set(value, (group.get(value) ?? 0) + 1);
    totals.set(value, (totals.get(value) ?? 0) + 1);
    records++;
  });
  let overall = 0;
  for (const count of totals.values()) overall += (count / records) ** 2;
  const sums = { between: 0, within: 0, groups: members.size, records, squaredSizes: 0 };
  for (const counts of members.values()) {
    let size = 0;
    let own = 0;
    let cross = 0;
    for (const count of counts.values()) size += count;
    for (const [value, count] of counts) {
      own += (count / size) ** 2;
      cross += (count / size) * ((totals.get(value) as number) / records);
    }
    sums.between += size * (own - 2 * cross + overall);
    sums.within += size * (1 - own);
    sums.squaredSizes += size * size;
  }
  return upperBound(sums);
}

/** Number of independent records that `count` records of one response are worth. */
export function effectiveCount(count: number, clustering: number): number {
  return count / (1 + (count - 1) * clustering);
}

/**
 * The estimate of ρ plus two standard errors (Swiger and others, 1964), within 0–1: with few responses the bound is 1 and
 * nothing is concluded.
 */
function upperBound(sums: SumOfSquares): number {
  const { groups, records } = sums;
  const size = meanSize(sums);
  if (groups < MIN_GROUPS || !(size > 1) || records <= groups) return 1;
  const estimate = estimated(sums);
  const error = Math.sqrt(
    (2 * (1 - estimate) ** 2 * (1 + (size - 1) * estimate) ** 2) / (size * (size - 1) * (groups - 1)),
  );
  return Math.min(1, estimate + 2 * error);
}

/** Analysis-of-variance estimate of ρ (Fisher, 1925), within 0–1. */
function estimated(sums: SumOfSquares): number {
  const { between, within, groups, records } = sums;
  const meanBetween = between / (groups - 1);
  const meanWithin = records > groups ? within / (records - groups) : 0;
  const divisor = meanBetween + (meanSize(sums) - 1) * meanWithin;
  return divisor > 0 ? Math.max(0, (meanBetween - meanWithin) / divisor) : 0;
}

function meanSize({ groups, records, squaredSizes }: SumOfSquares): number {
  return (records - squaredSizes / records) / (groups - 1);
}

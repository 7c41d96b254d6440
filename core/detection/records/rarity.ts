/**
 * Rarity of categorical values, apart from the numeric part: r(x) = Σ_j (−log p̂_j(x_j) − H_j), where p̂ is the smoothed
 * frequency of the value and H_j the mean of −log p̂_j over the training records. Deterministic, free of order, with exact
 * contributions per column; an unseen value is the rarest possible. Subtracting the mean changes no ranking of complete
 * records and lets a record that lacks a column be compared: the column then contributes 0.
 */
export interface CategoryCounts {
  /** Training records that have the column. */
  readonly total: number;
  /** Distinct values seen, those of `other` included. */
  readonly distinct: number;
  /** The most frequent values. */
  readonly counts: ReadonlyMap<string, number>;
  /** Records with a value beyond the kept ones. */
  readonly other: number;
  /** Mean of −log p̂ over the training records, in nats. */
  readonly meanRarity: number;
}

/** Pseudo-count of each value (Krichevsky and Trofimov, 1981). */
const SMOOTHING = 0.5;
const MAX_VALUES = 1_000;

export function countCategories(values: Iterable<string | undefined>): CategoryCounts {
  const all = new Map<string, number>();
  let total = 0;
  for (const value of values) {
    if (value === undefined) continue;
    total++;
    all.set(value, (all.get(value) ?? 0) + 1);
  }
  // Ties are broken by the value itself: which values are kept must not depend on the order of the records.
  const kept = [...all].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, MAX_VALUES);
  const counts = new Map(kept);
  const other = total - kept.reduce((sum, [, count]) => sum + count, 0);
  const draft = { total, distinct: all.size, counts, other, meanRarity: 0 };
  return { ...draft, meanRarity: meanRarityOf(draft) };
}

/** Training records with this very value; 0 for values beyond the kept ones. */
export function countOf(categories: CategoryCounts, value: string): number {
  return categories.counts.get(value) ?? 0;
}

/** Smoothed probability of a value: (n_v + α) / (n + α(K + 1)), α for an unseen one. */
export function categoryProbability(categories: CategoryCounts, value: string): number {
  return smoothed(categories, countOf(categories, value));
}

/** The column's summand of r(x), in nats; exactly 0 for the only value ever seen. */
export function rarityOf(categories: CategoryCounts, value: string): number {
  if (isConstant(categories) && countOf(categories, value) > 0) return 0;
  return -Math.log(categoryProbability(categories, value)) - categories.meanRarity;
}

/**
 * The summand of a training record with its own occurrence taken out of the count, so that a value seen once stands where
 * an unseen value will: their scores must tie, or every unseen value would look stranger than all of training.
 */
export function leaveOneOutRarity(categories: CategoryCounts, value: string): number {
  if (isConstant(categories)) return 0;
  return -Math.log(smoothed(categories, Math.max(1, countOf(categories, value)) - 1)) - categories.meanRarity;
}

/** Probability of a value at least as rare as this one, 0–1: the categorical counterpart of a tail probability. */
export function rarityTail(categories: CategoryCounts, value: string): number {
  const count = countOf(categories, value);
  let rarer = categories.other > 0 && count >= 1 ? categories.other : 0;
  for (const other of categories.counts.values()) if (other <= count) rarer += other;
  return Math.min(1, (rarer + 1) / (categories.total + 1));
}

function meanRarityOf(categories: CategoryCounts): number {
  if (categories.total === 0) return 0;
  let sum = 0;
  for (const [value, count] of categories.counts) sum -= count * Math.log(categoryProbability(categories, value));
  if (categories.other > 0) {
    sum -= categories.other * Math.log(smoothed(categories, 0));
  }
  return sum / categories.total;
}

function isConstant(categories: CategoryCounts): boolean {
  return categories.distinct === 1;
}

function smoothed(categories: CategoryCounts, count: number): number {
  return (count + SMOOTHING) / (categories.total + SMOOTHING * (categories.distinct + 1));
}

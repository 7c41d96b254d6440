/**
 * Rarity of categorical values, apart from the numeric part: r(x) = Σ_j ln(p̂_j(most frequent value) / p̂_j(x_j)) with p̂
 * the smoothed frequency (n_v + ½) / (n + ½(K + 1)) (Krichevsky and Trofimov, 1981), so that n and K cancel out.
 * Deterministic, free of order, with exact contributions per column; an unseen value is the rarest possible. It is
 * Σ −ln p̂ less what the most usual record has, which changes no ranking of complete records. A column that was not
 * selected contributes 0, as its most frequent value would: a record can't be rarer for what nobody asked of it.
 */
export interface CategoryCounts {
  /** Training records that have the column. */
  readonly total: number;
  /** The most frequent values, descending. */
  readonly counts: ReadonlyMap<string, number>;
  /** Records with the most frequent value. */
  readonly commonest: number;
  /** Records with a value beyond the kept ones. */
  readonly other: number;
}

/** Pseudo-count of each value. */
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
  return { total, counts, commonest: kept[0]?.[1] ?? 0, other };
}

/** Training records with this very value; 0 for values beyond the kept ones. */
export function countOf(categories: CategoryCounts, value: string): number {
  return categories.counts.get(value) ?? 0;
}

/** The column's summand of r(x), in nats: 0 for the most frequent value. */
export function rarityOf({ commonest }: CategoryCounts, count: number): number {
  return Math.log((commonest + SMOOTHING) / (count + SMOOTHING));
}

/**
 * The summand of a training record with its own occurrence taken out of the count, so that a value seen once stands where
 * an unseen value will: their scores must tie, or every unseen value would look stranger than all of training.
 */
export function leaveOneOutRarity(categories: CategoryCounts, count: number): number {
  return count === categories.commonest ? 0 : rarityOf(categories, Math.max(1, count) - 1);
}

/**
 * Probability of a value at least as rare as this one, 0–1: the categorical counterpart of a tail probability. A value
 * never seen is as rare as those seen once, each of which was new when it came.
 */
export function rarityTail(categories: CategoryCounts, value: string): number {
  const count = countOf(categories, value);
  let rarer = categories.other;
  for (const other of categories.counts.values()) if (other <= Math.max(1, count)) rarer += other;
  return Math.min(1, (rarer + 1) / (categories.total + 1));
}

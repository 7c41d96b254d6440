/**
 * Indices of the p-values rejected at false discovery rate `rate` (Benjamini and Hochberg, 1995), ascending: all those
 * up to the largest p_(i) ≤ rate · i / m. A verdict on a whole response needs it: among 50 normal records one has
 * p ≤ 0.01 in 39 % of all responses. Conformal p-values are positively dependent, so the bound holds for them.
 */
export function benjaminiHochberg(pValues: ArrayLike<number>, rate: number): number[] {
  const ascending = Float64Array.from(pValues).sort();
  const last = ascending.findLastIndex((p, rank) => p <= (rate * (rank + 1)) / ascending.length);
  if (last < 0) return [];
  // Equal p-values are rejected together: what holds at one rank holds at every later one.
  const largest = ascending[last] as number;
  return Array.from({ length: pValues.length }, (_, index) => index).filter(
    (index) => (pValues[index] as number) <= largest,
  );
}

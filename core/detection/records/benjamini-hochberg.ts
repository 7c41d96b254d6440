/**
 * Indices of the p-values rejected at false discovery rate `rate` (Benjamini and Hochberg, 1995), ascending: all those
 * up to the largest p_(i) ≤ rate · i / m. A verdict on a whole response needs it: among 50 normal records one has
 * p ≤ 0.01 in 39 % of all responses. Conformal p-values are positively dependent, so the bound holds for them.
 */
export function benjaminiHochberg(pValues: ArrayLike<number>, rate: number): number[] {
  const order = Array.from({ length: pValues.length }, (_, index) => index).sort(
    (a, b) => (pValues[a] as number) - (pValues[b] as number) || a - b,
  );
  const last = order.findLastIndex((index, rank) => (pValues[index] as number) <= (rate * (rank + 1)) / pValues.length);
  return order.slice(0, last + 1).sort((a, b) => a - b);
}

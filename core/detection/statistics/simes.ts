/**
 * p-value of "none of these is unusual", 0–1: min over i of m · p_(i) / i (Simes, 1986). It is at most the rate exactly
 * when Benjamini and Hochberg reject anything, and holds under the same positive dependence.
 */
export function simesPValue(pValues: ArrayLike<number>): number {
  const ascending = Float64Array.from(pValues).sort();
  return ascending.reduce((least, p, i) => Math.min(least, (ascending.length * p) / (i + 1)), 1);
}

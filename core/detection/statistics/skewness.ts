/** Third standardised moment of an ascending sample; 0 for a constant or empty one. */
export function skewness(values: Float64Array): number {
  const n = values.length;
  if (n === 0) return 0;
  // By the largest magnitude, which doesn't change it: powers of values near the end of the number range overflow.
  const largest = Math.max(Math.abs(values[0] as number), Math.abs(values.at(-1) as number)) || 1;
  let mean = 0;
  for (const value of values) mean += value / largest / n;
  let second = 0;
  let third = 0;
  for (const value of values) {
    const difference = value / largest - mean;
    second += (difference * difference) / n;
    third += (difference * difference * difference) / n;
  }
  return second > 0 ? third / second ** 1.5 : 0;
}

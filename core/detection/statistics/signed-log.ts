/** sign(x)·log(1 + |x|): the scale on which magnitudes of both signs are compared. */
export function signedLog(value: number): number {
  return value < 0 ? -Math.log1p(-value) : Math.log1p(value);
}

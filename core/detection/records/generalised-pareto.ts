import { quantile } from './quantiles.ts';

/** Tail of a distribution beyond `threshold`: P(X > x) = (exceeding / total) · (1 + shape·(x − threshold)/scale)^(−1/shape). */
export interface ParetoTail {
  readonly threshold: number;
  readonly shape: number;
  readonly scale: number;
  readonly exceeding: number;
  readonly total: number;
}

const MIN_EXCESSES = 20;
/** Threshold as a share of the sample: as far out as leaves enough excesses. */
const THRESHOLDS = [0.98, 0.95, 0.9, 0.8];

/**
 * Peaks over threshold (Siffer, Fouque, Termier, Largouët, "Anomaly Detection in Streams with Extreme Value Theory", KDD
 * 2017), fitted by probability-weighted moments (Hosking and Wallis, 1987), which are stable where the maximum of the
 * likelihood is not. Undefined where fewer than 20 distinct excesses are left or the sample has no tail.
 */
export function fitParetoTail(sorted: Float64Array | Float32Array): ParetoTail | undefined {
  const probability = THRESHOLDS.find((share) => (1 - share) * sorted.length >= MIN_EXCESSES);
  if (probability === undefined) return undefined;
  const threshold = quantile(sorted, probability);
  const excesses = [...sorted].filter((value) => value > threshold).map((value) => value - threshold);
  const exceeding = excesses.length;
  if (exceeding < MIN_EXCESSES || new Set(excesses).size < MIN_EXCESSES / 2) return undefined;
  let mean = 0;
  let weighted = 0;
  excesses.forEach((excess, index) => {
    mean += excess / exceeding;
    weighted += (((exceeding - 1 - index) / (exceeding - 1)) * excess) / exceeding;
  });
  const divisor = mean - 2 * weighted;
  if (!(divisor > 1e-12 * mean)) return undefined;
  const shape = 2 - mean / divisor;
  const scale = (2 * mean * weighted) / divisor;
  return scale > 0 && Number.isFinite(shape) ? { threshold, shape, scale, exceeding, total: sorted.length } : undefined;
}

/** Probability of a value above `value`, which is at or beyond the threshold; 0 beyond the end of a bounded tail. */
export function paretoExceedance(tail: ParetoTail, value: number): number {
  const beyond = (value - tail.threshold) / tail.scale;
  const base = 1 + tail.shape * beyond;
  if (base <= 0) return 0;
  const conditional = Math.abs(tail.shape) < 1e-9 ? Math.exp(-beyond) : base ** (-1 / tail.shape);
  return (tail.exceeding / tail.total) * conditional;
}

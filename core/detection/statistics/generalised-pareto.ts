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
const WANTED_EXCESSES = 30;
/** Threshold as a share of the sample: as far out as leaves the wanted excesses, or the last one. */
const THRESHOLDS = [0.98, 0.95, 0.9, 0.8] as const;
const LAST_THRESHOLD = 0.8;

/**
 * Peaks over threshold (Siffer, Fouque, Termier, Largouët, "Anomaly Detection in Streams with Extreme Value Theory", KDD
 * 2017), fitted by probability-weighted moments (Hosking and Wallis, 1987), which are stable where the maximum of the
 * likelihood is not. Undefined where fewer than 20 distinct excesses are left or the sample has no tail.
 *
 * The tail is taken no lighter than exponential. A negative shape claims an end that a few dozen excesses can't place:
 * with it 5 of 100,000 ordinary records had a p-value of 10⁻⁶, and of pages of 500 records fifteen times the promised rate
 * was flagged. Measured on made-up data with 150 to 3,000 records learnt, without it 0.4 to 1.05 times 10⁻⁴ of ordinary records have
 * p ≤ 10⁻⁴.
 */
export function fitParetoTail(sorted: Float64Array | Float32Array): ParetoTail | undefined {
  const total = sorted.length;
  const probability = THRESHOLDS.find((share) => total - share * total >= WANTED_EXCESSES) ?? LAST_THRESHOLD;
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
  const shape = Math.max(0, 2 - mean / divisor);
  // The mean excess of the distribution is scale / (1 − shape).
  const scale = mean * (1 - shape);
  return scale > 0 ? { threshold, shape, scale, exceeding, total } : undefined;
}

/** Probability of a value above `value`, which is at or beyond the threshold. */
export function paretoExceedance(tail: ParetoTail, value: number): number {
  const beyond = (value - tail.threshold) / tail.scale;
  const conditional = tail.shape < 1e-9 ? Math.exp(-beyond) : (1 + tail.shape * beyond) ** (-1 / tail.shape);
  return (tail.exceeding / tail.total) * conditional;
}

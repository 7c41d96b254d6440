import type { NumericMatrix } from './numeric-matrix.ts';
import { shufflePrefix } from './prng.ts';
import type { Prng } from './prng.ts';

/**
 * Distance to the nearest of a few sampled rows, averaged over several small samples, on standardised features. Small
 * samples are deliberate: clustered anomalies mask each other less (idea: Sugiyama and Borgwardt, "Rapid Distance-Based
 * Outlier Detection via Sampling", NeurIPS 2013).
 */
export interface NeighbourSamples {
  readonly columns: number;
  /** Number of samples (t). */
  readonly samples: number;
  /** Rows per sample (ψ). */
  readonly sampleSize: number;
  readonly mean: Float64Array;
  /** Standard deviation of each training column; 0 for a constant one. */
  readonly deviation: Float64Array;
  /** Standardised rows, sample after sample, row-major; NaN is a missing cell. */
  readonly rows: Float32Array;
}

export interface DrawnSamples {
  readonly neighbours: NeighbourSamples;
  /** Training row of each sampled row, in the order of `rows`: a row is not its own neighbour. */
  readonly sources: Int32Array;
}

export interface NeighbourOptions {
  readonly samples: number;
  readonly sampleSize: number;
}

/** No single field may own the distance. */
const MAX_Z = 10;

export function drawNeighbourSamples(matrix: NumericMatrix, options: NeighbourOptions, prng: Prng): DrawnSamples {
  const { columns } = matrix;
  const sampleSize = Math.min(options.sampleSize, matrix.rows);
  const { mean, deviation } = columnMoments(matrix);
  const pool = Int32Array.from({ length: matrix.rows }, (_, row) => row);
  const sources = new Int32Array(options.samples * sampleSize);
  for (let sample = 0; sample < options.samples; sample++) {
    sources.set(shufflePrefix(prng, pool, sampleSize).subarray(0, sampleSize), sample * sampleSize);
  }
  const rows = new Float32Array(sources.length * columns);
  const neighbours = { columns, samples: options.samples, sampleSize, mean, deviation, rows };
  sources.forEach((source, index) => {
    standardise(neighbours, matrix.data, source * columns, rows.subarray(index * columns, (index + 1) * columns));
  });
  return { neighbours, sources };
}

/** Writes the standardised row into `into`: (x − mean) / deviation within ±10. */
export function standardise(
  { columns, mean, deviation }: Pick<NeighbourSamples, 'columns' | 'mean' | 'deviation'>,
  data: Float64Array,
  start: number,
  into: Float32Array,
): void {
  for (let column = 0; column < columns; column++) {
    const difference = (data[start + column] as number) - (mean[column] as number);
    const sd = deviation[column] as number;
    // A column that never varied: any other value is as far as far goes.
    const z =
      sd > 0 ? difference / sd : difference === 0 || Number.isNaN(difference) ? difference : difference * Infinity;
    into[column] = z > MAX_Z ? MAX_Z : z < -MAX_Z ? -MAX_Z : z;
  }
}

/**
 * Mean over the samples of the distance to the nearest sampled row; NaN when the row shares no present cell with any.
 * `row` is standardised. `self` and `sources` leave a training row out of its own neighbours.
 */
export function neighbourScore(
  neighbours: NeighbourSamples,
  row: Float32Array,
  self = -1,
  sources?: Int32Array,
): number {
  const { samples, sampleSize } = neighbours;
  const distanceOf = isWhole(row) ? squaredDistanceOfWhole : squaredDistance;
  let sum = 0;
  let counted = 0;
  for (let sample = 0; sample < samples; sample++) {
    let best = Number.POSITIVE_INFINITY;
    for (let index = sample * sampleSize; index < (sample + 1) * sampleSize; index++) {
      if (sources !== undefined && sources[index] === self) continue;
      const distance = distanceOf(neighbours, row, index, best);
      if (distance < best) best = distance;
    }
    if (best === Number.POSITIVE_INFINITY) continue;
    sum += Math.sqrt(best);
    counted++;
  }
  return counted === 0 ? Number.NaN : sum / counted;
}

/** Index of the nearest of all sampled rows, or −1. */
export function nearestSampledRow(neighbours: NeighbourSamples, row: Float32Array): number {
  let best = Number.POSITIVE_INFINITY;
  let nearest = -1;
  for (let index = 0; index < neighbours.samples * neighbours.sampleSize; index++) {
    const distance = squaredDistance(neighbours, row, index, best);
    if (distance < best) {
      best = distance;
      nearest = index;
    }
  }
  return nearest;
}

function isWhole(row: Float32Array): boolean {
  for (const value of row) if (Number.isNaN(value)) return false;
  return true;
}

/** As `squaredDistance`, for a row without missing cells: the sampled row is looked at twice only if it has some. */
function squaredDistanceOfWhole(neighbours: NeighbourSamples, row: Float32Array, index: number, limit: number): number {
  const { columns, rows } = neighbours;
  const start = index * columns;
  let sum = 0;
  for (let column = 0; column < columns; column++) {
    const difference = (row[column] as number) - (rows[start + column] as number);
    sum += difference * difference;
    if (sum >= limit) return Number.POSITIVE_INFINITY;
  }
  return Number.isNaN(sum) ? squaredDistance(neighbours, row, index, limit) : sum;
}

/**
 * Squared distance over the cells present in both rows, scaled to all columns by d / d_present; +∞ when it can't be
 * below `limit` or no cell is present in both.
 */
function squaredDistance({ columns, rows }: NeighbourSamples, row: Float32Array, index: number, limit: number): number {
  const start = index * columns;
  let sum = 0;
  let missing = 0;
  for (let column = 0; column < columns; column++) {
    const difference = (row[column] as number) - (rows[start + column] as number);
    if (difference !== difference) {
      missing++;
      continue;
    }
    sum += difference * difference;
    if (sum >= limit) return Number.POSITIVE_INFINITY;
  }
  if (missing === 0) return sum;
  return missing === columns ? Number.POSITIVE_INFINITY : (sum * columns) / (columns - missing);
}

/** Mean and standard deviation of the present cells of each column (Welford, 1962). */
export function columnMoments({ rows, columns, data }: NumericMatrix): { mean: Float64Array; deviation: Float64Array } {
  const mean = new Float64Array(columns);
  const squares = new Float64Array(columns);
  const present = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = data[row * columns + column] as number;
      if (Number.isNaN(value)) continue;
      const count = (present[column] as number) + 1;
      const delta = value - (mean[column] as number);
      present[column] = count;
      mean[column] = (mean[column] as number) + delta / count;
      squares[column] = (squares[column] as number) + delta * (value - (mean[column] as number));
    }
  }
  const deviation = squares.map((sum, column) => {
    const variance = sum / Math.max(1, present[column] as number);
    // Rounding leaves a constant column a variance of about (ε·mean)²: that is no spread.
    return variance > 1e-24 * (mean[column] as number) ** 2 ? Math.sqrt(variance) : 0;
  });
  return { mean, deviation };
}

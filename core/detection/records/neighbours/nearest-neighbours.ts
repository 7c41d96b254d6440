import type { NumericMatrix } from '../../statistics/numeric-matrix.ts';
import { shufflePrefix } from '../../statistics/prng.ts';
import type { Prng } from '../../statistics/prng.ts';

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
  /** Standard deviation of each training column, or the least that it is measured by; 0 for a constant one. */
  readonly deviation: Float64Array;
  /**
   * Standardised rows, sample after sample, column after column within a sample; 0, the mean, where a cell is missing. A
   * column has `strideOf` cells, of which those beyond the sample's rows are NaN.
   */
  readonly rows: Float32Array;
}

export interface DrawnSamples {
  readonly neighbours: NeighbourSamples;
  /** Training row of each sampled row, sample after sample: a row is not its own neighbour. */
  readonly sources: Int32Array;
}

export interface NeighbourOptions {
  readonly samples: number;
  readonly sampleSize: number;
  /** Least deviation to measure each column by: a difference far below it means nothing, however rare. */
  readonly leastDeviations?: Float64Array;
}

/** No single field may own the distance. */
const MAX_Z = 10;
/** Sampled rows that a distance is taken to at once. */
const ROWS_AT_ONCE = 8;

/** Cells of one column of one sample in `rows`. */
export function strideOf({ sampleSize }: Pick<NeighbourSamples, 'sampleSize'>): number {
  return Math.ceil(sampleSize / ROWS_AT_ONCE) * ROWS_AT_ONCE;
}

/** Where in `rows` a cell of a sampled row stands; sampled rows are counted sample after sample. */
export function cellIndex(
  neighbours: Pick<NeighbourSamples, 'columns' | 'sampleSize'>,
  row: number,
  column: number,
): number {
  const { columns, sampleSize } = neighbours;
  const position = row % sampleSize;
  const sample = (row - position) / sampleSize;
  return (sample * columns + column) * strideOf(neighbours) + position;
}

export function drawNeighbourSamples(matrix: NumericMatrix, options: NeighbourOptions, prng: Prng): DrawnSamples {
  const { columns } = matrix;
  const { samples } = options;
  const sampleSize = Math.min(options.sampleSize, matrix.rows);
  const { mean, deviation: own } = columnMoments(matrix);
  const deviation = own.map((sd, column) => Math.max(sd, options.leastDeviations?.[column] ?? 0));
  const pool = Int32Array.from({ length: matrix.rows }, (_, row) => row);
  const sources = new Int32Array(samples * sampleSize);
  for (let sample = 0; sample < samples; sample++) {
    sources.set(shufflePrefix(prng, pool, sampleSize).subarray(0, sampleSize), sample * sampleSize);
  }
  const rows = new Float32Array(samples * columns * strideOf({ sampleSize })).fill(Number.NaN);
  const neighbours = { columns, samples, sampleSize, mean, deviation, rows };
  const standardised = new Float32Array(columns);
  sources.forEach((source, index) => {
    standardise(neighbours, matrix.data, source * columns, standardised);
    standardised.forEach((value, column) => {
      // The usual value stands in for a missing one: a row without a price must not be near to every price.
      rows[cellIndex(neighbours, index, column)] = Number.isNaN(value) ? 0 : value;
    });
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
 * Index of the nearest of the sampled rows that differ from the row, or −1. One that is equal shows nothing unusual: where
 * a training record is explained, it is the record itself.
 */
export function nearestSampledRow(neighbours: NeighbourSamples, row: Float32Array): number {
  let best = Number.POSITIVE_INFINITY;
  let nearest = -1;
  for (let index = 0; index < neighbours.samples * neighbours.sampleSize; index++) {
    const distance = squaredDistance(neighbours, row, index);
    if (distance > 0 && distance < best) {
      best = distance;
      nearest = index;
    }
  }
  return nearest;
}

/** Squared distance over the cells that the row has; +∞ when it has none. */
function squaredDistance(neighbours: NeighbourSamples, row: Float32Array, index: number): number {
  const { columns, rows } = neighbours;
  let sum = 0;
  let present = 0;
  for (let column = 0; column < columns; column++) {
    const value = row[column] as number;
    if (Number.isNaN(value)) continue;
    const difference = value - (rows[cellIndex(neighbours, index, column)] as number);
    sum += difference * difference;
    present++;
  }
  return present === 0 ? Number.POSITIVE_INFINITY : sum;
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

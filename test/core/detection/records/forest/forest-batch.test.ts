import { describe, expect, it } from 'vitest';
import { scoreRows } from '../../../../../core/detection/records/forest/forest-batch.ts';
import { growForest } from '../../../../../core/detection/records/forest/forest-growth.ts';
import { scoreRow } from '../../../../support/score-row.ts';
import type { NumericMatrix } from '../../../../../core/detection/statistics/numeric-matrix.ts';
import { selectRows } from '../../../../support/matrices.ts';
import { createPrng } from '../../../../../core/detection/statistics/prng.ts';
import { gaussian } from '../orders.ts';

const grow = (matrix: NumericMatrix, sampleSize = 256) =>
  growForest(matrix, { trees: 100, sampleSize }, createPrng('forest')).forest;

describe('scoring of batches', () => {
  it.each([1, 3, 256, 511, 512, 513, 1_001])('of %i rows equals the plain loop bit for bit', (rows) => {
    const forest = grow(gaussian(1_000, 6));
    const batch = gaussian(rows, 6, 'batch');
    if (rows > 200) batch.data.set([Number.NaN, 1e300, -1e300, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], 11);
    // Values equal to a split go left in both.
    for (let row = 20; row < rows; row++)
      batch.data[row * 6 + (forest.feature[row] as number)] = forest.threshold[row] as number;
    const plain = Float64Array.from({ length: rows }, (_, row) => scoreRow(forest, batch.data, row * 6));
    expect(scoreRows(forest, batch)).toEqual(plain);
  });

  it.each([40, 700])('of %i rows that lack cells, of several sets, equals the plain loop bit for bit', (rows) => {
    const prng = createPrng('gaps');
    const holes = gaussian(1_000, 5);
    for (let cell = 0; cell < holes.data.length; cell += 1 + prng.integer(9)) holes.data[cell] = Number.NaN;
    const batch = gaussian(rows, 5, 'batch');
    const missing = [[], [0], [1, 2], [0, 1, 2, 3, 4], [4]];
    for (let row = 0; row < rows; row++) {
      for (const column of missing[Math.min(prng.integer(12), 4)] ?? []) batch.data[row * 5 + column] = Number.NaN;
    }
    for (const forest of [grow(holes), grow(holes, 3), grow(gaussian(1_000, 5))]) {
      const plain = Float64Array.from({ length: rows }, (_, row) => scoreRow(forest, batch.data, row * 5));
      expect(scoreRows(forest, batch)).toEqual(plain);
    }
  });

  it('does not depend on the other rows', () => {
    const forest = grow(gaussian(1_000, 3));
    const batch = gaussian(600, 3, 'batch');
    const half = selectRows(
      batch,
      Int32Array.from({ length: 300 }, (_, i) => 599 - 2 * i),
    );
    const all = scoreRows(forest, batch);
    scoreRows(forest, half).forEach((score, i) => expect(score).toBe(all[599 - 2 * i]));
  });

  it.each([
    ['one value in most cells', gaussian(2_000, 4).data.map((value) => (value < 1 ? 0 : value))],
    ['magnitudes of all sizes', gaussian(2_000, 4).data.map((value) => value ** 41)],
    ['the ends of the number range', gaussian(2_000, 4).data.map((value) => Math.sign(value) * Number.MAX_VALUE)],
  ])('equals the plain loop on %s', (_, data) => {
    const matrix = { rows: 2_000, columns: 4, data };
    for (const forest of [grow(matrix), grow(matrix, 20), grow(matrix, 2_000)]) {
      const plain = Float64Array.from({ length: 2_000 }, (_, row) => scoreRow(forest, data, row * 4));
      expect(scoreRows(forest, matrix)).toEqual(plain);
    }
  });
});

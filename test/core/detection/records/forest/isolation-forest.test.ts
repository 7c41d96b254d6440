import { IsolationForest as PublishedForest } from 'isolation-forest';
import { describe, expect, it } from 'vitest';
import { scoreRows } from '../../../../../core/detection/records/forest/forest-batch.ts';
import { growForest } from '../../../../../core/detection/records/forest/forest-growth.ts';
import {
  averagePathLength,
  isolationScore,
  pathLength,
} from '../../../../../core/detection/records/forest/isolation-forest.ts';
import { scoreRow } from '../../../../support/score-row.ts';
import type { IsolationForest } from '../../../../../core/detection/records/forest/isolation-forest.ts';
import type { NumericMatrix } from '../../../../../core/detection/statistics/numeric-matrix.ts';
import { matrixOf } from '../../../../support/matrices.ts';
import { createPrng, sampleWithoutReplacement } from '../../../../../core/detection/statistics/prng.ts';
import { gaussian } from '../orders.ts';

const PAPER = { trees: 100, sampleSize: 256 };

function grow(matrix: NumericMatrix, seed = 'forest', options = PAPER): IsolationForest {
  return growForest(matrix, options, createPrng(seed)).forest;
}

function meanPath(forest: IsolationForest, data: Float64Array, start: number): number {
  let sum = 0;
  for (let tree = 0; tree < forest.roots.length; tree++) sum += pathLength(forest, tree, data, start);
  return sum / forest.roots.length;
}

describe('the average path length', () => {
  // c(n) of Liu, Ting, Zhou (2008), equation 1; c(256) = 10.244 is the published normaliser.
  it.each([
    [0, 0],
    [1, 0],
    [2, 1],
    [3, 1.2074],
    [256, 10.2448],
  ])('of %i rows is %d', (n, expected) => {
    expect(averagePathLength(n)).toBeCloseTo(expected, 3);
  });

  it('gives the score 0.5 to an average path, 1 to none', () => {
    expect(isolationScore(averagePathLength(256), 256)).toBe(0.5);
    expect(isolationScore(0, 256)).toBe(1);
    expect(isolationScore(1, 1)).toBeNaN();
  });
});

describe('the forest', () => {
  it('ranks what stands apart first', () => {
    const inliers = gaussian(500, 3);
    const forest = grow(inliers);
    const far = scoreRow(forest, Float64Array.of(6, 6, 6), 0);
    expect(far).toBeGreaterThan(0.65);
    expect(scoreRow(forest, Float64Array.of(0, 0, 0), 0)).toBeLessThan(0.45);
    expect(Math.max(...scoreRows(forest, inliers))).toBeLessThan(far);
  });

  it('scores by its sub-sample, not by the length of history', () => {
    // The published package's median score falls from 0.46 to 0.23 between 100 and 10,000 rows.
    const median = (rows: number) =>
      scoreRows(grow(gaussian(rows, 5)), gaussian(501, 5, 'fresh')).sort()[250] as number;
    expect(Math.abs(median(300) - median(10_000))).toBeLessThan(0.03);
  });

  it('is the same for the same seed and another for another', () => {
    const matrix = gaussian(300, 4);
    expect(grow(matrix)).toEqual(grow(matrix));
    expect(grow(matrix).threshold).not.toEqual(grow(matrix, 'other').threshold);
  });

  it('does not change when constants are added to or multiplied into a column', () => {
    const matrix = gaussian(300, 2);
    // Powers of two are exact, so the splits fall between the same rows.
    const scaled = { ...matrix, data: matrix.data.map((value, i) => (i % 2 === 0 ? value * 1_024 : value / 64)) };
    expect(scoreRows(grow(scaled), scaled)).toEqual(scoreRows(grow(matrix), matrix));
    const shifted = { ...matrix, data: matrix.data.map((value) => Math.round(value * 2 ** 20) / 2 ** 20) };
    const moved = { ...shifted, data: shifted.data.map((value) => value + 1_000) };
    const [before, after] = [scoreRows(grow(shifted), shifted), scoreRows(grow(moved), moved)];
    before.forEach((score, row) => expect(after[row]).toBeCloseTo(score, 10));
  });

  it('never splits on a column that does not vary', () => {
    const prng = createPrng('constant');
    const matrix = matrixOf(Array.from({ length: 300 }, () => [7, prng.uniform(), 7]));
    expect(new Set(grow(matrix).feature)).toEqual(new Set([1]));
  });

  it.each([
    ['equal rows', Array.from({ length: 200 }, () => [1, 2])],
    ['a single row', [[1, 2]]],
    ['no column', Array.from({ length: 200 }, () => [])],
    [
      'the ends of the number range',
      Array.from({ length: 200 }, (_, i) => [i % 2 === 0 ? Number.MAX_VALUE : -Number.MAX_VALUE]),
    ],
    ['neighbouring numbers', Array.from({ length: 200 }, (_, i) => [1 + (i % 3) * Number.EPSILON])],
    ['missing cells only', Array.from({ length: 200 }, () => [Number.NaN])],
  ])('grows on %s', (_, rows) => {
    const matrix = matrixOf(rows);
    const forest = grow(matrix);
    for (const score of scoreRows(forest, matrix)) {
      if (rows.length > 1) expect(score).toBeGreaterThan(0);
      else expect(score).toBeNaN();
    }
    // The rows of a node are those of its children, and neither side of a split is empty.
    const rowsBelow = (node: number, child: number) => (child < 0 ? -child : (forest.size[node + child] as number));
    forest.size.forEach((size, node) => {
      const [left, right] = [
        rowsBelow(node, forest.left[node] as number),
        rowsBelow(node, forest.right[node] as number),
      ];
      expect(Math.min(left, right)).toBeGreaterThan(0);
      expect(left + right).toBe(size);
    });
  });

  it('sends a missing cell both ways, weighted by the rows of training', () => {
    const matrix = matrixOf([[0], [0], [0], [10]]);
    const forest = growForest(matrix, { trees: 1, sampleSize: 4 }, createPrng('one split')).forest;
    const [left, right] = [meanPath(forest, Float64Array.of(0), 0), meanPath(forest, Float64Array.of(10), 0)];
    expect(meanPath(forest, Float64Array.of(Number.NaN), 0)).toBeCloseTo(0.75 * left + 0.25 * right);
  });

  it('loses little when a tenth of the cells is missing', () => {
    const prng = createPrng('holes');
    const matrix = gaussian(1_000, 5);
    const holes = { ...matrix, data: matrix.data.map((value) => (prng.uniform() < 0.1 ? Number.NaN : value)) };
    const forest = grow(holes);
    const outlier = Float64Array.of(5, 5, Number.NaN, 5, 5);
    const above = scoreRows(forest, holes).filter((score) => score >= scoreRow(forest, outlier, 0)).length;
    expect(above).toBeLessThan(10);
  });
});

describe('the published package as an oracle', () => {
  it('used with one sub-sample per tree, gives the same mean path lengths', () => {
    const prng = createPrng('oracle');
    const matrix = gaussian(400, 4, 'oracle data');
    matrix.data.set([5, 5, 5, 5], 0);
    const rows = Array.from({ length: matrix.rows }, (_, row) => {
      const [a, b, c, d] = matrix.data.subarray(row * 4, row * 4 + 4);
      return { a, b, c, d } as Record<string, number>;
    });
    const trees = 400;
    const oracle = new Float64Array(50);
    for (let tree = 0; tree < trees; tree++) {
      const forest = new PublishedForest(1, 128);
      forest.fit(
        [...sampleWithoutReplacement(prng, rows.length, 128)].map((row) => rows[row] as Record<string, number>),
      );
      const [grown] = forest.trees;
      for (let row = 0; row < oracle.length; row++) {
        oracle[row]! += grown!.pathLength(rows[row] as Record<string, number>, grown!.getRootNode(), 0) / trees;
      }
    }
    const own = grow(matrix, 'oracle forest', { trees, sampleSize: 128 });
    // One tree's path varies by about 2; the difference of two means of 400 by 0.14. The package draws its splits by
    // Math.random, so the bound is five of these.
    oracle.forEach((expected, row) => {
      expect(Math.abs(meanPath(own, matrix.data, row * 4) - expected)).toBeLessThan(0.7);
    });
    const bias = oracle.reduce((sum, expected, row) => sum + meanPath(own, matrix.data, row * 4) - expected, 0) / 50;
    expect(Math.abs(bias)).toBeLessThan(0.25);
  });
});

import { describe, expect, it } from 'vitest';
import { meanNearestDistance } from '../../../../../core/detection/records/neighbours/nearest-distance.ts';
import {
  cellIndex,
  columnMoments,
  drawNeighbourSamples,
  nearestSampledRow,
  standardise,
} from '../../../../../core/detection/records/neighbours/nearest-neighbours.ts';
import { matrixOf } from '../../../../support/matrices.ts';
import { createPrng } from '../../../../../core/detection/statistics/prng.ts';

const square = matrixOf([
  [-1, -1],
  [-1, 1],
  [1, -1],
  [1, 1],
]);
const draw = (matrix = square, samples = 3, sampleSize = 4) =>
  drawNeighbourSamples(matrix, { samples, sampleSize }, createPrng('neighbours'));

function score(drawn: ReturnType<typeof draw>, row: number[], self?: number): number {
  const standardised = new Float32Array(row.length);
  standardise(drawn.neighbours, Float64Array.from(row), 0, standardised);
  const own = [...drawn.sources.keys()].filter((index) => drawn.sources[index] === self);
  return meanNearestDistance(drawn.neighbours, standardised, own);
}

describe('the nearest-neighbour score', () => {
  it('is the distance to the nearest sampled row, in standard deviations', () => {
    expect(score(draw(), [0, 0])).toBeCloseTo(Math.SQRT2);
    expect(score(draw(), [1, 4])).toBeCloseTo(3);
    expect(score(draw(), [1, 1])).toBe(0);
  });

  it('leaves a training row out of its own neighbours', () => {
    expect(score(draw(), [1, 1], 3)).toBeCloseTo(2);
  });

  it('skips missing cells and scales the rest: d / d_present', () => {
    expect(score(draw(), [4, Number.NaN])).toBeCloseTo(Math.sqrt((9 * 2) / 1));
    expect(score(draw(), [Number.NaN, Number.NaN])).toBeNaN();
  });

  it('takes the mean for what sampled rows lack, in a sample of any size', () => {
    const prng = createPrng('cells');
    const cell = (): number => (prng.uniform() < 0.3 ? Number.NaN : prng.uniform());
    const rows = Array.from({ length: 7 }, () => [cell(), cell(), cell()]);
    const drawn = draw(matrixOf(rows), 1, 7);
    const { mean, deviation } = drawn.neighbours;
    const row = [0.2, Number.NaN, 0.9];
    const distances = rows.map((other) => {
      const squares = row
        .map((value, column) => {
          const usual = Number.isNaN(other[column]) ? mean[column]! : other[column]!;
          return ((value - usual) / deviation[column]!) ** 2;
        })
        .filter((square) => !Number.isNaN(square));
      return Math.sqrt((squares.reduce((sum, square) => sum + square, 0) * mean.length) / squares.length);
    });
    expect(score(drawn, row)).toBeCloseTo(Math.min(...distances), 5);
  });

  it('lets no field own the distance: ten deviations are the most', () => {
    expect(score(draw(), [1e12, 1])).toBeCloseTo(9);
    expect(score(draw(), [1e300, 1])).toBe(score(draw(), [1e12, 1]));
  });

  it('takes any other value of a column that never varied as ten deviations off', () => {
    const drawn = draw(
      matrixOf([
        [1, 7],
        [2, 7],
        [3, 7],
      ]),
      1,
      3,
    );
    expect(score(drawn, [2, 7])).toBe(0);
    expect(score(drawn, [2, 7.0001])).toBeCloseTo(10);
    expect(score(drawn, [2, Number.NaN])).toBe(0);
  });

  it('names the nearest sampled row', () => {
    const { neighbours, sources } = draw();
    expect(sources[nearestSampledRow(neighbours, Float32Array.of(0.9, -1.2))]).toBe(2);
  });

  it('names none that is equal: a training record is not its own nearest', () => {
    const { neighbours } = draw();
    const sampled = (row: number): Float32Array =>
      Float32Array.from(
        { length: neighbours.columns },
        (_, column) => neighbours.rows[cellIndex(neighbours, row, column)] as number,
      );
    expect(sampled(nearestSampledRow(neighbours, sampled(0)))).not.toEqual(sampled(0));
    expect(nearestSampledRow(draw(matrixOf([[1], [1]]), 1, 2).neighbours, Float32Array.of(0))).toBe(-1);
  });

  it('draws no row twice into a sample', () => {
    const { sources } = draw(matrixOf(Array.from({ length: 100 }, (_, i) => [i])), 20, 64);
    for (let sample = 0; sample < 20; sample++) {
      expect(new Set(sources.subarray(sample * 64, (sample + 1) * 64)).size).toBe(64);
    }
  });
});

describe('moments of columns', () => {
  it('ignore missing cells, and see no spread in rounding', () => {
    const { mean, deviation } = columnMoments(
      matrixOf([
        [1, 0.1],
        [Number.NaN, 0.1],
        [3, 0.1],
      ]),
    );
    expect([...mean]).toEqual([2, 0.1]);
    expect([...deviation]).toEqual([1, 0]);
  });
});

import { describe, expect, it } from 'vitest';
import { meanNearestDistance } from '../../../../../core/detection/records/neighbours/nearest-distance.ts';
import {
  cellIndex,
  drawNeighbourSamples,
} from '../../../../../core/detection/records/neighbours/nearest-neighbours.ts';
import type { NeighbourSamples } from '../../../../../core/detection/records/neighbours/nearest-neighbours.ts';
import type { NumericMatrix } from '../../../../../core/detection/statistics/numeric-matrix.ts';
import { createPrng } from '../../../../../core/detection/statistics/prng.ts';
import type { Prng } from '../../../../../core/detection/statistics/prng.ts';

describe('the mean distance to the nearest sampled rows', () => {
  it('equals that of a loop over rows and cells, whatever is missing and however many rows, columns and samples there are', () => {
    const prng = createPrng('distances');
    for (const [rows, columns, samples, sampleSize, share] of [
      [1, 1, 1, 1, 0],
      [40, 3, 2, 7, 0.4],
      [9, 5, 3, 8, 0.2],
      [200, 12, 20, 64, 0],
      [200, 12, 20, 64, 0.3],
      [64, 2, 4, 33, 0.9],
      [300, 150, 20, 64, 0.1],
    ] as const) {
      const matrix = randomMatrix(prng, rows, columns, share);
      const { neighbours } = drawNeighbourSamples(matrix, { samples, sampleSize }, prng);
      for (let i = 0; i < 20; i++) {
        const row = Float32Array.from({ length: columns }, () => randomCell(prng, share));
        const expected = distanceByHand(neighbours, row);
        const found = meanNearestDistance(neighbours, row);
        if (Number.isNaN(expected)) expect(found).toBeNaN();
        else expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-5 * Math.max(1, expected));
      }
    }
  });

  it('leaves hidden rows out, and only for that row', () => {
    const matrix = randomMatrix(createPrng('hidden'), 8, 4, 0);
    const { neighbours } = drawNeighbourSamples(matrix, { samples: 1, sampleSize: 8 }, createPrng('hidden'));
    const first = Float32Array.from(
      { length: 4 },
      (_, column) => neighbours.rows[cellIndex(neighbours, 0, column)] as number,
    );
    expect(meanNearestDistance(neighbours, first)).toBe(0);
    expect(meanNearestDistance(neighbours, first, [0])).toBeCloseTo(distanceByHand(neighbours, first, [0]), 5);
    expect(meanNearestDistance(neighbours, first)).toBe(0);
    expect(meanNearestDistance(neighbours, first, [0, 1, 2, 3, 4, 5, 6, 7])).toBeNaN();
  });

  it('does not mix up models that are asked in turn', () => {
    const prng = createPrng('in turn');
    const models = [3, 400, 3, 30].map((columns) =>
      drawNeighbourSamples(randomMatrix(prng, 100, columns, 0.1), { samples: 20, sampleSize: 64 }, prng),
    );
    const rows = models.map(({ neighbours }) =>
      Float32Array.from({ length: neighbours.columns }, () => randomCell(prng, 0)),
    );
    const ask = () => models.map(({ neighbours }, i) => meanNearestDistance(neighbours, rows[i] as Float32Array));
    const asked = ask();
    asked.forEach((found, i) => {
      expect(found).toBeCloseTo(
        distanceByHand((models[i] as (typeof models)[0]).neighbours, rows[i] as Float32Array),
        3,
      );
    });
    expect(ask()).toEqual(asked);
  });
});

function randomCell(prng: Prng, missing: number): number {
  return prng.uniform() < missing ? Number.NaN : 4 * prng.uniform() - 2;
}

function randomMatrix(prng: Prng, rows: number, columns: number, missing: number): NumericMatrix {
  return { rows, columns, data: Float64Array.from({ length: rows * columns }, () => randomCell(prng, missing)) };
}

function distanceByHand(neighbours: NeighbourSamples, row: Float32Array, hidden: readonly number[] = []): number {
  const { columns, samples, sampleSize, rows } = neighbours;
  const nearest = Array.from({ length: samples }, (_, sample) => {
    const distances = Array.from({ length: sampleSize }, (__, position) => {
      const index = sample * sampleSize + position;
      const squares = Array.from(
        row,
        (value, column) => (value - (rows[cellIndex(neighbours, index, column)] as number)) ** 2,
      ).filter((square) => !Number.isNaN(square));
      if (squares.length === 0 || hidden.includes(index)) return Infinity;
      return Math.sqrt((squares.reduce((sum, square) => sum + square, 0) * columns) / squares.length);
    });
    return Math.min(...distances);
  }).filter(Number.isFinite);
  return nearest.reduce((sum, distance) => sum + distance, 0) / nearest.length;
}

import { describe, expect, it } from 'vitest';
import { growForest } from '../../../../../core/detection/records/forest/forest-growth.ts';
import { localDiffi } from '../../../../../core/detection/records/forest/local-diffi.ts';
import { createPrng } from '../../../../../core/detection/statistics/prng.ts';
import { normal } from '../orders.ts';

const COLUMNS = 6;
const prng = createPrng('diffi');
const matrix = {
  rows: 1_000,
  columns: COLUMNS,
  data: Float64Array.from({ length: 1_000 * COLUMNS }, () => normal(prng)),
};
const { forest } = growForest(matrix, { trees: 100, sampleSize: 256 }, createPrng('forest'));

describe('local DIFFI', () => {
  it('names the field that was made strange in most records', () => {
    let first = 0;
    for (let row = 0; row < 100; row++) {
      const record = matrix.data.slice(row * COLUMNS, (row + 1) * COLUMNS);
      const planted = row % COLUMNS;
      record[planted] = 8;
      const importance = localDiffi(forest, record, 0);
      if (importance.indexOf(Math.max(...importance)) === planted) first++;
    }
    expect(first).toBeGreaterThanOrEqual(90);
  });

  it('is never negative, and defined for a record without any value', () => {
    const importance = localDiffi(forest, new Float64Array(COLUMNS).fill(Number.NaN), 0);
    for (const value of importance) expect(value).toBeGreaterThanOrEqual(0);
  });
});

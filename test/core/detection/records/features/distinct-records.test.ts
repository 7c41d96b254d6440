import { describe, expect, it } from 'vitest';
import { distinctRecords } from '../../../../../core/detection/records/features/distinct-records.ts';
import type { FeatureRow } from '../../../../../core/detection/records/features/record-features.ts';
import { finish } from '../../../../../core/domain/steps.ts';

const read = (rows: readonly FeatureRow[], times: number) =>
  Array.from({ length: times }, (_, time) =>
    rows.map((features, row) => ({ key: `${time}/${row}`, at: time, features })),
  ).flat();
const distinct = (rows: readonly FeatureRow[], times = 10) => finish(distinctRecords(read(rows, times)));

describe('distinct records', () => {
  it('are the latest reading of each thing', () => {
    const found = distinct(Array.from({ length: 50 }, (_, i) => ({ id: i, total: i % 7 })));
    expect(found.length).toBe(50);
    expect(new Set(found.map(({ at }) => at))).toEqual(new Set([9]));
  });

  it('keep a thing that changed as two', () => {
    const window = [
      ...read(
        [
          { id: 1, a: 1 },
          { id: 2, a: 1 },
        ],
        3,
      ),
      { key: '9/0', at: 9, features: { id: 1, a: 2 } },
    ];
    expect(finish(distinctRecords(window)).length).toBe(3);
  });

  it('do not take mere categories for things', () => {
    const categories = [0, 1, 2, 3].flatMap((a) => [0, 1, 2, 3].map((b) => ({ a, b })));
    expect(distinct(categories).length).toBe(160);
    expect(distinct([{ a: true }, { a: false }]).length).toBe(20);
  });

  it('tell texts by hash, lists by content and keys in any order', () => {
    const rows: FeatureRow[] = [
      { x: ['h1', 3, 'a', 0, 0, 0], y: [1, 1, null, null] },
      { y: [1, 1, null, null], x: ['h1', 3, 'a', 0, 0, 0] },
      { x: ['h2', 3, 'a', 0, 0, 0], y: [2, 1, null, null] },
    ];
    expect(distinct(rows, 1).length).toBe(2);
  });

  it('are found in slices of so many cells: wide records pause as often per cell', () => {
    const pauses = (records: number, columns: number) =>
      [
        ...distinctRecords(
          read(
            Array.from({ length: records }, (_, row) =>
              Object.fromEntries(Array.from({ length: columns }, (_, column) => [`c${column}`, row])),
            ),
            1,
          ),
        ),
      ].length;
    expect(pauses(2_000, 10)).toBeGreaterThan(10);
    expect(pauses(100, 200)).toBeCloseTo(pauses(2_000, 10), -1);
  });
});

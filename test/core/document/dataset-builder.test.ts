import { describe, expect, it } from 'vitest';
import { DatasetBuilder } from '../../../core/document/dataset-builder.ts';
import type { Cell } from '../../../core/domain/observation.ts';

const CAPS = { records: 100, columns: 3, depth: 4, datasets: 10 };

function build(records: readonly Readonly<Record<string, Cell>>[]) {
  const builder = new DatasetBuilder('orders', CAPS);
  for (const record of records) {
    builder.addRecord();
    for (const [path, cell] of Object.entries(record)) builder.set(path, cell);
  }
  return builder.build();
}

const paths = (records: readonly Readonly<Record<string, Cell>>[]) => build(records).columns.map(({ path }) => path);

describe('beyond the cap of columns', () => {
  it('those are kept that most records have, although others came first', () => {
    const records = [
      { free_1: 1, free_2: 1, free_3: 1, id: 1 },
      { id: 2, total: 20 },
      { id: 3, total: 30, free_9: 1 },
    ];
    const { columns, droppedColumns } = build(records);
    expect(columns).toEqual([
      { path: 'free_1', cells: [1, undefined, undefined] },
      { path: 'id', cells: [1, 2, 3] },
      { path: 'total', cells: [undefined, 20, 30] },
    ]);
    expect(droppedColumns).toBe(3);
  });

  it('the order of keys and records decides nothing', () => {
    const keys = ['e', 'b', 'd', 'a', 'c'];
    const record = (order: readonly string[]) => Object.fromEntries(order.map((key) => [key, 1]));
    expect(paths([record(keys)]).sort()).toEqual(['a', 'b', 'c']);
    expect(paths([record([...keys].reverse()), record(keys)]).sort()).toEqual(['a', 'b', 'c']);
  });

  it('keys without end are counted and hold nothing', () => {
    const records = Array.from({ length: 50 }, (_, i) => ({ id: i, [`free_${i}`]: i }));
    const { columns, droppedColumns, recordCount } = build(records);
    expect({ recordCount, columns: columns.length, droppedColumns }).toEqual({
      recordCount: 50,
      columns: 3,
      droppedColumns: 48,
    });
    expect(columns.find(({ path }) => path === 'id')?.cells).toEqual(records.map(({ id }) => id));
  });
});

import { describe, expect, it } from 'vitest';
import type { CellFeature } from '../../../../../core/detection/records/features/cell-features.ts';
import { batchOfRows } from '../../../../support/feature-rows.ts';
import { createTypeWatch } from '../../../../../core/detection/records/changes/type-watch.ts';
import { START, train } from '../orders.ts';

const word = (length: number): CellFeature => [`hash ${length}`, length, 'a', 0, 0, 0];
const amount = (value: number): CellFeature => ['hash', 5, '9.9', 4, 0, 0, 'n', value];
const time = (at: number): CellFeature => ['hash', 24, '9-9-9T9:9:9.9Z', 17, 0, 0, 't', at];

/** A baseline whose columns are all of another kind, in `records` training records. */
function modelOf(cellsOf: (i: number) => Readonly<Record<string, CellFeature>>, records = 200) {
  return train(Array.from({ length: records }, (_, i) => ({ key: `${i}/0`, at: START, features: cellsOf(i) })));
}

const { encoder } = modelOf((i) => ({
  total: 10 + ((i * 37) % 100) / 3,
  at: time(START - i * 3_600_000 * ((i * 7) % 11)),
  state: word(1 + (i % 3)),
  paid: i % 2 === 0,
  tags: [i % 4, 1, null, null],
  nothing: null,
  mixed: i % 10 === 0 ? word(2) : i % 7,
  price: amount(10 + ((i * 37) % 100) / 3),
}));

function changedBy(cells: Readonly<Record<string, CellFeature>>, records = 200, before: typeof cells = {}): string[] {
  const watch = createTypeWatch();
  for (let record = 0; record < 1_000; record++) watch.note(encoder, batchOfRows([before], START));
  for (let record = 0; record < records; record++) watch.note(encoder, batchOfRows([cells], START));
  return watch.changed();
}

describe('the type of a column has changed', () => {
  it.each([
    ['a number became words', { total: word(4) }, ['total']],
    ['a number became a list', { total: [2, 2, 1, 5] as const }, ['total']],
    ['a time became words', { at: word(4) }, ['at']],
    ['words became a number', { state: 7 }, ['state']],
    ['a flag became a number', { paid: 1 }, ['paid']],
    ['a list became one text', { tags: word(4) }, ['tags']],
    ['what always was null has values', { nothing: 5 }, ['nothing']],
    ['several did at once', { total: word(4), paid: 1 }, ['paid', 'total']],
    ['amounts that are texts became words', { price: word(4) }, ['price']],
    ['amounts that were texts are sent as numbers', { price: 12.5 }, []],
    ['a number is sent as text, as large ones are', { total: amount(12.5) }, []],
    ['a known second type becomes the usual one', { mixed: word(2) }, []],
    ['it is null', { total: null }, []],
    ['it is missing', { total: '-' }, []],
    ['it is no longer asked for', {}, []],
  ] as const)('where %s', (_, cells, expected) => {
    expect(changedBy(cells).sort()).toEqual(expected);
  });

  it('only by a hundred values and the larger part of the latest', () => {
    expect(changedBy({ total: word(4) }, 99)).toEqual([]);
    expect(changedBy({ total: word(4) }, 100)).toEqual(['total']);
  });

  it('no longer when the old type comes back', () => {
    const watch = createTypeWatch();
    const note = (cell: CellFeature, records: number) => {
      for (let record = 0; record < records; record++) watch.note(encoder, batchOfRows([{ total: cell }], START));
    };
    note(word(4), 150);
    expect(watch.changed()).toEqual(['total']);
    note(12, 200);
    expect(watch.changed()).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import type { Cell } from '../../../../../core/domain/observation.ts';
import { DAY, HOUR } from '../../../../../core/domain/time.ts';
import { categoryScores } from '../../../../../core/detection/records/model/category-scores.ts';
import { fitEncoder, numericFeatures, unknownColumns } from '../../../../../core/detection/records/model/encoder.ts';
import { tableOfBatch, tableOfWindow } from '../../../../../core/detection/records/features/feature-table.ts';
import { createPrng } from '../../../../../core/detection/statistics/prng.ts';
import { featuresOf } from '../../../../../core/detection/records/features/record-features.ts';
import { batchOfRows, featureRows } from '../../../../support/feature-rows.ts';
import type { WindowRecord } from '../../../../../core/detection/records/features/record-features.ts';
import { finish } from '../../../../../core/domain/steps.ts';
import { dataset, hash, orderWindow, START } from '../orders.ts';

const prng = createPrng('encoder');
const cells = (make: (i: number) => Cell, count = 300): Cell[] => Array.from({ length: count }, (_, i) => make(i));

function windowOf(columns: Record<string, readonly Cell[]>, at: (row: number) => number = () => START): WindowRecord[] {
  return featureRows(featuresOf(dataset('d', columns), START, hash)).map((features, row) => ({
    key: `${String(row).padStart(5, '0')}/0`,
    at: at(row),
    features,
  }));
}

const fit = (window: readonly WindowRecord[]) => finish(fitEncoder(finish(tableOfWindow(window))));
const columnOf = (values: readonly Cell[], path = 'c', at?: (row: number) => number) => {
  const [column] = fit(windowOf({ [path]: values }, at)).columns;
  return {
    kind: column!.kind,
    numeric: column!.numeric.map(({ name, transform }) => (transform === 'log' ? `log ${name}` : name)),
    categorical: column!.categorical.map(({ name }) => name),
  };
};

describe('a column is', () => {
  const random = (below: number) => prng.integer(below);
  it.each<[string, string, Cell[], string]>([
    ['numbers', 'total', cells(() => prng.uniform()), 'numeric'],
    ['numbers with nulls', 'total', cells((i) => (i % 2 === 0 ? null : prng.uniform())), 'numeric'],
    ['numbers as text', 'total', cells(() => (prng.uniform() * 100).toFixed(2)), 'numeric'],
    ['flags', 'gift', cells(() => prng.uniform() < 0.1), 'boolean'],
    ['a few words', 'status', cells(() => ['paid', 'open', 'void'][random(3)]), 'categorical'],
    ['foreign keys', 'customer_id', cells(() => random(30)), 'categorical'],
    ['primary keys', 'id', cells((i) => i * 7), 'identifier'],
    ['keys by another name', 'InvoiceId', cells((i) => 1_000 + i), 'identifier'],
    ['running numbers by any name', 'voucher', cells((i) => 1_000 + i), 'identifier'],
    ['integers beyond 2^53', 'snowflake', cells(() => 2 ** 60 + random(1_000) * 2 ** 20), 'identifier'],
    ['uuids', 'ref', cells(() => `3f2504e0-4f89-11d3-9a0c-${String(random(1e12)).padStart(12, '0')}`), 'identifier'],
    ['postal codes', 'place', cells(() => String(10_000 + random(80_000))), 'identifier'],
    ['telephone numbers (D5)', 'contact', cells(() => `555-${String(1_000 + random(9_000))}`), 'identifier'],
    [
      'addresses of machines (D5)',
      'host',
      cells(() => `10.${random(256)}.${random(256)}.${random(256)}`),
      'identifier',
    ],
    ['sentences', 'note', cells((i) => `please ring ${i} times, ${'again '.repeat(random(9))}`), 'text'],
    [
      'dates in a column of any name (D5)',
      'x',
      cells(() => new Date(START - random(1e10)).toISOString().slice(0, 10)),
      'timestamp',
    ],
    ['epoch seconds', 'created_at', cells(() => START / 1_000 - random(1e6)), 'timestamp'],
    ['large numbers that no name calls times', 'views', cells(() => 1_700_000_000 + random(1e8)), 'numeric'],
    ['epochs of a regular series', 'ts', cells((i) => START / 1_000 + 10 * i), 'timestamp'],
    ['lists', 'tags', cells(() => Array.from({ length: random(5) }, () => 1)), 'nested'],
    ['nulls only', 'x', cells(() => null), 'empty'],
    ['missing keys only', 'x', cells(() => undefined), 'empty'],
  ])('%s', (_, path, values, kind) => {
    expect(columnOf(values, path).kind).toBe(kind);
  });

  it('times where numbers follow those of the queries, whatever its name', () => {
    const at = (row: number) => START + row * HOUR;
    const kindOf = (make: (row: number) => number) => columnOf(cells(make), 'seen', at).kind;
    expect(kindOf((row) => Math.floor((at(row) - random(HOUR)) / 1_000))).toBe('timestamp');
    expect(kindOf(() => 1_700_000_000 + random(1e6))).toBe('numeric');
  });
});

describe('the features of a column', () => {
  it('are the logarithm where numbers are skewed', () => {
    expect(columnOf(cells(() => prng.uniform())).numeric).toEqual(['value']);
    expect(columnOf(cells(() => Math.exp(10 * prng.uniform()))).numeric).toEqual(['log value']);
  });

  it('are ages where instants move on with the queries, instants where they stand still', () => {
    const at = (row: number) => START + row * 6 * HOUR;
    const recent = cells((i) => new Date(at(i) - prng.uniform() * DAY).toISOString());
    const births = cells(() => new Date(START - 40 * 365 * DAY * prng.uniform()).toISOString().slice(0, 10));
    expect(columnOf(recent, 'created_at', at).numeric).toEqual(['age']);
    expect(columnOf(births, 'born', at).numeric).toEqual(['time']);
  });

  it('hold the hour and the weekday only where several days and weeks were seen', () => {
    const over = (span: number) => cells(() => new Date(START - prng.uniform() * span).toISOString());
    expect(columnOf(over(DAY)).categorical).toEqual(['presence', 'timeForm']);
    expect(columnOf(over(10 * DAY)).categorical).toEqual(['presence', 'timeForm', 'hour']);
    expect(columnOf(over(60 * DAY)).categorical).toEqual(['presence', 'timeForm', 'hour', 'weekday']);
    expect(
      columnOf(cells(() => new Date(START - prng.integer(60) * DAY).toISOString().slice(0, 10))).categorical,
    ).toEqual(['presence', 'timeForm', 'weekday']);
  });

  it('hold the sign of a number where it is always the same, and that it is always whole', () => {
    const categorical = (cell: (i: number) => Cell) => columnOf(cells(cell), 'total').categorical;
    expect(categorical(() => 1 + prng.integer(9))).toEqual(['presence', 'sign', 'wholeness']);
    expect(categorical(() => 1 + prng.uniform())).toEqual(['presence', 'sign']);
    expect(categorical(() => prng.integer(9))).toEqual(['presence', 'wholeness']);
    expect(categorical(() => prng.uniform() - 0.5)).toEqual(['presence']);
    const errors = (count: number) => cells((i) => (i < count ? -1 : 1 + prng.integer(9)), 2_000);
    expect(columnOf(errors(2)).categorical).toEqual(['presence', 'sign', 'wholeness']);
    expect(columnOf(errors(20)).categorical).toEqual(['presence', 'wholeness']);
    expect(categorical(() => (1 + prng.uniform()).toFixed(3))).toEqual(['presence', 'sign', 'numberForm']);
  });

  it('hold the value of what never varied', () => {
    expect(columnOf(cells(() => 7)).categorical).toEqual(['presence', 'value']);
    const at = (row: number) => START + row * HOUR;
    expect(
      columnOf(
        cells(() => '9999-12-31'),
        'valid_until',
        at,
      ).categorical,
    ).toEqual(['presence', 'timeForm', 'value']);
  });

  it('are the logarithm of numbers of which one is near the end of the number range', () => {
    expect(columnOf(cells((i) => (i === 7 ? 1e300 : prng.uniform()))).numeric).toEqual(['log value']);
  });

  it('hold the length of names as a number, of codes as a category', () => {
    const ofLengths = (lengths: number) =>
      columnOf(
        cells((i) => `${'x'.repeat(8 + (i % lengths))}${String(i).padStart(4, '0')}@example.com`),
        'contact',
      );
    expect(ofLengths(4)).toEqual({ kind: 'identifier', numeric: [], categorical: ['presence', 'shape', 'length'] });
    expect(ofLengths(8)).toEqual({ kind: 'identifier', numeric: ['length'], categorical: ['presence', 'shape'] });
  });

  it('are numbers once thirty records were asked for it, else each would be stranger than those that were not', () => {
    const askedFor = (records: number) => {
      const window = windowOf({ id: cells((i) => `k-${1_000 + i}`), priority: cells(() => 1 + prng.integer(4)) });
      const table = finish(
        tableOfWindow(
          window.map(({ features, ...record }, i) => ({
            ...record,
            features: i < records ? features : { id: features['id']! },
          })),
        ),
      );
      return finish(fitEncoder(table)).columns.find(({ path }) => path === 'priority')!.numeric.length;
    };
    expect([askedFor(29), askedFor(30)]).toEqual([0, 1]);
    const [few] = fit(windowOf({ total: cells(() => prng.uniform(), 20) })).columns;
    expect(few!.numeric.length).toBe(1);
  });

  it('never hold the value of an identifier', () => {
    expect(
      columnOf(
        cells((i) => `A-${1_000 + i}`),
        'ref',
      ),
    ).toEqual({
      kind: 'identifier',
      numeric: [],
      categorical: ['presence', 'shape', 'length'],
    });
    expect(columnOf(cells((i) => 1_000 + i)).categorical).toEqual(['presence', 'sign', 'wholeness']);
  });
});

describe('the encoder', () => {
  const window = orderWindow(30);
  const encoder = fit(window);

  it('does not depend on the order of keys', () => {
    const reversed = window.map((record) => ({
      ...record,
      features: Object.fromEntries(Object.entries(record.features).toReversed()),
    }));
    expect(fit(reversed)).toEqual(encoder);
  });

  it('keeps its columns apart from the order and number of those in a batch', () => {
    const rows = window.slice(0, 5).map((record) => record.features);
    const matrix = finish(numericFeatures(encoder, tableOfBatch(batchOfRows(rows, START))));
    const without = rows.map(({ gift: _gift, ...rest }) => ({ aaa: 1, ...rest }));
    const batch = batchOfRows(without, START);
    expect(finish(numericFeatures(encoder, tableOfBatch(batch))).data).toEqual(matrix.data);
    expect(unknownColumns(encoder, batch)).toEqual(['aaa']);
  });

  it('takes null, a missing key and another type as values of their own', () => {
    const rows = [
      { status: null },
      { status: '-' },
      { status: 3 },
      { status: window[0]!.features['status']! },
    ] as const;
    const { rarity } = finish(categoryScores(encoder, tableOfBatch(batchOfRows(rows, START))));
    const usual = rarity[3] as number;
    for (const row of [0, 1, 2]) expect(rarity[row]).toBeGreaterThan(usual + 3);
  });

  it('counts a column that was not selected for nothing', () => {
    const { rarity, novelty } = finish(categoryScores(encoder, tableOfBatch(batchOfRows([{}], START))));
    expect([rarity[0], novelty[0]]).toEqual([0, 1]);
  });

  it('treats columns named like parts of objects as any other', () => {
    const rows = ['__proto__', 'constructor', 'toString'].map((name) =>
      windowOf({ [name]: cells(() => prng.uniform()) }),
    );
    for (const named of rows) expect(fit(named).columns[0]?.kind).toBe('numeric');
  });

  it('uses at most 200 columns', () => {
    const wide = windowOf(Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`c${i}`, cells(() => i, 5)])));
    expect(fit(wide).columns.length).toBe(200);
  });

  it('uses those that most records have, whatever their names', () => {
    const free = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`free key ${i}`, i]));
    const rows = windowOf({ price: cells(() => prng.uniform()), status: cells((i) => ['paid', 'open'][i % 2]) });
    const missing = Object.fromEntries(Object.keys(free).map((key) => [key, '-' as const]));
    const odd = rows.map((row, i) =>
      i < 20 ? { ...row, features: { ...(i < 2 ? free : missing), ...row.features } } : row,
    );
    expect(fit(odd).columns.map(({ path }) => path)).toEqual(['price', 'status']);
  });
});

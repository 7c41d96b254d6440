import { describe, expect, it } from 'vitest';
import type { Cell } from '../../../../../core/domain/observation.ts';
import { HOUR } from '../../../../../core/domain/time.ts';
import { compareWithHistory } from '../../../../../core/detection/records/changes/compare-with-history.ts';
import { explainRecord } from '../../../../../core/detection/records/explanation/explain.ts';
import { createPrng, sampleWithoutReplacement } from '../../../../../core/detection/statistics/prng.ts';
import { featuresOf } from '../../../../../core/detection/records/features/record-features.ts';
import { scoreRecords } from '../../../../../core/detection/records/model/record-model.ts';
import { featureRows } from '../../../../support/feature-rows.ts';
import { dataset, hash, START, train } from '../orders.ts';

const prng = createPrng('neighbouring texts');
const ALPHA = 0.005;

const products = (names: readonly Cell[]): Record<string, readonly Cell[]> => ({
  name: names,
  // A single one has a usual price.
  price: names.map(() => 20 + 20 * (names.length === 1 ? 0.5 : prng.uniform())),
});
const batchOf = (names: readonly Cell[]) => featuresOf(dataset('products', products(names)), START, hash);

/** Learnt from pages of ten. */
function learnt(names: readonly string[]) {
  const rows = featureRows(batchOf(names));
  return train(
    rows.map((features, row) => ({
      key: `${String(Math.floor(row / 10)).padStart(4, '0')}/${row % 10}`,
      at: START + Math.floor(row / 10) * HOUR,
      features,
    })),
  );
}

const pOf = (model: ReturnType<typeof learnt>, name: Cell): number => scoreRecords(model, batchOf([name])).pValues[0]!;
const numbered = (from: number, count: number) => Array.from({ length: count }, (_, i) => `Product ${from + i}`);
/** In no order, as pages are that nobody sorted. */
const mixed = (names: readonly string[]) =>
  Array.from(sampleWithoutReplacement(prng, names.length, names.length), (i) => names[i]!);

describe.each<[string, string[], string[]]>([
  ['of ten or eleven characters', numbered(40, 400), numbered(1, 9)],
  [
    'of ten characters',
    numbered(10, 90).concat(numbered(10, 60).map((name) => name.replace('P', 'B'))),
    numbered(100, 60),
  ],
])('where names were %s', (_, names, neighbouring) => {
  const model = learnt(names);

  it('those of one more or less are nothing unusual', () => {
    expect(neighbouring.filter((name) => pOf(model, name) <= ALPHA)).toEqual([]);
  });

  it('one cut in half and one three times as long are', () => {
    expect(pOf(model, 'Pr 12')).toBeLessThanOrEqual(ALPHA);
    expect(pOf(model, 'Product 12 Product 12 Product 12')).toBeLessThanOrEqual(ALPHA);
  });

  it('an empty one is', () => {
    expect(pOf(model, '')).toBeLessThanOrEqual(ALPHA);
  });
});

describe('a page of names', () => {
  const reasons = (model: ReturnType<typeof learnt>, names: readonly string[]) =>
    compareWithHistory(model, batchOf(names), 'products').map(({ reason }) => reason);
  const model = learnt(mixed(numbered(40, 400)));
  const constant = learnt(numbered(100, 400));

  it('that are one shorter than all before differs from nothing', () => {
    expect(
      reasons(
        model,
        numbered(1, 9).flatMap((name) => [name, name, name]),
      ),
    ).toEqual([]);
    expect(reasons(constant, numbered(10, 60))).toEqual([]);
  });

  it('that are cut in half does', () => {
    const cut = (names: readonly string[]) => names.map((name) => name.slice(0, 3) + ' ' + name.slice(-1));
    expect(reasons(model, cut(numbered(400, 60))).join()).toContain('name holds a length never seen before');
    expect(reasons(constant, cut(numbered(400, 60))).join()).toContain('name holds a length never seen before');
  });
});

it('a length is measured by what difference means something, however little it varied', () => {
  // Three of four hundred are longer: their deviation would be less than one character.
  const model = learnt(mixed(numbered(100, 397).concat(numbered(123_456, 3).map((name) => `${name} ff`))));
  const places = model.encoder.columns.flatMap(({ path, numeric }) => numeric.map(({ name }) => `${path} ${name}`));
  const deviation = model.numeric!.neighbours.deviation[places.indexOf('name length')]!;
  // The column is skewed: half of what lies between 11 characters and a fifth more, on the scale of logarithms.
  expect(deviation).toBeCloseTo((Math.log1p(13.2) - Math.log1p(11)) / 2, 5);
});

it('a neighbouring length is no reason, a far one is', () => {
  const model = learnt(mixed(numbered(40, 400)));
  const reasonOf = (name: string) => explainRecord(model, batchOf([name]), 0).reason;
  expect(reasonOf('Product 7')).not.toContain('length');
  expect(reasonOf('Pr 12')).toContain('name of length 5: never seen in 400 records');
});

describe('where names were of many lengths', () => {
  const letters = (count: number) => String.fromCharCode(...Array.from({ length: count }, () => 97 + prng.integer(26)));
  /** Half of them of `length` characters, the others six longer. */
  const names = (length: number, count: number) =>
    Array.from({ length: count }, (_, i) => `Ab ${letters(length - 3 + (i % 2 === 0 ? 0 : 6))}`);
  const model = learnt(mixed(names(9, 1_000)));
  const reasons = (page: readonly string[]) =>
    compareWithHistory(model, batchOf(page), 'products').map(({ reason }) => reason);

  it('a page of those that are a little longer or shorter differs from nothing, one of those far longer does', () => {
    expect(reasons(mixed(names(10, 200)))).toEqual([]);
    expect(reasons(mixed(names(8, 200)))).toEqual([]);
    expect(reasons(mixed(names(14, 200))).join()).toContain('length of name');
  });

  it('the reason for one far beyond them says the usual lengths', () => {
    expect(explainRecord(model, batchOf([`Ab ${letters(40)}`]), 0).reason).toContain('length 43, usually 9–15');
    expect(explainRecord(model, batchOf([`Ab ${letters(13)}`]), 0).reason).not.toContain('length');
  });
});

it('texts that all are neighbours differ by rounding alone, which makes none unusual', () => {
  const contacts = (from: number) => {
    const ids = Array.from({ length: 300 }, (_, i) => from + i);
    return featuresOf(dataset('contacts', { id: ids, name: ids.map((id) => `Product ${id}`) }), START, hash);
  };
  const window = featureRows(contacts(50)).map((features, row) => ({
    key: `${String(row).padStart(4, '0')}/0`,
    at: START,
    features,
  }));
  for (const version of [1, 2, 3]) {
    const model = train(window, version);
    expect(model.numeric).toBeDefined();
    expect(scoreRecords(model, contacts(400)).pValues.filter((p) => p <= 0.05).length).toBe(0);
  }
});

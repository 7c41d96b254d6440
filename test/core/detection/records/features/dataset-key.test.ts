import { describe, expect, it } from 'vitest';
import { isKey } from '../../../../../core/detection/records/features/dataset-key.ts';
import { createPrng, sampleWithoutReplacement } from '../../../../../core/detection/statistics/prng.ts';
import { featuresOf } from '../../../../../core/detection/records/features/record-features.ts';
import { scoreRecords } from '../../../../../core/detection/records/model/record-model.ts';
import { featureRows } from '../../../../support/feature-rows.ts';
import { dataset, hash, START, train } from '../orders.ts';

const prng = createPrng('dataset key');
const RESPONSES = 100;
const SIZE = 10;
const groups = Int32Array.from({ length: RESPONSES * SIZE }, (_, i) => Math.floor(i / SIZE));
/** In each response ten of a hundred different products, or whatever `of` makes of their numbers. */
const products = (of: (product: number) => string) =>
  Array.from({ length: RESPONSES }, () => Array.from(sampleWithoutReplacement(prng, 100, SIZE), of)).flat();

describe('a key of a dataset', () => {
  it('is what repeats from response to response and never within one', () => {
    expect(isKey(products(String), groups)).toBe(true);
    const withGaps = products(String).map((value, i) => (i % 3 === 0 ? undefined : value));
    expect(isKey(withGaps, groups)).toBe(true);
  });

  it('is not what repeats within responses as chance has it, or more', () => {
    expect(
      isKey(
        products((product) => String(product % 30)),
        groups,
      ),
    ).toBe(false);
    expect(
      isKey(
        Array.from(groups, () => String(prng.integer(100))),
        groups,
      ),
    ).toBe(false);
    expect(
      isKey(
        Array.from(groups, (group) => `customer ${group % 9}`),
        groups,
      ),
    ).toBe(false);
  });

  it('is told from categories only where chance would have repeated some within a response', () => {
    const seldom = products(String).slice(0, 40);
    expect(isKey(seldom, groups)).toBe(false);
    expect(isKey(products(String), Array.from(groups.keys()))).toBe(false);
    expect(isKey(products(String), new Int32Array(groups.length))).toBe(false);
    expect(isKey([], [])).toBe(false);
  });
});

it('new products are nothing unusual where the same hundred were read again and again, a new status is', () => {
  const rowsOf = (ids: ArrayLike<number>, status?: string) =>
    featuresOf(
      dataset('products', {
        id: Array.from(ids),
        sku: Array.from(ids, (id) => `SKU-${1_000 + id}`),
        name: Array.from(ids, (id) => `Product ${100 + id}`),
        status: Array.from(ids, () => status ?? (prng.uniform() < 0.7 ? 'listed' : 'sold out')),
        // What makes each reading another one.
        stock: Array.from(ids, () => prng.integer(400)),
      }),
      START,
      hash,
    );
  const window = Array.from({ length: RESPONSES }, (_, response) =>
    featureRows(rowsOf(sampleWithoutReplacement(prng, 100, SIZE))).map((features, row) => ({
      key: `${String(response).padStart(4, '0')}/${row}`,
      at: START,
      features,
    })),
  ).flat();
  const model = train(window);
  const kinds = Object.fromEntries(model.encoder.columns.map(({ path, kind }) => [path, kind]));
  expect(kinds).toMatchObject({ id: 'identifier', sku: 'identifier', name: 'text', status: 'categorical' });
  const flagged = (batch: ReturnType<typeof rowsOf>) =>
    scoreRecords(model, batch).pValues.filter((p) => p <= 0.005).length;
  const fresh = Int32Array.from({ length: 100 }, (_, i) => 100 + i);
  expect(flagged(rowsOf(fresh))).toBeLessThanOrEqual(3);
  expect(flagged(rowsOf(fresh, 'recalled'))).toBe(100);
});

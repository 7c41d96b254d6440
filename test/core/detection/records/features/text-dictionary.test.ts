import { describe, expect, it } from 'vitest';
import type { Cell } from '../../../../../core/domain/observation.ts';
import { compareWithHistory } from '../../../../../core/detection/records/changes/compare-with-history.ts';
import { explainRecord } from '../../../../../core/detection/records/explanation/explain.ts';
import { createPrng } from '../../../../../core/detection/statistics/prng.ts';
import { featuresOf } from '../../../../../core/detection/records/features/record-features.ts';
import { createTextDictionary } from '../../../../../core/detection/records/features/text-dictionary.ts';
import { dataset, hash, orders, orderWindow, START, train } from '../orders.ts';

function learnt(columns: Record<string, readonly Cell[]>) {
  const dictionary = createTextDictionary();
  const data = dataset('orders', columns);
  dictionary.learn(data, featuresOf(data, START, hash));
  return (path: string, text: string) => dictionary.textOf('orders', path, hash(text));
}

describe('the dictionary of texts', () => {
  it('knows the texts of columns with few values', () => {
    const textOf = learnt({ status: ['paid', 'open', null, 'paid'] });
    expect([textOf('status', 'paid'), textOf('status', 'never'), textOf('other', 'paid')]).toEqual([
      '"paid"',
      undefined,
      undefined,
    ]);
  });

  it.each<[string, string, readonly string[]]>([
    ['with many values', 'city', ['paid', ...Array.from({ length: 40 }, (_, i) => `city ${i}`)]],
    ['of personal data by name', 'last_name', ['paid']],
    ['with one e-mail address among words', 'status', ['paid', 'anna@smith.example']],
    ['with one long text', 'status', ['paid', 'x'.repeat(100)]],
  ])('forgets a column %s, for good', (_, path, cells) => {
    const dictionary = createTextDictionary();
    for (const part of [cells, ['paid']]) {
      const data = dataset('orders', { [path]: part });
      dictionary.learn(data, featuresOf(data, START, hash));
    }
    expect(dictionary.textOf('orders', path, hash('paid'))).toBeUndefined();
  });

  it('lets explanations and comparisons name what is usual', () => {
    const dictionary = createTextDictionary();
    const model = train(orderWindow(60));
    const usual = dataset('orders', orders(createPrng('usual'), 40, START));
    dictionary.learn(usual, featuresOf(usual, START, hash));
    const strange = dataset('orders', {
      ...orders(createPrng('strange'), 40, START),
      status: Array<Cell>(40).fill('refunded'),
    });
    const batch = featuresOf(strange, START, hash);
    expect(explainRecord(model, batch, 0, strange, dictionary).reason).toMatch(
      /^status "refunded": never seen in 1,200 records, usually "paid" \(\d\d %\), "(open|cancelled)" \(1\d %\), "(open|cancelled)" \(1\d %\)/,
    );
    const cancelled = dataset('orders', {
      ...orders(createPrng('strange'), 40, START),
      status: Array<Cell>(40).fill('cancelled'),
    });
    const [finding] = compareWithHistory(model, featuresOf(cancelled, START, hash), 'orders', { dictionary });
    expect(finding?.reason).toMatch(/^status is "cancelled" in 100 % of the records, usually 1\d %$/);
  });
});

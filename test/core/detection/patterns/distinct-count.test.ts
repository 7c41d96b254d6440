import { describe, expect, it } from 'vitest';
import { addDistinct, createDistinctCount, newDistinct } from '../../../../core/detection/patterns/distinct-count.ts';
import { entitiesOf } from '../../../../core/detection/patterns/entities.ts';
import { datasetOf, observationOf } from '../../../support/observations.ts';

const read = (name: string, rows: readonly Readonly<Record<string, unknown>>[]) =>
  entitiesOf(observationOf({ datasets: [datasetOf(name, rows)] }));
const customers = (from: number, count: number) =>
  read(
    'customers',
    Array.from({ length: count }, (_, i) => ({ customerId: from + i, city: 'Graz' })),
  );

describe('different things seen', () => {
  it.each([1, 10, 100, 1_000, 10_000, 100_000])('%d are counted within a tenth', (amount) => {
    const count = createDistinctCount();
    let sum = 0;
    for (let from = 0; from < amount; from += 1_000)
      sum += addDistinct(count, customers(from, Math.min(1_000, amount)));
    expect(Math.abs(sum - amount)).toBeLessThanOrEqual(Math.max(1, amount / 10));
  });

  it('are not counted again', () => {
    const count = createDistinctCount();
    addDistinct(count, customers(0, 500));
    expect(newDistinct(count, customers(0, 500))).toBe(0);
    expect(addDistinct(count, customers(0, 500))).toBe(0);
    expect(newDistinct(count, customers(250, 500))).toBeGreaterThan(200);
  });

  it('are told by their key, whatever else was selected; without one by all of the record', () => {
    const [wide, narrow] = [read('orders', [{ id: 7, total: 1 }]), read('orders', [{ id: 7 }])];
    expect(wide.hashes).toEqual(narrow.hashes);
    expect(read('app.Invoice', [{ invoice_id: 7, total: 1 }]).hashes).toEqual(
      read('app.Invoice', [{ invoice_id: 7 }]).hashes,
    );
    expect(read('orders', [{ customer_id: 7, total: 1 }]).hashes).not.toEqual(
      read('orders', [{ customer_id: 7, total: 2 }]).hashes,
    );
    expect(read('orders', [{ id: 7 }]).hashes).not.toEqual(read('invoices', [{ id: 7 }]).hashes);
  });

  it('are told by their lists, too, however deep these are nested', () => {
    const tagged = (tags: unknown) => read('notes', [{ tags }]).hashes;
    expect(tagged([1, [2, { a: 3 }]])).toEqual(tagged([1, [2, { a: 3 }]]));
    expect(tagged([1, [2, { a: 3 }]])).not.toEqual(tagged([1, [2, { a: 4 }]]));
    const deep = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) as unknown;
    expect(tagged(deep)).toHaveLength(1);
  });

  it('beyond what is looked at are taken for different', () => {
    const { hashes, beyond } = customers(0, 5_000);
    expect([hashes.length, beyond]).toEqual([2_000, 3_000]);
    expect(entitiesOf(observationOf({ datasets: [{ ...datasetOf('x', []), recordCount: 15 }] })).beyond).toBe(15);
  });
});

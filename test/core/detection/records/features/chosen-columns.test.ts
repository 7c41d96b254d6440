import { describe, expect, it } from 'vitest';
import { chosenColumns } from '../../../../../core/detection/records/features/chosen-columns.ts';
import type { ArgumentValue } from '../../../../../core/domain/observation.ts';
import { datasetOf } from '../../../../support/observations.ts';

const orders = datasetOf('orders', [
  { id: 1, customerId: 7, status: 'paid', limit: 10, 'address.city': 'Graz', note: null, tags: ['7'] },
  { id: 2, customerId: 7, status: 'open', limit: 20, 'address.city': 'Graz', note: null, tags: ['7'] },
] as never);
const chosenBy = (...values: ArgumentValue[]): string[] => [...chosenColumns(orders, values)];

describe('a column is chosen', () => {
  it.each<[string, ArgumentValue[], string]>([
    ['by equality', [{ path: 'orders.where.customerId._eq', value: 7 }], 'customerId'],
    ['by a text of a number', [{ path: 'orders.where.customerId._eq', value: '7' }], 'customerId'],
    [
      'by a list',
      [
        { path: 'orders.where._and.status._in', value: 'open' },
        { path: 'orders.where._and.status._in', value: 'paid' },
      ],
      'status',
    ],
    ['by an argument of its name', [{ path: 'ordersOfCustomer.customerId', value: 7 }], 'customerId'],
    ['over NDC', [{ path: 'shop.orders.customerId.equals', value: 7 }], 'customerId'],
    ['inside of an object', [{ path: 'orders.where.address.city._eq', value: 'Graz' }], 'address.city'],
    ['by null', [{ path: 'orders.where.note._eq', value: null }], 'note'],
  ])('%s', (_, values, column) => {
    expect(chosenBy(...values)).toEqual([column]);
  });

  it('only where all of its cells are what was asked for', () => {
    expect(chosenBy({ path: 'orders.where.status._in', value: 'open' })).toEqual([]);
    expect(chosenBy({ path: 'orders.where.customerId._gt', value: 6 })).toEqual([]);
    expect(chosenBy({ path: 'orders.where.customerId._neq', value: 8 })).toEqual([]);
    expect(chosenBy({ path: 'orders.limit', value: 10 })).toEqual([]);
    expect(chosenBy({ path: 'orders.where.tags._contains', value: '7' })).toEqual([]);
  });

  it('only by an argument of its name', () => {
    expect(chosenBy({ path: 'orders.where.supplierId._eq', value: 7 })).toEqual([]);
    expect(chosenBy({ path: 'orders.where.formercustomerId._eq', value: 7 })).toEqual([]);
    expect(chosenBy()).toEqual([]);
  });
});

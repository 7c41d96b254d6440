import { describe, expect, it } from 'vitest';
import { type Masked, applyMaskPlan } from '../../../core/document/mask-plan.ts';
import { ndcMaskPlan } from '../../../core/document/ndc-mask-plan.ts';
import { readNdcRequest } from '../../../core/document/ndc-request.ts';
import type { MaskSpec } from '../../../core/domain/kill-switch-rule.ts';
import { CASE_MASKS, NDC_MASK_CASES } from './ndc-mask-cases.ts';
import { ALBUM_QUERY, ALBUM_RESPONSE } from './ndc-requests.ts';

const fixed = (path: string): MaskSpec => ({ path, mask: 'fixed', text: 'x' });

function applied(request: unknown, response: unknown, masks: readonly MaskSpec[]): Masked | null {
  const reading = readNdcRequest('chinook', request);
  const plan = reading && ndcMaskPlan(reading, masks);
  return plan ? applyMaskPlan(response, plan, (text) => text) : null;
}

describe('masking an NDC response', () => {
  const mask = (request: unknown, response: unknown, path: string): unknown =>
    applied(request, response, [fixed(path)])?.value ?? 'no plan';

  it.each(['Album.Title', 'chinook.Album.Title'])('finds the column %s under the alias of the engine', (path) => {
    expect(mask(ALBUM_QUERY, ALBUM_RESPONSE, path)).toMatchObject([
      { rows: [{ f0: 'x', f1: 4, f2: { rows: [{ g0: 'AC/DC' }] } }] },
      { rows: [{ f0: 'x' }, { f0: 'x' }] },
    ]);
  });

  it('reaches related rows', () => {
    expect(mask(ALBUM_QUERY, ALBUM_RESPONSE, 'Artist.Name')).toMatchObject([
      { rows: [{ f0: 'Let There Be Rock', f2: { rows: [{ g0: 'x' }] } }] },
      { rows: [{ f2: { rows: [{ g0: 'x' }] } }, { f2: { rows: [] } }] },
    ]);
  });

  it('hides values that aggregates and groups would reveal, not counts', () => {
    const request = {
      collection: 'Customer',
      query: {
        aggregates: {
          a: { type: 'single_column', column: 'Email', function: 'min' },
          b: { type: 'column_count', column: 'Email', distinct: true },
        },
        groups: {
          dimensions: [
            { type: 'column', column_name: 'Country' },
            { type: 'column', column_name: 'Email' },
          ],
          aggregates: { c: { type: 'single_column', column: 'Email', function: 'max' } },
        },
      },
    };
    const response = [
      { aggregates: { a: 'a@x', b: 7 }, groups: [{ dimensions: ['CH', 'a@x'], aggregates: { c: 'z@x' } }] },
    ];
    expect(mask(request, response, 'Customer.Email')).toEqual([
      { aggregates: { a: 'x', b: 7 }, groups: [{ dimensions: ['CH', 'x'], aggregates: { c: 'x' } }] },
    ]);
  });

  it.each(NDC_MASK_CASES)('reaches $place', ({ request, response, masked }) => {
    expect(applied(request, response, CASE_MASKS)).toMatchObject({ value: masked, isUncertain: false });
  });

  it.each(['addr.zip', 'addr', ''])(
    'masks a dimension and an aggregate by any part of the way to them: "%s"',
    (path) => {
      const target = { field_path: ['zip'], path: [] };
      const request = {
        collection: 'customers',
        query: {
          aggregates: { a: { type: 'single_column', column: 'addr', function: 'min', ...target } },
          groups: { dimensions: [{ type: 'column', column_name: 'addr', ...target }], aggregates: {} },
        },
      };
      const response = [{ aggregates: { a: '1010' }, groups: [{ dimensions: ['1010'], aggregates: {} }] }];
      expect(mask(request, response, path === '' ? 'customers' : `customers.${path}`)).toEqual([
        { aggregates: { a: 'x' }, groups: [{ dimensions: ['x'], aggregates: {} }] },
      ]);
    },
  );

  it('masks all rows of a collection that is named alone', () => {
    expect(mask(ALBUM_QUERY, ALBUM_RESPONSE, 'Artist')).toMatchObject([
      { rows: [{ f0: 'Let There Be Rock', f2: { rows: [{ g0: 'x' }] } }] },
      { rows: [{ f2: { rows: [{ g0: 'x' }] } }, { f2: { rows: [] } }] },
    ]);
  });

  it('is uncertain where a text stands for the object that holds the column', () => {
    const request = { collection: 'customers', query: { fields: { a: { type: 'column', column: 'addr' } } } };
    const response = [{ rows: [{ a: { zip: '1' } }, { a: '{"zip":"1010"}' }] }];
    expect(applied(request, response, CASE_MASKS)).toMatchObject({ isUncertain: true });
    expect(applied(request, response, [fixed('customers.addr')])).toMatchObject({
      isUncertain: false,
      value: [{ rows: [{ a: { zip: 'x' } }, { a: 'x' }] }],
    });
  });

  it.each([
    ['a field', { fields: { a: { type: 'computed' } } }],
    ['a nested field', { fields: { a: { type: 'column', column: 'addr', fields: { type: 'map' } } } }],
    ['an aggregate', { aggregates: { a: { type: 'expression', column: 'ssn' } } }],
    ['a dimension', { groups: { dimensions: [{ type: 'expression' }], aggregates: {} } }],
  ])('has nothing to plan by where the request has %s of an unknown kind', (_, query) => {
    expect(readNdcRequest('chinook', { collection: 'customers', query })).toMatchObject({
      collections: ['customers'],
      roots: [],
    });
  });

  it('has nothing to plan by where an operation beside a procedure is of an unknown kind', () => {
    const operations = [{ type: 'upsert' }, { type: 'procedure', name: 'insert_customer', arguments: {} }];
    expect(readNdcRequest('chinook', { operations })).toMatchObject({ collections: ['insert_customer'], roots: [] });
  });
});

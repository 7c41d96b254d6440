import { describe, expect, it } from 'vitest';
import { readDocument } from '../../../core/document/graphql-document.ts';
import { applyMaskPlan, graphqlMaskPlan, maskPlanByKeys, ndcMaskPlan } from '../../../core/document/mask-plan.ts';
import { maskValue } from '../../../core/document/mask-value.ts';
import { readNdcRequest } from '../../../core/document/ndc-request.ts';
import type { MaskSpec } from '../../../core/domain/kill-switch-rule.ts';
import { ALBUM_QUERY, ALBUM_RESPONSE } from './ndc-requests.ts';

const hash = (text: string): string => `${text.length.toString(16)}${'abcdef0123456789'.repeat(4)}`;

describe('a mask', () => {
  it.each<[string, unknown, MaskSpec, unknown]>([
    ['null', 'secret', { path: '', mask: 'null' }, null],
    ['null on a number', 5, { path: '', mask: 'null' }, null],
    ['a fixed text', 'secret', { path: '', mask: 'fixed', text: '***' }, '***'],
    ['a fixed number', 17.5, { path: '', mask: 'fixed', text: '42' }, 42],
    ['a fixed text on a number, which stays a number', 17, { path: '', mask: 'fixed', text: '***' }, 0],
    ['anything on a boolean, which stays a boolean', true, { path: '', mask: 'fixed', text: '***' }, false],
    ['the last four', '4111111111111111', { path: '', mask: 'keep_last', count: 4 }, '************1111'],
    ['the last of an emoji text, by code points', 'ab😀😀', { path: '', mask: 'keep_last', count: 1 }, '***😀'],
    [
      'nothing of a text that is no longer than what may be seen',
      '123',
      { path: '', mask: 'keep_last', count: 3 },
      '***',
    ],
    ['the last digits of a number', 123_456, { path: '', mask: 'keep_last', count: 2 }, 56],
    ['nothing of a short number', 56, { path: '', mask: 'keep_last', count: 2 }, 0],
    ['nothing of a fraction', 1.25, { path: '', mask: 'keep_last', count: 2 }, 0],
    ['a hash', 'ann', { path: '', mask: 'hash' }, '3abcdef012345678'],
    ['a hash of a number, which stays a number', 17, { path: '', mask: 'hash' }, 0x2abcdef],
    ['each leaf of a list', ['a', null, 1], { path: '', mask: 'fixed', text: 'x' }, ['x', null, 0]],
    ['each leaf of an object', { a: { b: 'c' } }, { path: '', mask: 'fixed', text: 'x' }, { a: { b: 'x' } }],
    ['null, which stays null', null, { path: '', mask: 'hash' }, null],
  ])('leaves %s', (_, value, spec, expected) => {
    expect(maskValue(value, spec, hash)).toEqual(expected);
  });

  it('withholds what is nested deeper than it looks', () => {
    const lists = JSON.parse('['.repeat(10_000) + '"secret"' + ']'.repeat(10_000)) as unknown;
    expect(JSON.stringify(maskValue(lists, { path: '', mask: 'fixed', text: 'x' }, hash))).not.toContain('secret');
  });
});

function maskGraphql(query: string, data: unknown, specs: MaskSpec[]): unknown {
  const document = readDocument(query, null);
  if (document.kind === 'unreadable') throw new Error(document.reason);
  const plan = graphqlMaskPlan(document.selection, specs);
  return plan ? applyMaskPlan(data, plan, hash).value : 'no plan';
}

const fixed = (path: string): MaskSpec => ({ path, mask: 'fixed', text: 'x' });

describe('masking a GraphQL response', () => {
  it.each([
    [
      'in every record, by name and not by alias',
      '{ c: customers { s: ssn ssn: id } }',
      {
        c: [
          { s: '1', ssn: 'id' },
          { s: '2', ssn: 'id' },
        ],
      },
      {
        c: [
          { s: 'x', ssn: 'id' },
          { s: 'x', ssn: 'id' },
        ],
      },
    ],
    [
      'under every alias',
      '{ customers { a: ssn b: ssn } }',
      { customers: [{ a: '1', b: '1' }] },
      { customers: [{ a: 'x', b: 'x' }] },
    ],
    [
      'through connections',
      '{ customers { edges { n: node { ssn } } } }',
      { customers: { edges: [{ n: { ssn: '1' } }] } },
      { customers: { edges: [{ n: { ssn: 'x' } }] } },
    ],
    [
      'through fragments',
      '{ customers { ...F } } fragment F on T { ssn }',
      { customers: [{ ssn: '1' }] },
      { customers: [{ ssn: 'x' }] },
    ],
    [
      'where a type condition gives a harmless field the same key',
      '{ customers { ... on A { v: id } ... on B { v: ssn } } }',
      { customers: [{ v: '1' }] },
      { customers: [{ v: 'x' }] },
    ],
    [
      'past nulls and missing parts',
      '{ customers { ssn } }',
      { customers: [null, {}, { ssn: null }] },
      { customers: [null, {}, { ssn: null }] },
    ],
    [
      'only at the path',
      '{ customers { ssn } staff { ssn } }',
      { customers: [{ ssn: '1' }], staff: [{ ssn: '2' }] },
      { customers: [{ ssn: 'x' }], staff: [{ ssn: '2' }] },
    ],
  ])('works %s', (_, query, data, expected) => {
    expect(maskGraphql(query, data, [fixed('customers.ssn')])).toEqual(expected);
  });

  it('has no plan where no mask meets a field', () => {
    expect(maskGraphql('{ customers { id } }', {}, [fixed('customers.ssn')])).toBe('no plan');
  });

  it('does not change the response it is given', () => {
    const data = { customers: [{ ssn: '1', kept: { a: 1 } }] };
    const masked = maskGraphql('{ customers { ssn kept { a } } }', data, [fixed('customers.ssn')]) as typeof data;
    expect(data.customers[0]?.ssn).toBe('1');
    expect(masked.customers[0]?.kept).toBe(data.customers[0]?.kept);
  });

  it('goes by keys where the query is not known', () => {
    const plan = maskPlanByKeys([fixed('customers.ssn')]);
    const masked = plan && applyMaskPlan({ customers: [{ ssn: '1' }] }, plan, hash);
    expect(masked).toEqual({ value: { customers: [{ ssn: 'x' }] }, count: 1 });
  });
});

describe('masking an NDC response', () => {
  const mask = (request: unknown, response: unknown, path: string): unknown => {
    const reading = readNdcRequest('chinook', request);
    const plan = reading && ndcMaskPlan(reading, [fixed(path)]);
    return plan ? applyMaskPlan(response, plan, hash).value : 'no plan';
  };

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
});

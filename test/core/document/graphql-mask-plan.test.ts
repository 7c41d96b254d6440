import { describe, expect, it } from 'vitest';
import { readDocument } from '../../../core/document/graphql-document.ts';
import { parseExactJson } from '../../../core/document/exact-json.ts';
import { property } from '../../../core/document/foreign-object.ts';
import { graphqlMaskPlan, maskPlanByKeys } from '../../../core/document/graphql-mask-plan.ts';
import { applyMaskPlan } from '../../../core/document/mask-plan.ts';
import type { MaskSpec } from '../../../core/domain/kill-switch-rule.ts';

const hash = (text: string): string => text;

function maskGraphql(query: string, data: unknown, specs: MaskSpec[]): unknown {
  const document = readDocument(query, null);
  if (document.kind === 'unreadable') throw new Error(document.reason);
  const plan = graphqlMaskPlan(document.selection, specs);
  return plan ? property(applyMaskPlan({ data }, plan, hash).value, 'data') : 'no plan';
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
      'only at the path, not on other ways to the column',
      '{ customers { ssn } customersByPk { ssn } orders { customer { ssn } } }',
      { customers: [{ ssn: '1' }], customersByPk: { ssn: '2' }, orders: [{ customer: { ssn: '3' } }] },
      { customers: [{ ssn: 'x' }], customersByPk: { ssn: '2' }, orders: [{ customer: { ssn: '3' } }] },
    ],
  ])('works %s', (_, query, data, expected) => {
    expect(maskGraphql(query, data, [fixed('customers.ssn')])).toEqual(expected);
  });

  it.each([
    ['a JSON value', '{ c: customers { a: addr } }', { c: [{ a: { zip: '1', city: 'Wien' } }, { a: null }] }],
    ['a list of them', '{ customers { addr } }', { customers: [{ addr: [{ zip: '1' }, { zip: '2' }, 7] }] }],
    ['one behind a connection', '{ customers { nodes { addr } } }', { customers: { nodes: [{ addr: { zip: '1' } }] } }],
    ['a root field', '{ customers }', { customers: [{ addr: { zip: '1' } }] }],
  ])('works inside %s, by its names', (_, query, data) => {
    const expected = JSON.parse(JSON.stringify(data).replaceAll(/"zip":"."/g, '"zip":"x"')) as unknown;
    expect(maskGraphql(query, data, [fixed('customers.addr.zip')])).toEqual(expected);
  });

  it('is uncertain where a text stands for the value that holds the field', () => {
    const plan = maskPlanByKeys([fixed('customers.addr.zip')]);
    const masked = (addr: unknown) =>
      plan && applyMaskPlan({ data: { customers: [{ addr }] } }, plan, hash).isUncertain;
    expect(['{"zip":"1"}', '', 5, null, { zip: '1' }].map(masked)).toEqual([true, false, false, false, false]);
  });

  it('withholds, and counts, what lists hide deeper than types nest them', () => {
    const lists = JSON.parse(`${'['.repeat(40)}{"ssn":"1"}${']'.repeat(40)}`) as unknown;
    const plan = maskPlanByKeys([fixed('customers.ssn')]);
    const masked = plan && applyMaskPlan({ data: { customers: lists } }, plan, hash);
    expect(masked?.count).toBe(1);
    expect(JSON.stringify(masked?.value)).not.toContain('ssn');
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

  it('keeps numbers as they were written', () => {
    const text =
      '{"data":{"customers":[{"ssn":12345678901234567890,"id":9007199254740993,"share":1.10}]},"extensions":1e999}';
    const plan = maskPlanByKeys([fixed('customers.ssn')]);
    const masked = plan && applyMaskPlan(parseExactJson(text), plan, hash);
    expect(JSON.stringify(masked?.value)).toBe(text.replace('12345678901234567890', '0'));
  });

  it('does not look into a number for the field of an object', () => {
    const plan = maskPlanByKeys([fixed('customers.rawJSON')]);
    const masked = plan && applyMaskPlan(parseExactJson('{"data":{"customers":1.10}}'), plan, hash);
    expect(JSON.stringify(masked?.value)).toBe('{"data":{"customers":1.10}}');
  });

  it('goes by keys where the query is not known', () => {
    const plan = maskPlanByKeys([fixed('customers.ssn')]);
    const masked = plan && applyMaskPlan({ data: { customers: [{ ssn: '1' }] } }, plan, hash);
    expect(masked).toEqual({ value: { data: { customers: [{ ssn: 'x' }] } }, count: 1, isUncertain: false });
  });
});

import { describe, expect, it } from 'vitest';
import { type StripResult, stripDocument } from '../../../core/document/strip-document.ts';

const strip = (query: string, paths: string[], variables: Record<string, unknown> | null = null): StripResult =>
  stripDocument({ query, operationName: null, variables, paths });

const compact = (result: StripResult): string =>
  result.kind === 'stripped' ? result.request.query.replace(/\s+/g, ' ').trim() : result.kind;

describe('stripping fields from a document', () => {
  it.each([
    ['a leaf', '{ customers { id ssn } }', ['customers.ssn'], '{ customers { id } }'],
    [
      'by name, whatever the alias',
      '{ c: customers { id x: ssn ssn: id } }',
      ['customers.ssn'],
      '{ c: customers { id ssn: id } }',
    ],
    [
      'only at its path',
      '{ customers { ssn id } staff { ssn } }',
      ['customers.ssn'],
      '{ customers { id } staff { ssn } }',
    ],
    [
      'an object with all below',
      '{ customers { id address { city } } }',
      ['customers.address'],
      '{ customers { id } }',
    ],
    [
      'a parent that runs empty',
      '{ customers { id address { zip } } }',
      ['customers.address.zip'],
      '{ customers { id } }',
    ],
    ['a root field', '{ customers { id } orders { id } }', ['customers'], '{ orders { id } }'],
    [
      'inside inline fragments',
      '{ customers { id ... on Person { ssn } } }',
      ['customers.ssn'],
      '{ customers { id } }',
    ],
    [
      'inside a fragment',
      '{ customers { ...F } } fragment F on Customer { id ssn }',
      ['customers.ssn'],
      '{ customers { ... on Customer { id } } }',
    ],
    [
      'from one use of a fragment only',
      '{ a { ...F } b { ...F } } fragment F on T { x y }',
      ['a.x'],
      '{ a { ... on T { y } } b { ... on T { x y } } }',
    ],
    [
      'through the steps of a connection',
      '{ customers { edges { node { id ssn } } } }',
      ['customers.ssn'],
      '{ customers { edges { node { id } } } }',
    ],
    [
      'with directives kept',
      '{ customers { ...F @include(if: true) } } fragment F on T { id ssn }',
      ['customers.ssn'],
      '{ customers { ... on T @include(if: true) { id } } }',
    ],
  ])('takes out %s', (_, query, paths, expected) => {
    expect(compact(strip(query, paths))).toBe(expected);
  });

  it.each([
    ['no root field', '{ customers { ssn } }', ['customers.ssn']],
    ['only __typename at the root', '{ __typename customers { ssn } }', ['customers']],
  ])('says empty where %s is left', (_, query, paths) => {
    expect(strip(query, paths)).toEqual({ kind: 'empty' });
  });

  it.each([
    [
      'one of two',
      'mutation ($i: Int, $n: Int) { updateA(id: $i) { secret } updateB(id: $n) { id } }',
      'mutation ($i: Int, $n: Int) { updateA(id: $i) { __typename } updateB(id: $n) { id } }',
    ],
    ['the only one', 'mutation { a: updateA { secret } }', 'mutation { a: updateA { __typename } }'],
    [
      'one that returns a list, in a fragment',
      'mutation { ...F } fragment F on Mutation { updateA @include(if: true) { returning { ... on A { secret } } } }',
      'mutation { ... on Mutation { updateA @include(if: true) { __typename } } }',
    ],
  ])('keeps a root field of a mutation, %s, where nothing of its result is left', (_, query, expected) => {
    expect(compact(strip(query, ['updateA.secret', 'updateA.returning.secret'], { i: 1, n: 2 }))).toBe(expected);
  });

  it('takes out a root field of a mutation that is named itself', () => {
    expect(compact(strip('mutation { updateA { id } updateB { id } }', ['updateA']))).toBe(
      'mutation { updateB { id } }',
    );
    expect(strip('mutation { updateA { id } }', ['updateA'])).toEqual({ kind: 'empty' });
  });

  it('drops variables that nothing uses any more, with their values', () => {
    const query = 'query Q($a: Int, $b: Int, $c: Boolean!) { x(v: $a) { y } z(v: $b) @include(if: $c) { w } }';
    expect(strip(query, ['x'], { a: 1, b: 2, c: true, extra: 3 })).toMatchObject({
      kind: 'stripped',
      request: {
        query: 'query Q($b: Int, $c: Boolean!) {\n  z(v: $b) @include(if: $c) {\n    w\n  }\n}',
        variables: { b: 2, c: true },
        operationName: 'Q',
      },
    });
  });

  it('keeps only the operation that runs', () => {
    const query = 'query A { a { x y } } query B { b }';
    const result = stripDocument({ query, operationName: 'A', variables: null, paths: ['a.x'] });
    expect(result).toMatchObject({
      request: { query: 'query A {\n  a {\n    y\n  }\n}', operationName: 'A', variables: null },
    });
  });

  it('follows the names of the query: other ways to the same column must be written out', () => {
    const query = '{ customersByPk { id ssn } orders { id customer { id ssn } } customers { id ssn } }';
    expect(compact(strip(query, ['customers.ssn']))).toBe(
      '{ customersByPk { id ssn } orders { id customer { id ssn } } customers { id } }',
    );
    expect(compact(strip(query, ['customers.ssn', 'customersByPk.ssn', 'orders.customer.ssn']))).toBe(
      '{ customersByPk { id } orders { id customer { id } } customers { id } }',
    );
  });

  it('says unchanged where no field meets a path', () => {
    expect(strip('{ customers { id } }', ['customers.ssn', 'orders'])).toEqual({ kind: 'unchanged' });
    expect(strip('{ customers { ssn } }', ['ssn', 'CUSTOMERS.SSN'])).toEqual({ kind: 'unchanged' });
  });

  it.each([
    ['a syntax error', '{ a', 'syntax'],
    ['an unknown fragment', '{ a { ...Nowhere b } }', 'syntax'],
    ['a document nested too deep', '{a'.repeat(5_000), 'too-deep'],
    ['a cycle of fragments', '{ ...A } fragment A on T { ...A }', 'too-deep'],
  ])('does not read %s', (_, query, reason) => {
    expect(strip(query, ['a.x'])).toEqual({ kind: 'unreadable', reason });
  });
});

import { describe, expect, it } from 'vitest';
import {
  type GraphqlDocument,
  argumentValuesOf,
  createDocumentReader,
  readDocument,
} from '../../../core/document/graphql-document.ts';

function read(text: string, operationName: string | null = null): GraphqlDocument {
  const document = readDocument(text, operationName);
  if (document.kind === 'unreadable') throw new Error(`unreadable: ${document.reason}`);
  return document;
}

const BASE = 'query Q { customers(where: {name: {_eq: "x"}}, limit: 10) { id name orders { id total } } }';

describe('the fingerprint of a query', () => {
  it.each([
    ['literals', 'query Q { customers(where: {name: {_eq: "another"}}, limit: 99) { id name orders { id total } } }'],
    [
      'aliases',
      'query Q { c: customers(where: {name: {_eq: "x"}}, limit: 10) { i: id n: name o: orders { id total } } }',
    ],
    [
      'format and comments',
      'query Q {\n # all\n customers(where:{name:{_eq:"x"}},limit:10){id,name,orders{id,total}}\n}',
    ],
    [
      'the operation name',
      'query Other { customers(where: {name: {_eq: "x"}}, limit: 10) { id name orders { id total } } }',
    ],
    ['no operation name', '{ customers(where: {name: {_eq: "x"}}, limit: 10) { id name orders { id total } } }'],
    [
      'order of arguments',
      'query Q { customers(limit: 10, where: {name: {_eq: "x"}}) { id name orders { id total } } }',
    ],
    ['order of fields', 'query Q { customers(where: {name: {_eq: "x"}}, limit: 10) { orders { total id } name id } }'],
    [
      'variables for literals',
      'query Q($n: Int) { customers(where: {name: {_eq: "x"}}, limit: $n) { id name orders { id total } } }',
    ],
    [
      '__typename',
      'query Q { __typename customers(where: {name: {_eq: "x"}}, limit: 10) { __typename id name orders { id total } } }',
    ],
    [
      'fragments',
      'query Q { customers(where: {name: {_eq: "x"}}, limit: 10) { ...F orders { ... on Order { id total } } } } fragment F on Customer { id name }',
    ],
    [
      'merged fields',
      'query Q { customers(where: {name: {_eq: "x"}}, limit: 10) { id } customers(where: {name: {_eq: "x"}}, limit: 10) { name orders { id } orders { total } } }',
    ],
    [
      'repetition under aliases',
      'query Q { a: customers(where: {name: {_eq: "x"}}, limit: 10) { id name orders { id total } } b: customers(where: {name: {_eq: "y"}}, limit: 1) { id name orders { id total } } }',
    ],
  ])('does not depend on %s', (_, text) => {
    expect(read(text).shape.id).toBe(read(BASE).shape.id);
  });

  it.each([
    ['a field more', BASE.replace('total', 'total placedAt')],
    ['an argument less', BASE.replace(', limit: 10', '')],
    ['another filter column', BASE.replace('name: {_eq', 'email: {_eq')],
    ['another operator', BASE.replace('_eq', '_like')],
    ['another operation type', BASE.replace('query', 'mutation')],
    ['a directive', BASE.replace('total', 'total @include(if: true)')],
  ])('changes with %s', (_, text) => {
    expect(read(text).shape.id).not.toBe(read(BASE).shape.id);
  });

  it('holds no literal', () => {
    const { text } = read('{ customers(where: {email: {_eq: "ann@example.com"}}, n: 4711, e: ENUM) { id } }').shape;
    expect(text).toBe('query{customers(e:?,n:?,where:{email:{_eq:?}}){id}}');
  });

  it('keeps the number of elements of a list out', () => {
    const shape = (list: string) => read(`{ customers(where: {id: {_in: ${list}}}) { id } }`).shape.id;
    expect(shape('[1]')).toBe(shape('[1, 2, 3]'));
    expect(shape('[]')).toBe(shape('[1, 2, 3]'));
  });
});

describe('what a document says', () => {
  it('has the original hash of its text', () => {
    expect(read('{ a }').queryHash).toBe('d7fe099d6f46846bb761d84678c79f68');
  });

  it('lists leaves by name with fragments expanded', () => {
    const { shape } = read(
      '{ c: customers { ...F } } fragment F on Customer { e: email o: orders { id } ...G } fragment G on X { id }',
    );
    expect(shape.fields).toEqual(['customers.email', 'customers.id', 'customers.orders.id']);
    expect(shape.rootFields).toEqual(['customers']);
  });

  it("counts features, in the original's names and in those of DDN", () => {
    const { features } = read(
      'query Q($n: Int) { a: customers(where: {x: 1}, order_by: {x: Asc}, offset: $n) { id b: name orders { id } } }',
    ).shape;
    expect(features).toMatchObject({
      depth: 3,
      fields: 4,
      arguments: 3,
      variables: 1,
      hasPagination: true,
      hasFiltering: true,
      hasSorting: true,
      complexityScore: 2 * 4 + 3 * 3 + 1.5 * 3,
      aliases: 2,
      rootFields: 1,
      introspection: false,
    });
    expect(read('{ customersAggregate(filter_input: {where: {}, limit: 5}) { _count } }').shape.features).toMatchObject(
      {
        hasPagination: true,
        hasFiltering: true,
        hasSorting: false,
      },
    );
  });

  it('recognises introspection by the document, not by its name', () => {
    const document = read('query Harmless { s: __schema { types { name } } }');
    expect(document.shape.features.introspection).toBe(true);
    expect(document.shape.fields).toEqual(['__schema']);
    expect(read('query IntrospectionQuery { customers { id } }').shape.features.introspection).toBe(false);
    expect(read('{ a: _service { sdl } }').shape).toMatchObject({
      fields: ['_service'],
      features: { introspection: true },
    });
  });

  it('chooses the operation by name', () => {
    const text = 'query A { a } mutation B { b }';
    expect(read(text, 'B')).toMatchObject({ operationType: 'mutation', operationName: 'B' });
    expect(readDocument(text, null)).toMatchObject({ kind: 'unreadable', reason: 'no-operation' });
    expect(readDocument(text, 'C')).toMatchObject({ kind: 'unreadable', reason: 'no-operation' });
  });
});

describe('argument values', () => {
  it('have variables and their defaults substituted', () => {
    const text = 'query Q($id: ID, $n: Int = 5, $w: W) { a(id: $id, limit: $n, where: $w) { b(x: {y: [1, 2]}) } }';
    expect(argumentValuesOf(read(text), { id: 'k', w: { name: { _eq: null } } })).toEqual([
      { path: 'a.id', value: 'k' },
      { path: 'a.limit', value: 5 },
      { path: 'a.where.name._eq', value: null },
      { path: 'a.b.x.y', value: 1 },
      { path: 'a.b.x.y', value: 2 },
    ]);
  });

  it('keep an integer that a number cannot hold as text', () => {
    expect(argumentValuesOf(read('{ a(id: 9007199254740993) }'), {})).toEqual([
      { path: 'a.id', value: '9007199254740993' },
    ]);
  });

  it('are bounded in number, length and depth', () => {
    const nested = JSON.parse('{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000)) as unknown;
    const document = read('query Q($v: X) { a(v: $v) }');
    expect(argumentValuesOf(document, { v: nested })).toEqual([]);
    expect(argumentValuesOf(document, { v: Array.from({ length: 5_000 }, (_, index) => index) })).toHaveLength(1_000);
    expect(argumentValuesOf(document, { v: 'x'.repeat(1_000_000) })[0]?.value).toHaveLength(4_096);
    const under = (key: string, value: unknown) => argumentValuesOf(document, { v: { [key]: value } })[0]?.path;
    expect(under('k'.repeat(500_000), { a: 1 })).toBe(`a.v.${'k'.repeat(128)}.a`);
    let levels: unknown = 1;
    for (let level = 0; level < 14; level++) levels = { ['k'.repeat(200)]: levels };
    expect(under('k', levels)?.length).toBeLessThanOrEqual(1_024);
  });

  it('read own properties only', () => {
    expect(argumentValuesOf(read('query Q($constructor: X) { a(v: $constructor) }'), {})).toEqual([]);
  });
});

describe('a document that cannot be read', () => {
  const doubling = Array.from(
    { length: 40 },
    (_, n) => `fragment F${n} on T { a { ...F${n + 1} } b { ...F${n + 1} } }`,
  );
  it.each([
    ['10,000 levels of selection', '{a'.repeat(10_000) + '}'.repeat(10_000), 'too-deep'],
    ['10,000 nested lists', `{a(x:${'['.repeat(10_000)}${']'.repeat(10_000)})}`, 'too-deep'],
    ['10,000 nested lists that never end', `{a(x:${'['.repeat(10_000)}`, 'too-deep'],
    ['a text of 1 MB', `{ ${'x'.repeat(1_000_000)} }`, 'too-large'],
    [
      'a name that stands in the path of thousands of fields',
      `{ ${'x'.repeat(200_000)} { ${Array.from({ length: 5_000 }, (_, i) => `a${i}`).join(' ')} } }`,
      'too-large',
    ],
    [
      '… and of arguments',
      `{ ${'x'.repeat(200_000)}(${Array.from({ length: 5_000 }, (_, i) => `a${i}: 1`).join(' ')}) }`,
      'too-large',
    ],
    ['30,000 fields', `{ ${'x '.repeat(30_000)} }`, 'too-large'],
    ['fragments that double at each level', `{ ...F0 } ${doubling.join(' ')} fragment F40 on T { x }`, 'too-large'],
    ['a cycle of fragments', '{ ...A } fragment A on T { a { ...B } } fragment B on T { b { ...A } }', 'too-deep'],
    ['a syntax error', '{ a', 'syntax'],
    ['nothing', '', 'syntax'],
    ['only fragments', 'fragment A on T { a }', 'no-operation'],
  ])('is refused by name: %s', (_, text, reason) => {
    const reading = readDocument(text, null);
    expect(reading).toMatchObject({ kind: 'unreadable', reason });
    expect(reading.shape).toMatchObject({
      text: `unreadable(${reason})`,
      fields: [],
      features: { queryLength: text.length },
    });
  });

  it('is refused when the hook was not sent the query', () => {
    expect(readDocument(null, 'Q')).toMatchObject({ kind: 'unreadable', reason: 'absent' });
  });
});

describe('the reader', () => {
  it('reads a text once, per operation', () => {
    const reader = createDocumentReader();
    expect(reader('query A { a } query B { b }', 'A')).toBe(reader('query A { a } query B { b }', 'A'));
    expect(reader('query A { a } query B { b }', 'B')).not.toBe(reader('query A { a } query B { b }', 'A'));
  });

  it('does not confuse an operation name with a text', () => {
    const reader = createDocumentReader();
    expect(reader('{ a }', null).kind).toBe('document');
    expect(reader('', '{ a }').kind).toBe('unreadable');
  });
});

import { describe, expect, it } from 'vitest';
import { DomainError } from '../../../core/domain/errors.ts';
import type {
  AggregatesForm,
  FieldsForm,
  PathStepForm,
  PredicateForm,
  QueryForm,
  QueryRequestForm,
} from '../../../schema/query/form.ts';
import { createQueryEngine } from '../../../schema/query/query-engine.ts';
import { compileQuery } from '../../../schema/query/run-query.ts';
import { and, columns, compare, not, or, request, target } from '../../support/query-builders.ts';
import { fixtureCatalogue } from '../../support/query-fixture.ts';

const engine = createQueryEngine(fixtureCatalogue);

function refusal(form: QueryRequestForm, limits = {}): DomainError {
  try {
    compileQuery({ ...engine, limits: { ...engine.limits, ...limits } }, 'sqlite', form);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('The request was taken.');
}

const artists = (query: QueryForm, variables?: Record<string, unknown>[]): QueryRequestForm =>
  request('artists', query, variables);
const where = (predicate: PredicateForm): QueryRequestForm => artists({ predicate });
const ofAlbum = [{ relationship: 'albums' }];

describe('a request is refused with kind, code and place', () => {
  it.each<[string, QueryRequestForm, string, string, string]>([
    ['unknown collection', request('nobody', {}), 'bad-request', 'UNKNOWN_COLLECTION', 'collection'],
    ['unknown column', artists({ fields: columns('nme') }), 'bad-request', 'UNKNOWN_COLUMN', 'query.fields.nme.column'],
    [
      'a column of an object type in place of a collection',
      where(compare(target('address', 'zip'), '_eq', 'x')),
      'bad-request',
      'UNKNOWN_COLUMN',
      'query.predicate.column.field_path',
    ],
    [
      'a property of all objects is no column',
      artists({ fields: columns('constructor') }),
      'bad-request',
      'UNKNOWN_COLUMN',
      'query.fields.constructor.column',
    ],
    [
      'unknown operator',
      where(and(compare('id', '_like', '1'))),
      'bad-request',
      'UNKNOWN_OPERATOR',
      'query.predicate.expressions[0].operator',
    ],
    [
      'pattern on a closed set',
      where(compare('status', '_like', 'o%')),
      'bad-request',
      'UNKNOWN_OPERATOR',
      'query.predicate.operator',
    ],
    [
      'unknown relationship',
      where({ kind: 'exists', in: { kind: 'related', relationship: 'fans' } }),
      'bad-request',
      'UNKNOWN_RELATIONSHIP',
      'query.predicate.in_collection.relationship',
    ],
    ['list expected', where(compare('id', '_in', 3)), 'bad-request', 'NOT_A_LIST', 'query.predicate.value.value'],
    [
      'text for a number',
      where(compare('id', '_eq', '3')),
      'unprocessable',
      'BAD_SCALAR',
      'query.predicate.value.value',
    ],
    [
      'number beyond 32 bits',
      where(compare('id', '_eq', 2 ** 31)),
      'unprocessable',
      'BAD_SCALAR',
      'query.predicate.value.value',
    ],
    [
      'inexact 64-bit number',
      where(compare('plays', '_eq', 2 ** 60)),
      'unprocessable',
      'BAD_SCALAR',
      'query.predicate.value.value',
    ],
    ['NaN', where(compare('rating', '_eq', Number.NaN)), 'unprocessable', 'BAD_SCALAR', 'query.predicate.value.value'],
    [
      'no such day',
      where(compare('founded', '_eq', '2025-02-29T00:00:00Z')),
      'unprocessable',
      'BAD_SCALAR',
      'query.predicate.value.value',
    ],
    [
      'half a uuid',
      where(compare('external_id', '_eq', '0190')),
      'unprocessable',
      'BAD_SCALAR',
      'query.predicate.value.value',
    ],
    [
      'text with U+0000',
      where(compare('name', '_eq', 'a\0')),
      'unprocessable',
      'BAD_SCALAR',
      'query.predicate.value.value',
    ],
    [
      'outside a closed set',
      where(compare('status', '_eq', 'lost')),
      'unprocessable',
      'BAD_ENUM_VALUE',
      'query.predicate.value.value',
    ],
    [
      'bad element of a list',
      where(compare('id', '_in', [1, 'x'])),
      'unprocessable',
      'BAD_SCALAR',
      'query.predicate.value.value[1]',
    ],
    [
      'pattern that ends in an escape',
      where(compare('name', '_like', 'a\\')),
      'bad-request',
      'BAD_PATTERN',
      'query.predicate.value.value',
    ],
    [
      'endless pattern',
      where(compare('name', '_like', '%'.repeat(1_001))),
      'bad-request',
      'BAD_PATTERN',
      'query.predicate.value.value',
    ],
    ['object compared', where(compare('address', '_eq', {})), 'bad-request', 'NOT_A_SCALAR', 'query.predicate.column'],
    [
      'list asked of a scalar',
      where({ kind: 'array-is-empty', target: target('name') }),
      'bad-request',
      'NOT_A_LIST',
      'query.predicate.column',
    ],
    [
      'scope beyond the outermost',
      where({
        kind: 'compare',
        target: target('id'),
        operator: '_eq',
        value: { kind: 'column', column: 'id', scope: 1 },
      }),
      'bad-request',
      'UNKNOWN_SCOPE',
      'query.predicate.value.scope',
    ],
    [
      'columns of two kinds',
      where({ kind: 'compare', target: target('id'), operator: '_eq', value: { kind: 'column', column: 'name' } }),
      'bad-request',
      'INCOMPARABLE',
      'query.predicate.value',
    ],
    [
      'a variable without variables',
      where({ kind: 'compare', target: target('id'), operator: '_eq', value: { kind: 'variable', name: 'x' } }),
      'bad-request',
      'UNKNOWN_VARIABLE',
      'query.predicate.value.name',
    ],
    [
      'bad variable',
      artists(
        {
          predicate: { kind: 'compare', target: target('id'), operator: '_eq', value: { kind: 'variable', name: 'x' } },
        },
        [{ x: 1 }, { x: 'y' }],
      ),
      'unprocessable',
      'BAD_SCALAR',
      'variables[1].x',
    ],
    [
      'sort across many rows',
      artists({ orderBy: [{ direction: 'asc', target: { kind: 'column', column: 'title', path: ofAlbum } }] }),
      'bad-request',
      'NOT_AN_OBJECT_RELATIONSHIP',
      'query.order_by.elements[0].target.path[0]',
    ],
    [
      'aggregate without path',
      where(compare({ kind: 'aggregate', path: [], aggregate: { kind: 'star-count' } }, '_eq', 1)),
      'bad-request',
      'EMPTY_PATH',
      'query.predicate.column.path',
    ],
    [
      'unknown function',
      artists({ aggregates: new Map([['x', { kind: 'function', function: 'sum', column: 'name' }]]) }),
      'bad-request',
      'UNKNOWN_FUNCTION',
      'query.aggregates.x.function',
    ],
    [
      'the largest of a closed set',
      artists({ aggregates: new Map([['x', { kind: 'function', function: 'max', column: 'status' }]]) }),
      'bad-request',
      'UNKNOWN_FUNCTION',
      'query.aggregates.x.function',
    ],
    [
      'unknown extraction',
      artists({ groups: { dimensions: [{ column: 'founded', extraction: 'eon' }], aggregates: new Map() } }),
      'bad-request',
      'UNKNOWN_EXTRACTION',
      'query.groups.dimensions[0].extraction',
    ],
    [
      'unknown dimension',
      artists({
        groups: {
          dimensions: [],
          aggregates: new Map(),
          orderBy: [{ direction: 'asc', target: { kind: 'dimension', index: 0 } }],
        },
      }),
      'bad-request',
      'UNKNOWN_DIMENSION',
      'query.groups.order_by.elements[0].target.index',
    ],
    ['negative limit', artists({ limit: -1 }), 'bad-request', 'BAD_LIMIT', 'query.limit'],
    ['fractional offset', artists({ offset: 0.5 }), 'bad-request', 'BAD_LIMIT', 'query.offset'],
    [
      'an alias that is no property',
      artists({ fields: new Map([['__proto__', { kind: 'column', column: 'id' }]]) }),
      'bad-request',
      'BAD_ALIAS',
      'query.fields',
    ],
  ])('%s', (_sentence, form, kind, code, path) => {
    const error = refusal(form);
    expect({ kind: error.kind, code: error.code, path: error.path }).toEqual({
      kind,
      code,
      path: path.replace('.__proto__', ''),
    });
  });

  it('names the value, cut short, and what is expected', () => {
    expect(refusal(where(compare('id', '_eq', 'x'.repeat(10_000)))).message).toMatch(
      /^"x{56}… is not a whole number of 32 bits\.$/,
    );
    expect(refusal(where(compare('status', '_gt', 'open'))).message).toContain(
      'on closed set of texts; there are: _eq,',
    );
    expect(refusal(where(compare('address', '_eq', {}))).message).toMatch(/is an object "\w+", not a scalar/);
    expect(refusal(where(compare('id', '_eq', Infinity))).message).toContain('Infinity is not');
    expect(refusal(where(compare('active', '_lt', true))).message).toContain('there are: _eq, _neq, _in, _nin');
  });
});

describe('limits', () => {
  it('refuse 10,000 levels of a predicate before anything recurses', () => {
    let deep: PredicateForm = and();
    for (let i = 0; i < 10_000; i++) deep = not(deep);
    const error = refusal(where(deep));
    expect({ code: error.code, kind: error.kind }).toEqual({ code: 'TOO_DEEP', kind: 'unprocessable' });
    expect(error.path).toMatch(/^query\.predicate\.expression\.expression/);
  });

  it('refuse 10,000 levels of relationship fields', () => {
    let query: QueryForm = { fields: columns('id') };
    for (let i = 0; i < 10_000; i++) {
      const name = i % 2 === 0 ? 'artist' : 'albums';
      query = { fields: new Map([['next', { kind: 'relationship', relationship: name, query }]]) };
    }
    expect(refusal(artists(query)).code).toBe('TOO_DEEP');
  });

  it('refuse too many parts, and take a wide request below', () => {
    const wide = (n: number): QueryRequestForm =>
      where({ kind: 'or', expressions: Array.from({ length: n }, (_, i) => compare('id', '_eq', i)) });
    expect(refusal(wide(10_000)).code).toBe('TOO_MANY_NODES');
    expect(compileQuery(engine, 'sqlite', wide(3_000)).lowered.rows).toBeNull();
  });

  it('do not look into operands', () => {
    const list = Array.from({ length: 50_000 }, (_, i) => i);
    expect(() => compileQuery(engine, 'sqlite', where(compare('id', '_in', list)))).not.toThrow();
  });

  const times = <T>(n: number, of: T): T[] => Array.from({ length: n }, () => of);
  const sort = (path: readonly PathStepForm[] = []) =>
    ({ direction: 'asc', target: { kind: 'column', column: 'name', path } }) as const;
  const self: PathStepForm = {
    relationship: { target: 'artists', mapping: new Map([['id', ['id']]]), type: 'object' },
  };
  const many = (n: number): AggregatesForm =>
    new Map(Array.from({ length: n }, (_, i) => [`a${i}`, { kind: 'star-count' }] as const));
  const existing = (n: number): PredicateForm =>
    times(n, null).reduce<PredicateForm>(
      (predicate) => ({ kind: 'exists', in: { kind: 'related', relationship: self.relationship }, predicate }),
      and(),
    );
  const grouped = (n: number) => ({ groups: { dimensions: times(n, { column: 'name' }), aggregates: new Map() } });

  it.each<[string, (n: number) => QueryForm, number, string, string]>([
    [
      'steps of a path',
      (n) => ({ orderBy: [sort(times(n, self))] }),
      16,
      'TOO_LONG',
      'query.order_by.elements[0].target.path',
    ],
    ['sort keys', (n) => ({ orderBy: times(n, sort()) }), 50, 'TOO_LONG', 'query.order_by.elements'],
    ['aggregates', (n) => ({ aggregates: many(n) }), 500, 'TOO_LONG', 'query.aggregates'],
    ['dimensions', grouped, 50, 'TOO_LONG', 'query.groups.dimensions'],
    ['levels of exists', (n) => ({ predicate: existing(n) }), 8, 'TOO_DEEP', `query${'.predicate'.repeat(9)}`],
    [
      'relationships of one query',
      (n) => ({ predicate: or(...times(n, existing(1))) }),
      200,
      'TOO_MANY_TABLES',
      'query.predicate.expressions[0]',
    ],
    [
      'variables',
      (n) => ({
        predicate: or(
          ...times(n, null).map((_, i): PredicateForm => ({
            kind: 'compare',
            target: { kind: 'column', column: 'id' },
            operator: '_eq',
            value: { kind: 'variable', name: `v${i}` },
          })),
        ),
      }),
      500,
      'TOO_MANY_VARIABLES',
      'query.predicate.expressions[500].value.name',
    ],
  ])('refuse too many %s with the place, and take as many as there may be', (_parts, query, most, code, path) => {
    const set = Object.fromEntries(Array.from({ length: most + 1 }, (_, i) => [`v${i}`, i]));
    expect(() => compileQuery(engine, 'sqlite', artists(query(most), [set]))).not.toThrow();
    const error = refusal(artists(query(most + 1), [set]));
    expect({ kind: error.kind, code: error.code, path: error.path }).toEqual({ kind: 'unprocessable', code, path });
  });

  it('count path steps and dimensions among the parts', () => {
    const steps = { orderBy: times(10, sort(times(10, self))) };
    expect(refusal(artists(steps), { nodes: 100 }).code).toBe('TOO_MANY_NODES');
    expect(refusal(artists(grouped(20)), { nodes: 10 }).code).toBe('TOO_MANY_NODES');
  });

  it('do not take an alias for the part of a request that is called so', () => {
    const fields: FieldsForm = new Map([
      ['path', { kind: 'relationship', relationship: 'albums', query: { fields: columns('id', 'title') } }],
    ]);
    const narrow = { ...engine, limits: { ...engine.limits, pathSteps: 0, tables: 0 } };
    expect(() => compileQuery(narrow, 'sqlite', artists({ fields }))).not.toThrow();
  });

  it('refuse too many variable sets', () => {
    expect(
      refusal(
        artists(
          {},
          Array.from({ length: 3 }, () => ({})),
        ),
        { variableSets: 2 },
      ).code,
    ).toBe('TOO_MANY_VARIABLE_SETS');
  });
});

import type { MaskSpec } from '../../../core/domain/kill-switch-rule.ts';

/** What every case is masked with. */
export const CASE_MASKS: readonly MaskSpec[] = [
  { path: 'customers.ssn', mask: 'fixed', text: 'x' },
  { path: 'customers.addr.zip', mask: 'fixed', text: 'x' },
  { path: 'insert_customer.ssn', mask: 'fixed', text: 'x' },
  { path: 'find_customer.ssn', mask: 'fixed', text: 'x' },
];

/** A place where a response of an NDC connector holds a masked value. */
export interface NdcMaskCase {
  readonly place: string;
  readonly request: unknown;
  readonly response: unknown;
  readonly masked: unknown;
}

const column = (name: string, fields?: unknown) => ({ type: 'column', column: name, ...(fields ? { fields } : {}) });

const relationship = (name: string, fields: object) => ({
  type: 'relationship',
  relationship: name,
  arguments: {},
  query: { fields },
});

const RELATIONSHIPS = {
  back: {
    column_mapping: { customer_id: ['id'] },
    relationship_type: 'object',
    target_collection: 'customers',
    arguments: {},
  },
  bills: {
    column_mapping: { id: ['customer_id'] },
    relationship_type: 'array',
    target_collection: 'invoices',
    arguments: {},
  },
};

const query = (collection: string, parts: object) => ({
  collection,
  arguments: {},
  collection_relationships: RELATIONSHIPS,
  query: parts,
});

const groupedBy = (collection: string, ...dimensions: object[]) =>
  query(collection, { groups: { dimensions, aggregates: { n: { type: 'star_count' } } } });

const insert = (fields: unknown) => ({
  operations: [
    { type: 'procedure', name: 'touch', arguments: {} },
    { type: 'procedure', name: 'insert_customer', arguments: { name: 'Ann' }, fields },
  ],
  collection_relationships: RELATIONSHIPS,
});

const inserted = (result: unknown) => ({
  operation_results: [
    { type: 'procedure', result: { ssn: 'of another procedure' } },
    { type: 'procedure', result },
  ],
});

export const NDC_MASK_CASES: readonly NdcMaskCase[] = [
  {
    place: 'a dimension that a relationship leads to',
    request: groupedBy(
      'invoices',
      { type: 'column', column_name: 'paid', path: [] },
      {
        type: 'column',
        column_name: 'ssn',
        path: [
          { relationship: 'bills', arguments: {} },
          { relationship: 'back', arguments: {} },
        ],
      },
    ),
    response: [{ groups: [{ dimensions: [true, '111'], aggregates: { n: 1 } }] }],
    masked: [{ groups: [{ dimensions: [true, 'x'], aggregates: { n: 1 } }] }],
  },
  {
    place: 'a dimension inside a column',
    request: groupedBy('customers', { type: 'column', column_name: 'addr', field_path: ['zip'], path: [] }),
    response: [{ groups: [{ dimensions: ['1010'], aggregates: { n: 1 } }] }],
    masked: [{ groups: [{ dimensions: ['x'], aggregates: { n: 1 } }] }],
  },
  {
    place: 'a dimension that is the whole column',
    request: groupedBy('customers', { type: 'column', column_name: 'addr', path: [] }),
    response: [{ groups: [{ dimensions: [{ city: 'Wien', zip: '1010' }], aggregates: { n: 1 } }] }],
    masked: [{ groups: [{ dimensions: [{ city: 'Wien', zip: 'x' }], aggregates: { n: 1 } }] }],
  },
  {
    place: 'an aggregate inside a column',
    request: query('customers', {
      aggregates: {
        a: { type: 'single_column', column: 'addr', field_path: ['zip'], function: 'min' },
        b: { type: 'column_count', column: 'addr', field_path: ['zip'], distinct: true },
        c: { type: 'single_column', column: 'addr', field_path: ['city'], function: 'min' },
        d: { type: 'star_count' },
      },
    }),
    response: [{ aggregates: { a: '1010', b: 1, c: 'Wien', d: 1 } }],
    masked: [{ aggregates: { a: 'x', b: 1, c: 'Wien', d: 1 } }],
  },
  {
    place: 'a column that is asked for whole',
    request: query('customers', { fields: { a: column('addr'), b: column('id') } }),
    response: [
      {
        rows: [
          { a: { city: 'Wien', zip: '1010' }, b: 1 },
          { a: null, b: 2 },
          { a: [{ zip: '1' }], b: 3 },
        ],
      },
    ],
    masked: [
      {
        rows: [
          { a: { city: 'Wien', zip: 'x' }, b: 1 },
          { a: null, b: 2 },
          { a: [{ zip: 'x' }], b: 3 },
        ],
      },
    ],
  },
  {
    place: 'a nested object under an alias',
    request: query('customers', {
      fields: { a: column('addr', { type: 'object', fields: { zip: column('city'), z: column('zip') } }) },
    }),
    response: [{ rows: [{ a: { zip: 'Wien', z: '1010' } }] }],
    masked: [{ rows: [{ a: { zip: 'Wien', z: 'x' } }] }],
  },
  {
    place: 'the rows, aggregates and groups of a nested collection',
    request: query('customers', {
      fields: {
        a: column('addr', {
          type: 'collection',
          query: {
            fields: { z: column('zip'), c: column('city') },
            aggregates: { m: { type: 'single_column', column: 'zip', function: 'max' } },
            groups: { dimensions: [{ type: 'column', column_name: 'zip', path: [] }], aggregates: {} },
          },
        }),
      },
    }),
    response: [
      {
        rows: [
          {
            a: {
              rows: [{ z: '1010', c: 'Wien' }],
              aggregates: { m: '1010' },
              groups: [{ dimensions: ['1010'], aggregates: {} }],
            },
          },
        ],
      },
    ],
    masked: [
      {
        rows: [
          {
            a: {
              rows: [{ z: 'x', c: 'Wien' }],
              aggregates: { m: 'x' },
              groups: [{ dimensions: ['x'], aggregates: {} }],
            },
          },
        ],
      },
    ],
  },
  {
    place: 'a relationship inside a nested object',
    request: query('invoices', {
      fields: {
        a: column('parties', {
          type: 'array',
          fields: { type: 'object', fields: { r: relationship('back', { s: column('ssn') }), k: column('kind') } },
        }),
      },
    }),
    response: [{ rows: [{ a: [{ r: { rows: [{ s: '111' }] }, k: 'buyer' }] }] }],
    masked: [{ rows: [{ a: [{ r: { rows: [{ s: 'x' }] }, k: 'buyer' }] }] }],
  },
  {
    place: 'the result of a procedure',
    request: insert({ type: 'object', fields: { s: column('ssn'), i: column('id') } }),
    response: inserted({ s: '111', i: 1 }),
    masked: inserted({ s: 'x', i: 1 }),
  },
  {
    place: 'the result of a procedure that is asked for whole',
    request: insert(null),
    response: inserted([{ ssn: '111', id: 1 }]),
    masked: inserted([{ ssn: 'x', id: 1 }]),
  },
  {
    place: 'the rows behind the result of a procedure',
    request: insert({ type: 'object', fields: { r: relationship('back', { a: column('addr') }) } }),
    response: inserted({ r: { rows: [{ a: { zip: '1010' } }] } }),
    masked: inserted({ r: { rows: [{ a: { zip: 'x' } }] } }),
  },
  {
    place: 'the value of a function',
    request: query('find_customer', { fields: { f: column('__value') } }),
    response: [{ rows: [{ f: { id: 1, ssn: '111' } }] }],
    masked: [{ rows: [{ f: { id: 1, ssn: 'x' } }] }],
  },
];

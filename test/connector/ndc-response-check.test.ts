import type { QueryRequest, SchemaResponse } from '@hasura/ndc-sdk-typescript';
import { expect, it } from 'vitest';
import { schemaResponse } from '../../connector/schema-response.ts';
import { CATALOGUE, VERB_TABLE } from '../support/ndc-fixture.ts';
import { checkQueryResponse } from '../support/ndc-response-check.ts';

/** The conformance tests are only worth what this check refuses. */
const schema: SchemaResponse = schemaResponse(CATALOGUE, VERB_TABLE);

const request: QueryRequest = {
  collection: 'albums',
  arguments: {},
  collection_relationships: {
    tracks: {
      column_mapping: { id: ['album_id'] },
      relationship_type: 'array',
      target_collection: 'tracks',
      arguments: {},
    },
  },
  query: {
    fields: {
      id: { type: 'column', column: 'id' },
      plays: { type: 'column', column: 'plays' },
      mood: { type: 'column', column: 'mood' },
      tracks: {
        type: 'relationship',
        relationship: 'tracks',
        arguments: {},
        query: { fields: { name: { type: 'column', column: 'name' } }, limit: 1 },
      },
    },
    aggregates: {
      n: { type: 'star_count' },
      sum: { type: 'single_column', column: 'plays', function: 'sum' },
      best: { type: 'single_column', column: 'rating', function: 'max' },
    },
    groups: {
      dimensions: [{ type: 'column', column_name: 'mood', path: [] }],
      aggregates: { n: { type: 'star_count' } },
    },
    limit: 2,
  },
};

const row = { id: 1, plays: '5', mood: 'calm', tracks: { rows: [{ name: 'Song' }] } };
const aggregates = { n: 1, sum: '5', best: null };
const groups = [{ dimensions: ['calm'], aggregates: { n: 1 } }];
const good = { rows: [row], aggregates, groups };

it('accepts a right answer', () => {
  expect(checkQueryResponse(schema, request, [good])).toEqual([good]);
});

it.each<[string, unknown]>([
  ['no row set', []],
  ['two row sets', [good, good]],
  ['no rows', [{ aggregates, groups }]],
  ['no groups', [{ rows: [row], aggregates }]],
  ['more rows than the limit', [{ ...good, rows: [row, row, row] }]],
  [
    'more related rows than the limit',
    [{ ...good, rows: [{ ...row, tracks: { rows: [{ name: 'a' }, { name: 'b' }] } }] }],
  ],
  ['a related answer that is null', [{ ...good, rows: [{ ...row, tracks: null }] }]],
  [
    'a related answer with a part nobody asked for',
    [{ ...good, rows: [{ ...row, tracks: { rows: [], aggregates: {} } }] }],
  ],
  ['a missing field', [{ ...good, rows: [{ plays: '5', mood: null, tracks: { rows: [] } }] }]],
  ['a null where none may be', [{ ...good, rows: [{ ...row, id: null }] }]],
  ['an int64 that is a number', [{ ...good, rows: [{ ...row, plays: 5 }] }]],
  ['an int32 that is text', [{ ...good, rows: [{ ...row, id: '1' }] }]],
  ['a value outside the enumeration', [{ ...good, rows: [{ ...row, mood: 'sad' }] }]],
  ['a missing aggregate', [{ ...good, aggregates: { n: 1, sum: '5' } }]],
  ['an aggregate nobody asked for', [{ ...good, aggregates: { ...aggregates, more: 1 } }]],
  ['a count that is text', [{ ...good, aggregates: { ...aggregates, n: '1' } }]],
  ['a sum that is null', [{ ...good, aggregates: { ...aggregates, sum: null } }]],
  ['a group twice', [{ ...good, groups: [...groups, ...groups] }]],
  ['a group without its dimension', [{ ...good, groups: [{ dimensions: [], aggregates: { n: 1 } }] }]],
])('refuses %s', (_name, answer) => {
  expect(() => checkQueryResponse(schema, request, answer)).toThrow();
});

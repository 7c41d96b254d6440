import type { QueryResponse, RowSet } from '@hasura/ndc-sdk-typescript';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { rowSetJson } from '../../connector/row-set-json.ts';

const rows = (count: number): RowSet['rows'] => Array.from({ length: count }, (_, id) => ({ id, 'na"me': `é ${id}` }));

it.each<[string, QueryResponse]>([
  ['rows that fill chunks exactly', [{ rows: rows(1_000) ?? [] }]],
  ['rows that do not', [{ rows: rows(1_501) ?? [] }]],
  ['other parts beside rows', [{ aggregates: { n: 1 }, rows: rows(700) ?? [], groups: [] }]],
  ['many small row sets', Array.from({ length: 600 }, (_, n) => ({ rows: rows(n % 3) ?? [] }))],
  ['row sets with and without rows', [{ rows: rows(600) ?? [] }, { aggregates: { n: 0 } }, {}, { rows: [] }]],
])('streams %s as the same JSON', async (_name, response) => {
  const body = rowSetJson(response);
  expect(body).toBeInstanceOf(Readable);
  expect(JSON.parse(await text(body as Readable))).toEqual(response);
});

it.each<[string, QueryResponse, string]>([
  ['nothing', [], '[]'],
  ['an empty row set', [{}], '[{}]'],
  ['few rows', [{ rows: [{ a: 1 }] }], '[{"rows":[{"a":1}]}]'],
])('writes %s at once', (_name, response, expected) => {
  expect(rowSetJson(response)).toBe(expected);
});

import type { QueryResponse, RowSet } from '@hasura/ndc-sdk-typescript';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { RowTexts, rowSetJson } from '../../connector/row-set-json.ts';

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

it.each<[string, number[], RowSet]>([
  ['one slice', [3], {}],
  ['many slices', [500, 500, 2], {}],
  ['other parts beside them', [500, 1], { aggregates: { n: 1 }, groups: [] }],
  ['no rows at all', [0], {}],
])('writes rows that were taken before as the same JSON: %s', async (_name, sizes, others) => {
  const texts = new RowTexts();
  for (const size of sizes) texts.add(rows(size) ?? []);
  const body = rowSetJson([{ rows: [], ...others }], texts.chunks);
  const json = body instanceof Readable ? await text(body) : body.toString();
  expect(JSON.parse(json)).toEqual([{ rows: sizes.flatMap((size) => rows(size) ?? []), ...others }]);
});

it('frees texts of its own and leaves the pool that small ones share', () => {
  const texts = new RowTexts();
  texts.add(rows(1) ?? []);
  texts.add(rows(5_000) ?? []);
  const [small, large] = texts.chunks;
  texts.release();
  expect(small?.toString()).toContain('é 0');
  expect(large?.buffer.byteLength).toBe(0);
  expect(texts.chunks).toEqual([]);
});

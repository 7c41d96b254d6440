import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RowSet } from '@hasura/ndc-sdk-typescript';
import { expect, it } from 'vitest';
import { RowStream } from '../../connector/row-stream.ts';

const MEBIBYTE = 2 ** 20;
const rows = (count: number): object[] => Array.from({ length: count }, (_, id) => ({ id, 'na"me': `é ${id}` }));
/** One row of about this many bytes. */
const wide = (bytes: number): object[] => [{ text: 'x'.repeat(bytes) }];

it.each<[string, number[], RowSet]>([
  ['one slice', [3], {}],
  ['many slices', [500, 500, 2], {}],
  ['other parts beside them', [500, 1], { aggregates: { n: 1 }, groups: [] }],
])('writes rows as the JSON of their answer: %s', async (_name, sizes, others) => {
  const stream = new RowStream('limited');
  for (const size of sizes) await stream.add(rows(size));
  stream.finish({ rows: [], ...others });
  expect(stream.slices).toBe(sizes.length);
  expect(JSON.parse(await text(stream))).toEqual([{ rows: sizes.flatMap(rows), ...others }]);
});

it('holds a mebibyte, then lets the text leave and waits until it is taken', async () => {
  const stream = new RowStream('limited');
  expect(stream.add(wide(MEBIBYTE / 2))).toBeUndefined();
  let hasRoom = false;
  const room = Promise.resolve(stream.add(wide(MEBIBYTE / 2))).then(() => (hasRoom = true));
  await stream.leaving;
  await nextTurn();
  expect(hasRoom).toBe(false);
  stream.read();
  await room;
  stream.finish({});
});

it('holds sixteen where the answer may still be refused as too long', async () => {
  const stream = new RowStream('unlimited');
  for (let i = 0; i < 15; i++) expect(stream.add(wide(MEBIBYTE))).toBeUndefined();
  expect(stream.add(wide(MEBIBYTE))).toBeInstanceOf(Promise);
  stream.read();
});

it('refuses more rows once it is destroyed, those that wait for room and those that come', async () => {
  const stream = new RowStream('limited');
  const waiting = stream.add(wide(MEBIBYTE));
  stream.destroy();
  await expect(waiting).rejects.toThrow('The client went away');
  expect(() => stream.add(rows(1))).toThrow('The client went away');
});

import { describe, expect, it } from 'vitest';
import { createKeyedHash, sipHash } from '../../../../../core/detection/records/features/keyed-hash.ts';

/** Reference vectors of SipHash-2-4 (Aumasson and Bernstein, `vectors_sip64`): key 00…0f, input 00 01 02 … of even lengths. */
const VECTORS: readonly (readonly [length: number, hash: string])[] = [
  [0, '310e0edd47db6f72'],
  [2, '5a4fa9d909806c0d'],
  [4, 'b7877127e09427cf'],
  [6, 'cee3fe586e46c9cb'],
  [8, '6224939a79f5f593'],
];
const KEY = new Int32Array(Uint8Array.from({ length: 16 }, (_, i) => i).buffer);

describe('keyed hash', () => {
  it.each(VECTORS)('agrees with the published vector of %i bytes', (length, expected) => {
    let text = '';
    for (let byte = 0; byte < length; byte += 2) text += String.fromCharCode(byte | ((byte + 1) << 8));
    const { low, high } = sipHash(KEY, text);
    const bytes = Buffer.alloc(8);
    bytes.writeInt32LE(low, 0);
    bytes.writeInt32LE(high, 4);
    expect(bytes.toString('hex')).toBe(expected);
  });

  it('is the same after a restart and another under another key', () => {
    expect(createKeyedHash('one')('paid')).toBe(createKeyedHash('one')('paid'));
    expect(createKeyedHash('one')('paid')).not.toBe(createKeyedHash('two')('paid'));
    expect(createKeyedHash('one')('paid')).toMatch(/^[0-9a-f]{16}$/);
  });

  it('tells 100,000 texts apart', () => {
    const hash = createKeyedHash('key');
    expect(new Set(Array.from({ length: 100_000 }, (_, i) => hash(`customer ${i}`))).size).toBe(100_000);
  });

  it('sees both ends and the length of a text of a megabyte', () => {
    const hash = createKeyedHash('key');
    const long = 'x'.repeat(1_000_000);
    expect(new Set([hash(long), hash(`${long}x`), hash(`y${long.slice(1)}`), hash(`${long.slice(1)}y`)]).size).toBe(4);
  });
});

import { createHash } from 'node:crypto';

/** Hash of a text under a secret key: 16 hexadecimal digits, the same in every process that has the key. */
export type KeyedHash = (text: string) => string;

/** Longer texts are hashed by their first and last halves of this many characters and their length. */
const MAX_CHARACTERS = 4_096;
const HEX = Array.from({ length: 65_536 }, (_, word) => word.toString(16).padStart(4, '0'));

/**
 * SipHash-2-4 (Aumasson and Bernstein, INDOCRYPT 2012) over the UTF-16 code units of a text, little-endian. A keyed
 * pseudo-random function: without the key, values can't be guessed by hashing candidates, which a plain hash of a phone
 * number would allow. HMAC-SHA-256 costs several microseconds a cell in Node, this a fraction of one. The 128-bit key is
 * derived from `secret` by SHA-256.
 */
export function createKeyedHash(secret: string): KeyedHash {
  const key = createHash('sha256').update(secret).digest();
  const words = Int32Array.of(key.readInt32LE(0), key.readInt32LE(4), key.readInt32LE(8), key.readInt32LE(12));
  return (text) => hexOf(sipHash(words, shortened(text)));
}

function shortened(text: string): string {
  if (text.length <= MAX_CHARACTERS) return text;
  const half = MAX_CHARACTERS / 2;
  return `${text.slice(0, half)}${text.slice(-half)}${text.length}`;
}

const state = { low: 0, high: 0 };

/** Halves of the 64-bit hash of the text's bytes; the returned object is reused by the next call. */
export function sipHash(key: Int32Array, text: string): { readonly low: number; readonly high: number } {
  const [k0l, k0h, k1l, k1h] = key as unknown as [number, number, number, number];
  // The four 64-bit words of state as pairs of 32-bit halves, initialised with "somepseudorandomlygeneratedbytes".
  let v0l = k0l ^ 0x70736575;
  let v0h = k0h ^ 0x736f6d65;
  let v1l = k1l ^ 0x6e646f6d;
  let v1h = k1h ^ 0x646f7261;
  let v2l = k0l ^ 0x6e657261;
  let v2h = k0h ^ 0x6c796765;
  let v3l = k1l ^ 0x79746573;
  let v3h = k1h ^ 0x74656462;

  const units = text.length;
  const blocks = units >>> 2;
  for (let block = 0; block <= blocks; block++) {
    const at = block << 2;
    let ml: number;
    let mh: number;
    if (block < blocks) {
      ml = text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16);
      mh = text.charCodeAt(at + 2) | (text.charCodeAt(at + 3) << 16);
    } else {
      // Last block: what remains, with the length in bytes (modulo 256) in its top byte.
      const rest = units & 3;
      ml = (rest > 0 ? text.charCodeAt(at) : 0) | (rest > 1 ? text.charCodeAt(at + 1) << 16 : 0);
      mh = (rest > 2 ? text.charCodeAt(at + 2) : 0) | ((units << 1) << 24);
    }
    v3l ^= ml;
    v3h ^= mh;
    const rounds = block < blocks ? 2 : 6;
    for (let round = 0; round < rounds; round++) {
      if (round === 2) {
        v0l ^= ml;
        v0h ^= mh;
        v2l ^= 0xff;
      }
      let sum = (v0l >>> 0) + (v1l >>> 0);
      v0h = (v0h + v1h + (sum > 0xffffffff ? 1 : 0)) | 0;
      v0l = sum | 0;
      let low = (v1l << 13) | (v1h >>> 19);
      let high = (v1h << 13) | (v1l >>> 19);
      v1l = low ^ v0l;
      v1h = high ^ v0h;
      low = v0h;
      v0h = v0l;
      v0l = low;
      sum = (v2l >>> 0) + (v3l >>> 0);
      v2h = (v2h + v3h + (sum > 0xffffffff ? 1 : 0)) | 0;
      v2l = sum | 0;
      low = (v3l << 16) | (v3h >>> 16);
      high = (v3h << 16) | (v3l >>> 16);
      v3l = low ^ v2l;
      v3h = high ^ v2h;
      sum = (v0l >>> 0) + (v3l >>> 0);
      v0h = (v0h + v3h + (sum > 0xffffffff ? 1 : 0)) | 0;
      v0l = sum | 0;
      low = (v3l << 21) | (v3h >>> 11);
      high = (v3h << 21) | (v3l >>> 11);
      v3l = low ^ v0l;
      v3h = high ^ v0h;
      sum = (v2l >>> 0) + (v1l >>> 0);
      v2h = (v2h + v1h + (sum > 0xffffffff ? 1 : 0)) | 0;
      v2l = sum | 0;
      low = (v1l << 17) | (v1h >>> 15);
      high = (v1h << 17) | (v1l >>> 15);
      v1l = low ^ v2l;
      v1h = high ^ v2h;
      low = v2h;
      v2h = v2l;
      v2l = low;
    }
    if (block < blocks) {
      v0l ^= ml;
      v0h ^= mh;
    }
  }
  state.low = v0l ^ v1l ^ v2l ^ v3l;
  state.high = v0h ^ v1h ^ v2h ^ v3h;
  return state;
}

function hexOf(hash: { readonly low: number; readonly high: number }): string {
  return `${HEX[hash.high >>> 16]}${HEX[hash.high & 0xffff]}${HEX[hash.low >>> 16]}${HEX[hash.low & 0xffff]}`;
}

import { randomFillSync } from 'node:crypto';

/** Lower-case UUID text, 36 characters. */
export type Uuid = string & { readonly __brand?: 'uuid' };

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const random = new Uint8Array(4_096);
let used = random.length;
let lastMs = -1;
let sequence = 0;

/**
 * UUID version 7 (RFC 9562 §5.7) of the given receive time, so that partitions and retention are id ranges.
 * Ids made in one millisecond by one process are ascending: the 12 bits of `rand_a` are a counter (method 1 of §6.2).
 */
export function uuidv7(atMs: number): Uuid {
  const ms = atMs > lastMs ? atMs : lastMs;
  sequence = ms === lastMs ? sequence + 1 : nextRandomByte();
  // A full counter borrows the next millisecond rather than break the order.
  lastMs = sequence > 0xfff ? ms + 1 : ms;
  if (sequence > 0xfff) sequence = 0;
  const time = lastMs.toString(16).padStart(12, '0');
  const variant = 0x80 | (nextRandomByte() & 0x3f);
  let tail = '';
  for (let i = 0; i < 6; i++) tail += HEX[nextRandomByte()];
  return `${time.slice(0, 8)}-${time.slice(8)}-7${sequence.toString(16).padStart(3, '0')}-${HEX[variant]}${HEX[nextRandomByte()]}-${tail}`;
}

function nextRandomByte(): number {
  if (used === random.length) {
    randomFillSync(random);
    used = 0;
  }
  return random[used++] as number;
}

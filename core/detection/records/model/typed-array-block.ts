/**
 * Typed arrays one after the other in a block of bytes: little-endian whatever the machine's own order, each at a multiple of
 * eight bytes, so that they are read where they lie and nothing is copied.
 */

export type TypedArray = Float64Array | Float32Array | Int32Array | Int16Array | Uint16Array;
export type TypedArrayConstructor<T extends TypedArray> = {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): T;
};

/** Where in the block an array begins, in bytes, and how many elements it has. */
export interface ArrayPlace {
  readonly at: number;
  readonly length: number;
}

export interface ArrayBlockWriter {
  add(array: TypedArray): ArrayPlace;
  /** Bytes of all arrays so far; a multiple of eight. */
  readonly byteLength: number;
  /** Writes them from `at` on, which is a multiple of eight. */
  writeInto(target: Uint8Array, at: number): void;
}

const ALIGNMENT = 8;
const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The next multiple of eight. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

export function createArrayBlockWriter(): ArrayBlockWriter {
  const arrays: { readonly at: number; readonly array: TypedArray }[] = [];
  let byteLength = 0;
  return {
    add(array) {
      const at = byteLength;
      arrays.push({ at, array });
      byteLength = aligned(byteLength + array.byteLength);
      return { at, length: array.length };
    },
    get byteLength() {
      return byteLength;
    },
    writeInto(target, from) {
      for (const { at, array } of arrays) {
        const own = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
        target.set(LITTLE_ENDIAN ? own : swapped(own, array.BYTES_PER_ELEMENT), from + at);
      }
    },
  };
}

/** The array at a place of a block that begins at a multiple of eight. Throws a RangeError for a place that is not all inside. */
export function arrayAt<T extends TypedArray>(
  type: TypedArrayConstructor<T>,
  block: Uint8Array,
  { at, length }: ArrayPlace,
): T {
  const byteLength = length * type.BYTES_PER_ELEMENT;
  if (!(at >= 0 && length >= 0 && at + byteLength <= block.byteLength)) {
    throw new RangeError(`${length} elements at ${at} are not inside a block of ${block.byteLength} bytes`);
  }
  if (LITTLE_ENDIAN) return new type(block.buffer, block.byteOffset + at, length);
  return new type(swapped(block.subarray(at, at + byteLength), type.BYTES_PER_ELEMENT).buffer);
}

/** A copy with the bytes of each element in the other order. */
function swapped(bytes: Uint8Array, elementSize: number): Uint8Array {
  const copy = Buffer.from(new Uint8Array(bytes).buffer);
  switch (elementSize) {
    case 2:
      return copy.swap16();
    case 4:
      return copy.swap32();
    default:
      return copy.swap64();
  }
}

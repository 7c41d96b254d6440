/** Typed arrays as base64 of their little-endian bytes, whatever the machine's own order. */

type TypedArray = Float64Array | Float32Array | Int32Array | Int16Array | Uint16Array;
type TypedArrayConstructor<T extends TypedArray> = {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer): T;
};

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

export function textOfArray(array: TypedArray): string {
  const bytes = Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  return littleEndian(Buffer.from(bytes), array.BYTES_PER_ELEMENT).toString('base64');
}

/** Throws a RangeError when the text is not a whole number of elements. */
export function arrayOfText<T extends TypedArray>(type: TypedArrayConstructor<T>, text: string): T {
  // Decoded into memory of its own: a Buffer may lie at any offset of a shared pool, a typed array must be aligned.
  const own = new Uint8Array(Buffer.byteLength(text, 'base64'));
  const bytes = Buffer.from(own.buffer);
  bytes.write(text, 'base64');
  littleEndian(bytes, type.BYTES_PER_ELEMENT);
  return new type(own.buffer);
}

function littleEndian(bytes: Buffer, elementSize: number): Buffer {
  if (LITTLE_ENDIAN) return bytes;
  switch (elementSize) {
    case 2:
      return bytes.swap16();
    case 4:
      return bytes.swap32();
    default:
      return bytes.swap64();
  }
}

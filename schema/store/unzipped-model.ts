import { gunzip } from 'node:zlib';
import { promisify } from 'node:util';

const unzip = promisify(gunzip);

/** With no room left after the last byte zlib takes another piece; it takes none below 64 bytes. */
const ZLIB_MARGIN = 64;
const MAX_PIECE = 16 * 1024 * 1024;

/**
 * What was stored of a model, unzipped; as it is where it can't be, which is no model, as reading it will say.
 *
 * In one piece, of which the model then consists: pieces would be put together in another copy. The last four bytes say how
 * long the whole is (RFC 1952, 2.3.1); where they are damaged, so is the rest.
 */
export async function unzippedModel(stored: Uint8Array): Promise<Uint8Array> {
  try {
    const length = Buffer.from(stored.buffer, stored.byteOffset).readUInt32LE(stored.length - 4);
    const model = await unzip(stored, { chunkSize: Math.min(length + ZLIB_MARGIN, MAX_PIECE) });
    free(stored);
    return model;
  } catch {
    return stored;
  }
}

/**
 * Gives the memory back at once. It lies outside of the heap, where tens of megabytes would wait for a collection while many
 * models are read one after the other.
 */
function free({ buffer, byteLength }: Uint8Array): void {
  // A driver may hand out parts of a larger buffer, which is not ours alone.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

import type { Readable } from 'node:stream';

/** The body of a hook call before it is parsed. */
export type RawBody = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'too-large' };

/**
 * Reads a body to its end. One over the limit is read too, and thrown away: an answer while the engine still writes
 * could reach it as a broken connection, which fails the client's request.
 */
export async function readBody(stream: Readable, limitBytes: number): Promise<RawBody> {
  let chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limitBytes) chunks.push(chunk);
    else chunks = [];
  }
  return size > limitBytes ? { kind: 'too-large' } : { kind: 'text', text: Buffer.concat(chunks).toString('utf8') };
}

/** The JSON value of a text, or undefined where it is none (JSON itself has no undefined). */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

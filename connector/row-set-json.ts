import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { QueryResponse, RowSet } from '@hasura/ndc-sdk-typescript';

/** Rows written to text at once: a few milliseconds of work, some hundred kilobytes. */
const ROWS_PER_CHUNK = 500;

/** Takes rows as they come and keeps their JSON text only, outside the heap: no collector has to walk over it. */
export class RowTexts {
  readonly chunks: Buffer<ArrayBuffer>[] = [];

  readonly add = (rows: readonly object[]): void => {
    if (rows.length > 0) this.chunks.push(Buffer.from(JSON.stringify(rows).slice(1, -1)));
  };

  /** Frees the texts at once: left to the collector they pile up to tens of megabytes. For when they are sent. */
  readonly release = (): void => {
    for (const { buffer, byteLength } of this.chunks) {
      const isOwn = buffer.byteLength === byteLength; // small ones share Node's pool
      if (isOwn) buffer.transfer(0);
    }
    this.chunks.length = 0;
  };
}

/**
 * The JSON text of an answer; `texts` are the rows of its only RowSet if they were taken before. Large ones come as a
 * stream, a few hundred rows at a time and only as fast as the client takes them, so that neither the whole text nor a
 * long pause of the event loop is ever needed.
 */
export function rowSetJson(response: QueryResponse, texts: readonly Buffer[] = []): string | Buffer | Readable {
  const [first] = response;
  if (texts.length > 0 && first) {
    const pieces = [...piecesOf(first, texts)];
    return texts.length === 1 ? Buffer.concat(pieces) : Readable.from(pieces, { highWaterMark: 1, objectMode: true });
  }
  const rows = response.reduce((sum, rowSet) => sum + (rowSet.rows?.length ?? 0), 0);
  return rows <= ROWS_PER_CHUNK ? JSON.stringify(response) : Readable.from(chunksOf(response), { highWaterMark: 1 });
}

function* piecesOf({ rows: _taken, ...others }: RowSet, texts: readonly Buffer[]): Generator<Buffer> {
  yield Buffer.from('[{"rows":[');
  for (const [index, text] of texts.entries()) {
    if (index > 0) yield Buffer.from(',');
    yield text;
  }
  const rest = JSON.stringify(others).slice(1, -1);
  yield Buffer.from(rest === '' ? ']}]' : `],${rest}}]`);
}

async function* chunksOf(response: QueryResponse): AsyncGenerator<string> {
  for (const [index, rowSet] of response.entries()) {
    const { rows, ...others } = rowSet;
    yield index === 0 ? '[' : ',';
    if (!rows) {
      yield JSON.stringify(rowSet);
      continue;
    }
    yield '{"rows":[';
    for (let from = 0; from < rows.length; from += ROWS_PER_CHUNK) {
      const chunk = JSON.stringify(rows.slice(from, from + ROWS_PER_CHUNK)).slice(1, -1);
      yield from === 0 ? chunk : `,${chunk}`;
      // A client that takes everything at once would else hold the event loop until the end.
      await nextTurn();
    }
    const rest = JSON.stringify(others).slice(1, -1);
    yield rest === '' ? ']}' : `],${rest}}`;
  }
  yield ']';
}

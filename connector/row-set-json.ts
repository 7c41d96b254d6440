import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { QueryResponse } from '@hasura/ndc-sdk-typescript';

/** Rows written to text at once: a few milliseconds of work, some hundred kilobytes. */
const ROWS_PER_CHUNK = 500;

/**
 * The JSON text of an answer. Large ones come as a stream, a few hundred rows at a time and only as fast as the client
 * takes them, so that neither the whole text nor a long pause of the event loop is ever needed.
 */
export function rowSetJson(response: QueryResponse): string | Readable {
  const rows = response.reduce((sum, rowSet) => sum + (rowSet.rows?.length ?? 0), 0);
  return rows <= ROWS_PER_CHUNK ? JSON.stringify(response) : Readable.from(chunksOf(response), { highWaterMark: 1 });
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

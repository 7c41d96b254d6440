import { Readable } from 'node:stream';
import type { RowSet } from '@hasura/ndc-sdk-typescript';

const MEBIBYTE = 2 ** 20;

/**
 * Bytes of an answer that wait for its end before the first one leaves: a failure till then is a status, later it can
 * only cut the answer off. More wait where the request names no limit, as its answer may yet be refused as too long.
 */
const HELD_BYTES = { limited: MEBIBYTE, unlimited: 16 * MEBIBYTE };

/**
 * JSON text of an answer of one RowSet, written while its rows come. No more than the held bytes are ever in memory: the
 * next rows are waited with until the client has taken what is there.
 */
export class RowStream extends Readable {
  readonly #leaving = Promise.withResolvers<void>();
  #room: PromiseWithResolvers<void> | null = null;
  #slices = 0;

  constructor(limit: keyof typeof HELD_BYTES) {
    super({ highWaterMark: HELD_BYTES[limit] });
  }

  /** Resolves when the answer is longer than what is held: then the text has to be read. */
  get leaving(): Promise<void> {
    return this.#leaving.promise;
  }

  /** So many slices of rows were taken. */
  get slices(): number {
    return this.#slices;
  }

  readonly add = (rows: readonly object[]): void | Promise<void> => {
    if (this.destroyed) throw clientGone();
    const text = JSON.stringify(rows).slice(1, -1);
    const hasRoom = this.push(Buffer.from(`${this.#slices++ === 0 ? '[{"rows":[' : ','}${text}`));
    if (hasRoom) return undefined;
    this.#leaving.resolve();
    this.#room = Promise.withResolvers();
    return this.#room.promise;
  };

  /** Writes what follows the rows. */
  finish({ rows: _taken, ...others }: RowSet): void {
    const rest = JSON.stringify(others).slice(1, -1);
    this.push(rest === '' ? ']}]' : `],${rest}}]`);
    this.push(null);
  }

  override _read(): void {
    this.#room?.resolve();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#room?.reject(clientGone());
    done(error);
  }
}

/** Ends the reading of rows that nobody waits for; it goes no further than this file's user. */
function clientGone(): Error {
  return new Error('The client went away before the end of the answer.');
}

import { createReadStream } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CsvError, parse } from 'csv-parse';
import { isRecord } from '../../core/document/foreign-object.ts';
import { textLines } from './text-lines.ts';

/** One record of a file, with the line it starts on; a csv's header is line 1. */
export interface FileRecord {
  readonly line: number;
  readonly record: Readonly<Record<string, unknown>>;
}

/** A row or a file that can't be read. The message names both. */
export class RecordFileError extends Error {}

export interface RecordFile {
  readonly path: string;
  /** Cells are text, and every record has every column. */
  readonly isCsv: boolean;
  /** From the beginning, as often as it is asked for; `onBytes` is told how much of the file was read. */
  records(onBytes?: (bytes: number) => void): AsyncGenerator<FileRecord>;
}

const FORMATS = { '.csv': readCsv, '.jsonl': readJsonLines, '.ndjson': readJsonLines } as const;
/** A cell of many megabytes must not become a message of many megabytes. */
const QUOTED = 200;

/** A csv or jsonl file, gzipped or not, whose records are streamed. */
export function openRecordFile(path: string): RecordFile {
  const lowerCase = path.toLowerCase();
  const plain = lowerCase.replace(/\.gz$/, '');
  const read = Object.entries(FORMATS).find(([ending]) => plain.endsWith(ending))?.[1];
  if (!read)
    throw new RecordFileError(
      `${path}: expected a file that ends in ${Object.keys(FORMATS).join(', ')}, or one of them and .gz.`,
    );
  return {
    path,
    isCsv: read === readCsv,
    async *records(onBytes) {
      const file = createReadStream(path);
      if (onBytes) file.on('data', (chunk) => onBytes(chunk.length));
      // What fails is thrown where the stream is read.
      const bytes = lowerCase === plain ? file : pipeline(file, createGunzip(), () => {});
      try {
        yield* read(path, bytes);
      } catch (error) {
        throw named(path, error as Error);
      }
    },
  };
}

function named(path: string, error: NodeJS.ErrnoException): Error {
  if (error.code?.startsWith('Z_') === true)
    return new RecordFileError(`${path}: no whole gzip file (${error.message}).`, { cause: error });
  // What the system refuses says where only if it was to open, not to read.
  if (error.syscall === 'read') return new RecordFileError(`${path}: ${error.message}`, { cause: error });
  return error;
}

async function* readCsv(path: string, bytes: Readable): AsyncGenerator<FileRecord> {
  /** Line breaks of two characters inside of cells so far, each of which the parser counts for two. */
  let twice = 0;
  const columns = (names: string[]): string[] => {
    twice = breaks(names, WINDOWS_BREAK);
    const repeated = names.find((name, index) => names.indexOf(name) < index);
    if (repeated === undefined) return names;
    throw new RecordFileError(`${path}, line 1: more than one column is called ${JSON.stringify(repeated)}.`);
  };
  const placed = (record: Record<string, string>, { lines }: { readonly lines: number }): FileRecord => {
    const cells = Object.values(record);
    twice += breaks(cells, WINDOWS_BREAK);
    // `lines` counts what was read so far: the line on which the record ends.
    return { line: lines - twice - breaks(cells, ANY_BREAK), record };
  };
  const parser = parse({ columns, bom: true, skip_empty_lines: true, trim: true, on_record: placed });
  try {
    yield* pipeline(bytes, parser, () => {}) as AsyncIterable<FileRecord>;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const problem = error.message.replace(/,? (?:on|at) line \d+/, '').slice(0, QUOTED);
    throw new RecordFileError(`${path}, line ${Number(error['lines']) - twice}: ${problem}`, { cause: error });
  }
}

const WINDOWS_BREAK = /\r\n/g;
const ANY_BREAK = /\r\n|\r|\n/g;

function breaks(cells: readonly string[], form: RegExp): number {
  let found = 0;
  for (const cell of cells) {
    if (cell.includes('\n') || cell.includes('\r')) found += cell.match(form)?.length ?? 0;
  }
  return found;
}

async function* readJsonLines(path: string, bytes: Readable): AsyncGenerator<FileRecord> {
  let line = 0;
  for await (const text of textLines(bytes)) {
    line++;
    if (text.trim() === '') continue;
    const record = parsed(text);
    if (!isRecord(record))
      throw new RecordFileError(`${path}, line ${line}: expected one JSON object, found ${text.slice(0, 60)}`);
    yield { line, record };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the caller names the line
  }
}

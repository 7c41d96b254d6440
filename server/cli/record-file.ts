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
  const plain = path.replace(/\.gz$/, '');
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
      const bytes = path === plain ? file : pipeline(file, createGunzip(), () => {});
      try {
        yield* read(path, bytes);
      } catch (error) {
        throw named(path, error as Error);
      }
    },
  };
}

function named(path: string, error: NodeJS.ErrnoException): Error {
  if (error instanceof RecordFileError || error.code === 'ENOENT') return error;
  if (error.code?.startsWith('Z_') !== true) return error;
  return new RecordFileError(`${path}: no whole gzip file (${error.message}).`, { cause: error });
}

async function* readCsv(path: string, bytes: Readable): AsyncGenerator<FileRecord> {
  const parser = parse({ columns: true, bom: true, info: true, skip_empty_lines: true, trim: true });
  const rows = pipeline(bytes, parser, () => {});
  try {
    for await (const { info, record } of rows as AsyncIterable<{
      info: { lines: number };
      record: Record<string, string>;
    }>) {
      // `lines` counts what was read so far: the line on which the record ends.
      yield { line: info.lines - lineBreaks(record), record };
    }
  } catch (error) {
    if (error instanceof CsvError)
      throw new RecordFileError(`${path}, line ${Number(error['lines'])}: ${error.message.slice(0, QUOTED)}`, {
        cause: error,
      });
    throw error;
  }
}

function lineBreaks(record: Readonly<Record<string, string>>): number {
  let breaks = 0;
  for (const cell of Object.values(record)) {
    for (let at = cell.indexOf('\n'); at >= 0; at = cell.indexOf('\n', at + 1)) breaks++;
  }
  return breaks;
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

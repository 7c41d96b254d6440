import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CsvError, parse } from 'csv-parse';
import { isRecord } from '../../core/document/foreign-object.ts';

/** One record of a file, with the line it starts on; a csv's header is line 1. */
export interface FileRecord {
  readonly line: number;
  readonly record: Readonly<Record<string, unknown>>;
}

/** A row that can't be read. The message names the line. */
export class RecordFileError extends Error {}

const FORMATS = { '.csv': readCsv, '.jsonl': readJsonLines, '.ndjson': readJsonLines } as const;

/** Streams the records of a csv or jsonl file, gzipped or not; `onBytes` is told how much of the file was read. */
export function readRecordFile(path: string, onBytes: (bytes: number) => void = () => {}): AsyncGenerator<FileRecord> {
  const plain = path.replace(/\.gz$/, '');
  const format = Object.entries(FORMATS).find(([ending]) => plain.endsWith(ending))?.[1];
  if (!format)
    throw new RecordFileError(
      `${path}: expected a file that ends in ${Object.keys(FORMATS).join(', ')}, or one of them and .gz.`,
    );
  const file = createReadStream(path);
  file.on('data', (chunk) => onBytes(chunk.length));
  return format(path, path === plain ? file : file.compose(createGunzip()));
}

async function* readCsv(path: string, bytes: Readable): AsyncGenerator<FileRecord> {
  const rows = bytes.compose(parse({ columns: true, bom: true, info: true, skip_empty_lines: true }));
  try {
    for await (const { info, record } of rows as AsyncIterable<{
      info: { lines: number };
      record: Record<string, string>;
    }>) {
      // `lines` counts what was read so far: the line on which the record ends.
      yield { line: info.lines, record };
    }
  } catch (error) {
    if (error instanceof CsvError)
      throw new RecordFileError(`${path}, line ${Number(error['lines'])}: ${error.message}`, { cause: error });
    throw error;
  }
}

async function* readJsonLines(path: string, bytes: Readable): AsyncGenerator<FileRecord> {
  let line = 0;
  for await (const text of createInterface({ input: bytes, crlfDelay: Infinity })) {
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

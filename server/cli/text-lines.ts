import type { Readable } from 'node:stream';

/**
 * Lines of a stream of UTF-8 text, without their ends, which are `\n` or `\r\n`. A mark at the beginning of the file is
 * left out. (`node:readline` also splits at U+2028, which JSON allows inside a string.)
 */
export async function* textLines(bytes: Readable): AsyncGenerator<string> {
  let rest = '';
  let isFirst = true;
  for await (const chunk of bytes.setEncoding('utf8') as AsyncIterable<string>) {
    const text = isFirst ? chunk.replace(/^\uFEFF/, '') : chunk;
    isFirst = false;
    const lines = (rest + text).split('\n');
    rest = lines.pop() as string;
    for (const line of lines) yield withoutReturn(line);
  }
  if (rest !== '') yield withoutReturn(rest);
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

import { ConditionFault } from './fault.ts';
import { KEYWORDS } from './names.ts';
import type { Span } from './syntax-tree.ts';

export type Token =
  | (Span & { readonly kind: 'number'; readonly value: number })
  | (Span & { readonly kind: 'string'; readonly value: string })
  /** `d"…"`: the text between the quotes. */
  | (Span & { readonly kind: 'date'; readonly value: string })
  /** A bare word: a name or a keyword, which of them the parser decides by its place. */
  | (Span & { readonly kind: 'word'; readonly value: string })
  /** A name between backquotes: never a keyword. */
  | (Span & { readonly kind: 'quoted'; readonly value: string })
  | (Span & { readonly kind: 'symbol'; readonly value: string })
  | (Span & { readonly kind: 'end'; readonly value: '' });

const PAIRS = new Set(['==', '!=', '<=', '>=', '=~', '!~', '&&', '||', '??']);
const SINGLES = new Set('<>+-*/%!?:.,()[]');
/** Characters that other languages use, and what to write instead. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['=', 'Use "==" to compare.'],
  ['&', 'Use "and" or "&&".'],
  ['|', 'Use "or" or "||".'],
  [';', 'A condition is one expression.'],
  ['{', 'There are no map literals.'],
  ['$', 'Quote an unusual name with backquotes.'],
  ['@', 'Quote an unusual name with backquotes.'],
]);

const WHITE_SPACE = /[ \t\r\n]/;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /0[xX][0-9A-Fa-f]+|(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const AFTER_NUMBER = /[A-Za-z0-9_.]/;

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['\\', '\\'],
  ['"', '"'],
  ["'", "'"],
  ['/', '/'],
]);
const HEX_ESCAPE = /\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\})/y;

/**
 * Reads the token that starts at or after `from`.
 *
 * @throws ConditionFault at the first character that starts no token.
 */
export function readToken(text: string, from: number): Token {
  const start = skipBlank(text, from);
  const char = text[start];
  if (char === undefined) return { kind: 'end', value: '', start, end: start };
  if (char === '"' || char === "'") return readString(text, start, start, 'string');
  if (char === '`') return readQuotedName(text, start);
  if (char >= '0' && char <= '9') return readNumber(text, start);
  const word = matchAt(WORD, text, start);
  if (word !== null) {
    const next = text[start + word.length];
    const isPrefix = (next === '"' || next === "'") && !KEYWORDS.has(word);
    if (isPrefix) return readPrefixedString(text, start, word);
    return { kind: 'word', value: word, start, end: start + word.length };
  }
  return readSymbol(text, start, char);
}

function skipBlank(text: string, from: number): number {
  let at = from;
  for (;;) {
    const char = text[at];
    if (char === '#') {
      const lineEnd = text.indexOf('\n', at);
      if (lineEnd === -1) return text.length;
      at = lineEnd;
    } else if (char !== undefined && WHITE_SPACE.test(char)) at++;
    else return at;
  }
}

function matchAt(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

function readSymbol(text: string, start: number, char: string): Token {
  const pair = text.slice(start, start + 2);
  if (PAIRS.has(pair)) return { kind: 'symbol', value: pair, start, end: start + 2 };
  if (SINGLES.has(char)) return { kind: 'symbol', value: char, start, end: start + 1 };
  const shown = String.fromCodePoint(text.codePointAt(start) as number);
  const printable = /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(shown);
  const name = printable ? `"${shown}"` : `U+${shown.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`;
  const hint = INSTEAD.get(char) ?? (/\p{L}/u.test(shown) ? 'Quote a name with such letters with backquotes.' : '');
  throw new ConditionFault(`Unexpected character ${name}.${hint === '' ? '' : ` ${hint}`}`, start);
}

function readNumber(text: string, start: number): Token {
  const digits = matchAt(NUMBER, text, start) as string;
  const end = start + digits.length;
  const next = text[end];
  if (next !== undefined && AFTER_NUMBER.test(next)) {
    throw new ConditionFault('Not a number: numbers are written 12, 0.5, 1e3 or 0xFF, without leading zeros.', start);
  }
  const value = Number(digits);
  const isInteger = /^(?:0[xX][0-9A-Fa-f]+|[0-9]+)$/.test(digits);
  if (isInteger && value > Number.MAX_SAFE_INTEGER) {
    throw new ConditionFault(
      `The integer ${digits} is beyond ${Number.MAX_SAFE_INTEGER} and would be rounded; write it as a string.`,
      start,
    );
  }
  if (!Number.isFinite(value)) throw new ConditionFault(`The number ${digits} is too large.`, start);
  return { kind: 'number', value, start, end };
}

function readPrefixedString(text: string, start: number, prefix: string): Token {
  const quoteAt = start + prefix.length;
  if (prefix === 'd') return readString(text, start, quoteAt, 'date');
  if (prefix === 'r') return readRawString(text, start, quoteAt);
  throw new ConditionFault(`Unknown string prefix "${prefix}"; there are r"…" (raw) and d"…" (timestamp).`, start);
}

function readString(text: string, start: number, quoteAt: number, kind: 'string' | 'date'): Token {
  const quote = text[quoteAt];
  let value = '';
  let at = quoteAt + 1;
  for (;;) {
    const char = text[at];
    if (char === quote) return { kind, value, start, end: at + 1 };
    if (char === '\\') {
      const escape = readEscape(text, at);
      value += escape.value;
      at += escape.length;
    } else {
      refuseUnclosed(char, start);
      value += char;
      at++;
    }
  }
}

function readRawString(text: string, start: number, quoteAt: number): Token {
  let at = quoteAt + 1;
  while (text[at] !== text[quoteAt]) refuseUnclosed(text[at++], start);
  return { kind: 'string', value: text.slice(quoteAt + 1, at), start, end: at + 1 };
}

function refuseUnclosed(char: string | undefined, start: number): void {
  if (char === undefined) throw new ConditionFault('The string is not closed.', start);
  if (char === '\n' || char === '\r') {
    throw new ConditionFault('The string is not closed before the end of its line; write a line break as \\n.', start);
  }
}

function readEscape(text: string, at: number): { value: string; length: number } {
  const simple = ESCAPES.get(text[at + 1] ?? '');
  if (simple !== undefined) return { value: simple, length: 2 };
  HEX_ESCAPE.lastIndex = at;
  const parts = HEX_ESCAPE.exec(text);
  const code = parts === null ? Number.NaN : Number.parseInt((parts[1] ?? parts[2] ?? parts[3]) as string, 16);
  if (parts === null || code > 0x10ffff) {
    throw new ConditionFault(
      'Unknown escape; there are \\n \\t \\r \\\\ \\" \\\' \\/ \\xHH \\uHHHH \\u{H…}, and r"…" takes backslashes as they are.',
      at,
    );
  }
  // A \u escape is a UTF-16 unit, so that surrogate pairs can be written as in JSON.
  return { value: String.fromCodePoint(code), length: parts[0].length };
}

function readQuotedName(text: string, start: number): Token {
  const end = text.indexOf('`', start + 1);
  const name = end === -1 ? '' : text.slice(start + 1, end);
  if (end === -1 || name.includes('\n')) throw new ConditionFault('The quoted name is not closed.', start);
  if (name === '') throw new ConditionFault('The quoted name is empty.', start);
  return { kind: 'quoted', value: name, start, end: end + 1 };
}

import { DAY, HOUR, MINUTE, SECOND, WEEK } from '../domain/time.ts';
import { checkCondition } from './condition.ts';
import type { CheckedCondition } from './condition.ts';
import type { FactSchema } from './fact-schema.ts';
import { ConditionFault, describeFault } from './fault.ts';
import type { ConditionError } from './fault.ts';
import { printString } from './print.ts';
import { parseTimestamp } from './timestamps.ts';
import { readToken } from './tokens.ts';

/** A rule of the Python library rule-engine in our language. */
export type RuleEngineImport =
  | { readonly ok: true; readonly condition: CheckedCondition; readonly notes: readonly string[] }
  | {
      readonly ok: false;
      /** Its place is in the Python text, or in `translated` where our language refuses what Python allows. */
      readonly error: ConditionError;
      readonly translated: string | null;
    };

/**
 * Translates a condition of rule-engine 3.4, the language of the original kill-switch service, token by token, so that the inside
 * of a string is never touched. `=~` is anchored at the start there and searches here: such patterns get `^(?:…)`.
 */
export function importRuleEngine(
  text: string,
  options: { readonly schema?: FactSchema | null } = {},
): RuleEngineImport {
  const notes = new Set<string>();
  try {
    const translated = translate(text, notes);
    const check = checkCondition(translated, options);
    if (!check.ok) return { ok: false, error: check.error, translated };
    return { ok: true, condition: check.condition, notes: [...notes] };
  } catch (error) {
    if (error instanceof ConditionFault) return { ok: false, error: describeFault(text, error), translated: null };
    throw error;
  }
}

function translate(text: string, notes: Set<string>): string {
  const pieces: string[] = [];
  let at = 0;
  let pattern: 'anchored' | 'searched' | null = null;
  for (;;) {
    const start = skipBlank(text, at);
    if (start === text.length) return pieces.join(' ');
    const piece = readPiece(text, start, pattern, notes);
    pattern = piece.pattern ?? null;
    at = piece.end;
    pieces.push(piece.text);
  }
}

function skipBlank(text: string, from: number): number {
  const comment = /(?:[ \t\r\n]+|#[^\n]*)*/y;
  comment.lastIndex = from;
  comment.exec(text);
  return comment.lastIndex;
}

interface Piece {
  readonly text: string;
  readonly end: number;
  /** How the next string is to be read, when this is a pattern operator. */
  readonly pattern?: 'anchored' | 'searched';
}

function readPiece(text: string, start: number, pattern: Piece['pattern'] | null, notes: Set<string>): Piece {
  const operator = OPERATORS.find(({ symbol }) => text.startsWith(symbol, start));
  if (operator !== undefined) return { ...operator, end: start + operator.symbol.length };
  for (const { symbol, instead } of UNKNOWN) {
    if (text.startsWith(symbol, start))
      throw new ConditionFault(`"${symbol}" of rule-engine has no counterpart. ${instead}`, start);
  }
  const prefixed = /(?<prefix>[dt]?)(?<quote>["'])/y;
  prefixed.lastIndex = start;
  const groups = prefixed.exec(text)?.groups;
  if (groups !== undefined) return readQuoted(text, start, groups['prefix'] as string, pattern ?? null, notes);
  return readBinaryOrOctal(text, start) ?? readAttribute(text, start, notes) ?? readPlain(text, start);
}

/** Longest first. */
const OPERATORS: readonly (Omit<Piece, 'end'> & { readonly symbol: string })[] = [
  { symbol: '=~~', text: '=~', pattern: 'searched' },
  { symbol: '!~~', text: '!~', pattern: 'searched' },
  { symbol: '=~', text: '=~', pattern: 'anchored' },
  { symbol: '!~', text: '!~', pattern: 'anchored' },
  // Safe navigation: here every path is safe.
  { symbol: '&.', text: '.' },
  { symbol: '&[', text: '[' },
  { symbol: '$now', text: 'now' },
];

const UNKNOWN: readonly { readonly symbol: string; readonly instead: string }[] = [
  { symbol: '//', instead: 'Compare with a range instead of an integer quotient.' },
  { symbol: '**', instead: 'Write the product.' },
  { symbol: '<<', instead: 'There are no bit operations.' },
  { symbol: '>>', instead: 'There are no bit operations.' },
  { symbol: '&', instead: 'There are no bit operations; use "and".' },
  { symbol: '|', instead: 'There are no bit operations; use "or".' },
  { symbol: '^', instead: 'There are no bit operations.' },
  { symbol: '~', instead: 'There are no bit operations.' },
  { symbol: '$', instead: 'Of its built-in symbols only $now is known.' },
  { symbol: '{', instead: 'Use a list.' },
];

function readPlain(text: string, start: number): Piece {
  const token = readToken(text, start);
  if (token.kind === 'word' && token.value === 'for') {
    throw new ConditionFault('A comprehension has no counterpart; use list.exists(x, …) or list.all(x, …).', start);
  }
  if (token.kind === 'word' && (token.value === 'inf' || token.value === 'nan')) {
    throw new ConditionFault(`There is no "${token.value}" in JSON, and so none here.`, start);
  }
  return { text: text.slice(start, token.end), end: token.end };
}

function readBinaryOrOctal(text: string, start: number): Piece | null {
  const number = /0(?:b[01]+|o[0-7]+)/y;
  number.lastIndex = start;
  const digits = number.exec(text)?.[0];
  return digits === undefined ? null : { text: String(Number(digits)), end: start + digits.length };
}

/** Attributes that rule-engine adds to its types, and the methods that say the same. */
const ATTRIBUTES: ReadonlyMap<string, { readonly text: string; readonly note?: string }> = new Map([
  ['length', { text: '.size()' }],
  ['is_empty', { text: '.size() == 0' }],
  [
    'as_lower',
    {
      text: '.lowerAscii()',
      note: '"as_lower" became lowerAscii(), which leaves letters beyond A–Z; lower(x) changes them too.',
    },
  ],
  [
    'as_upper',
    {
      text: '.upperAscii()',
      note: '"as_upper" became upperAscii(), which leaves letters beyond a–z; upper(x) changes them too.',
    },
  ],
]);

function readAttribute(text: string, start: number, notes: Set<string>): Piece | null {
  const member = /\.\s*([a-z_]+)\b(?!\s*\()/y;
  member.lastIndex = start;
  const found = member.exec(text);
  const attribute = ATTRIBUTES.get(found?.[1] ?? '');
  if (found === null || attribute === undefined) return null;
  if (attribute.note !== undefined) notes.add(attribute.note);
  return { text: attribute.text, end: member.lastIndex };
}

function readQuoted(
  text: string,
  start: number,
  prefix: string,
  pattern: Piece['pattern'] | null,
  notes: Set<string>,
): Piece {
  const { value, end } = readPythonString(text, start + prefix.length);
  if (prefix === 'd') return { text: timestampText(value, start), end };
  if (prefix === 't') return { text: durationText(value, start), end };
  if (pattern !== 'anchored') return { text: printString(value), end };
  notes.add('Patterns of "=~" and "!~" are anchored at the start in rule-engine: they became "^(?:…)".');
  return { text: printString(`^(?:${value})`), end };
}

/** Python keeps the backslash of an escape it does not know, as in "\d". */
function readPythonString(text: string, quoteAt: number): { value: string; end: number } {
  const closed = /(["'])((?:\\.|(?!\1)[^\\\n\r])*)\1/y;
  closed.lastIndex = quoteAt;
  const inner = closed.exec(text)?.[2];
  if (inner === undefined) throw new ConditionFault('The string is not closed.', quoteAt);
  const value = inner.replace(
    /\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|([ntr\\"']))/g,
    (_, byte?: string, unit?: string, short?: string) =>
      short === undefined
        ? String.fromCharCode(Number.parseInt((byte ?? unit) as string, 16))
        : (PYTHON_ESCAPES[short] ?? short),
  );
  return { value, end: closed.lastIndex };
}

const PYTHON_ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

function timestampText(value: string, position: number): string {
  const text = value.trim().replace(/^(\d{4}-\d{2}-\d{2}) (?=\d)/, '$1T');
  if (parseTimestamp(text) !== null) return `d"${text}"`;
  throw new ConditionFault(
    'rule-engine reads this timestamp in the local zone; write it with one, as 2026-03-10T09:30:00Z.',
    position,
  );
}

/** ISO 8601 durations without years and months, which have no fixed length. */
function durationText(value: string, position: number): string {
  const parts = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(value);
  if (parts === null || value.length < 3)
    throw new ConditionFault(`"${value}" is not a duration of weeks, days and time.`, position);
  const units = [WEEK, DAY, HOUR, MINUTE, SECOND];
  const ms = units.reduce((sum, unit, at) => sum + Number(parts[at + 1] ?? 0) * unit, 0);
  return `duration("${ms}ms")`;
}

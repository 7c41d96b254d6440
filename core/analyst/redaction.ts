import type { FieldStatistics } from '../domain/analysis.ts';
import type { Cell } from '../domain/observation.ts';
import { personalKindOf } from '../detection/personal-data/personal-names.ts';
import { personalValueOf, withoutPersonalValues } from '../detection/personal-data/personal-values.ts';
import { isCommonWord } from './common-words.ts';

/**
 * What of a request may leave the company, and in what form. `strict`: no text of a record leaves but common words that
 * recur in a column of categories (common-words.ts); everything else is told by kind and length. `personal`: other texts leave too, cut
 * short, with personal data taken out. Personal data, credentials and long numbers leave in neither.
 */
export type RedactionMode = 'strict' | 'personal';

/** Longest name of a field, role or operation that is sent as it is. */
const MAX_NAME = 64;
/** Longest text shown in mode `personal`. */
const MAX_TEXT = 80;
/** What GraphQL calls a name: no blanks, no punctuation, so no sentence and no e-mail address. */
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Words with this many digits are numbers of something: orders, cards, people. */
const LONG_DIGITS = /\d{6}/;

/** A name of the schema or of the client's choosing: as it is when it is a plain identifier, else its length. */
export function safeName(name: string): string {
  return isSafeName(name) ? name : `[name of ${name.length} characters]`;
}

export function isSafeName(name: string): boolean {
  if (name.length > MAX_NAME || !IDENTIFIER.test(name) || LONG_DIGITS.test(name)) return false;
  // Recognisers of tokens start at a word boundary, which an underscore hides.
  return [name, ...name.split('_')].every((part) => withoutPersonalValues(part) === part && !looksRandom(part));
}

/** Dotted path, each segment by itself. */
export function safePath(path: string): string {
  return path.split('.').map(safeName).join('.');
}

/**
 * Path of a column for which only `known` paths (those of the query's selection, with the dataset's name in front) are
 * names of the schema: what follows the longest known one is a key in the data, such as the name of a person.
 */
export function safeColumnPath(dataset: string, path: string, known: ReadonlySet<string>): string {
  const segments = path.split('.');
  for (let length = segments.length; length > 0; length--) {
    if (!known.has(`${dataset}.${segments.slice(0, length).join('.')}`)) continue;
    const rest = segments.length - length;
    return safePath(segments.slice(0, length).join('.')) + (rest === 0 ? '' : `.[${rest} inner]`);
  }
  return safePath(path);
}

/** Four significant digits tell a magnitude and no identity. */
export function roundedNumber(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : 0;
}

/** A cell of a flagged record as it may leave. `words` are the column's category values that may stand in clear. */
export function safeCell(
  path: string,
  type: FieldStatistics['type'] | undefined,
  cell: Cell,
  words: ReadonlySet<string>,
  mode: RedactionMode,
): string | number | boolean | null {
  switch (typeof cell) {
    case 'boolean':
      return hiddenKind(path) === null ? cell : '[boolean, hidden]';
    case 'number':
      return safeNumber(path, type, cell);
    case 'string':
      return safeText(path, type, cell, words, mode);
    case 'undefined':
      return '[missing]';
    default:
      return cell === null ? null : `[list of ${cell.length}]`;
  }
}

function safeNumber(path: string, type: FieldStatistics['type'] | undefined, value: number): number | string {
  const kind = hiddenKind(path);
  if (kind !== null) return `[${kind}, number]`;
  if (type === 'identifier') return '[identifier, number]';
  // Telephone, card, account and social-security numbers stored as numbers; times in milliseconds are told as times.
  if (Number.isInteger(value) && Math.abs(value) >= 1e8) {
    return type === 'timestamp' ? '[time]' : `[integer of ${String(Math.abs(value)).length} digits]`;
  }
  return roundedNumber(value);
}

/** Month and hour tell what is odd about a time; the day would be somebody's birthday. */
const ISO_TIME = /^(\d{4}-\d{2})-\d{2}(?:[T ](\d{2}):\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

function safeText(
  path: string,
  type: FieldStatistics['type'] | undefined,
  text: string,
  words: ReadonlySet<string>,
  mode: RedactionMode,
): string {
  const head = text.slice(0, 256);
  const kind = personalValueOf(head) ?? hiddenKind(path);
  if (kind !== null) return `[${kind}, ${text.length} characters]`;
  const time = type === 'timestamp' ? ISO_TIME.exec(head) : null;
  if (time) return time[2] === undefined ? `[date in ${time[1]}]` : `[time in ${time[1]}, ${time[2]}:00]`;
  if (words.has(text)) return text;
  if (mode === 'strict' || type === 'identifier') return `[text of ${text.length} characters]`;
  return shownText(text);
}

/** The part of a text that mode `personal` shows: one line, personal data and long digits taken out, cut. */
function shownText(text: string): string {
  const clean = withoutPersonalValues(text)
    .replaceAll(/\d{6,}/g, (digits) => `[${digits.length} digits]`)
    .replaceAll(/\S+/g, (word) => (looksRandom(word) ? `[token, ${word.length} characters]` : word));
  return clean.length <= MAX_TEXT ? clean : `${clean.slice(0, MAX_TEXT - 1)}…`;
}

/**
 * Values of a column that may stand in clear: common words that recur in a column of categories whose name does not say
 * that it holds people.
 */
export function openWords(path: string, statistics: Pick<FieldStatistics, 'type' | 'topValues'>): ReadonlySet<string> {
  if (statistics.type !== 'categorical' && statistics.type !== 'boolean') return NO_WORDS;
  if (hiddenKind(path) !== null) return NO_WORDS;
  const words = statistics.topValues.flatMap(({ value, count }) => {
    const word = value.startsWith('"') ? unquoted(value) : value;
    return count >= MIN_RECURRENCE && isCommonWord(word) ? [word] : [];
  });
  return new Set(words);
}

const NO_WORDS: ReadonlySet<string> = new Set();
const MIN_RECURRENCE = 3;

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return '';
  }
}

/** What a column hides by its name: personal data of the catalogue, or people, whose names have no form. */
export function hiddenKind(path: string): string | null {
  let kind = kinds.get(path);
  if (kind === undefined) {
    kind = personalKindOf(path) ?? (PERSON_COLUMN.test(path) ? 'name' : null);
    if (kinds.size >= MAX_KINDS) kinds.clear();
    kinds.set(path, kind);
  }
  return kind;
}

/** Asked for every cell, answered by the column's name alone. */
const kinds = new Map<string, string | null>();
const MAX_KINDS = 5_000;

/** Columns that usually hold a person's name though nothing in the word says so; wrong guesses only hide more. */
const PERSON_COLUMN =
  /(?:^|[._-])(?:name|names|customer|client|contact|person|people|user|username|login|nick(?:name)?|author|owner|assignee|employee|manager|agent|patient|doctor|member|guest|driver|recipient|sender|beneficiary|payee|payer|supplier|artist|composer|signature|\w+_by)$|[a-z](?:Name|By|Contact|Owner|Author)$/i;

/** Keys and tokens of unknown make: long, with letters and digits mixed, as no word is. */
function looksRandom(word: string): boolean {
  if (word.length < 16) return false;
  const changes = word.match(/[A-Za-z](?=\d)|\d(?=[A-Za-z])/g)?.length ?? 0;
  return changes >= 3 || /^[0-9a-f]{16,}$/i.test(word);
}

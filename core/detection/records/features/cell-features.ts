import type { Cell } from '../../../domain/observation.ts';
import type { Instant } from '../../../domain/time.ts';
import type { KeyedHash } from './keyed-hash.ts';
import { textForm } from './text-shape.ts';

/**
 * What history keeps of one cell instead of its value: a JSON value, so that a record's features are one JSON object.
 *
 * | cell | feature |
 * |---|---|
 * | number | the number; one that JSON can't carry (1e999 parses to Infinity) as its text, `"Infinity"` |
 * | boolean, null | itself |
 * | key the record lacks | `"-"` |
 * | text | `[hash, length, shape, digits, upper, nonAscii]`, plus `"n", value` for numeric text, `"t", epochMs` for an ISO 8601 time or `"r", digits` for a text that ends with a number that begins with 1 |
 * | list | `[length, distinct scalars, smallest number or null, largest number or null]` |
 */
export type CellFeature =
  | number
  | boolean
  | null
  | typeof MISSING
  | 'Infinity'
  | '-Infinity'
  | 'NaN'
  | TextFeature
  | ListFeature;

export const MISSING = '-';

export type TextFeature =
  | readonly [hash: string, length: number, shape: string, digits: number, upper: number, nonAscii: number]
  | readonly [
      hash: string,
      length: number,
      shape: string,
      digits: number,
      upper: number,
      nonAscii: number,
      parsed: 'n' | 't' | 'r',
      value: number,
    ];

export type ListFeature = readonly [length: number, distinct: number, min: number | null, max: number | null];

/** Elements of a list that are looked at; its length is always exact. */
const LOOKED_AT = 1_000;
const MAX_NUMERIC_TEXT = 40;
/** No leading zeros: "007" and "000-00-0000" are identifiers. Dates, addresses and versions are not numbers (defect D5). */
const NUMERIC_TEXT = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$/;
const ISO_TIME =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

export function cellFeature(cell: Cell, hash: KeyedHash): CellFeature {
  switch (typeof cell) {
    case 'number':
      return Number.isFinite(cell) ? cell : (String(cell) as 'Infinity' | '-Infinity' | 'NaN');
    case 'boolean':
      return cell;
    case 'string':
      return textFeature(cell, hash);
    case 'undefined':
      return MISSING;
    default:
      return cell === null ? null : listFeature(cell);
  }
}

export function isText(feature: CellFeature | undefined): feature is TextFeature {
  return Array.isArray(feature) && typeof feature[0] === 'string';
}

export function isList(feature: CellFeature | undefined): feature is ListFeature {
  return Array.isArray(feature) && typeof feature[0] === 'number';
}

/** Value of a numeric text, or undefined. */
export function numericText(feature: TextFeature): number | undefined {
  return feature[6] === 'n' ? feature[7] : undefined;
}

/** Instant of an ISO 8601 text (UTC where it names no offset), or undefined. */
export function timeText(feature: TextFeature): Instant | undefined {
  return feature[6] === 't' ? feature[7] : undefined;
}

function textFeature(text: string, hash: KeyedHash): TextFeature {
  const { shape, digits, upper, nonAscii } = textForm(text);
  const form = [hash(text), text.length, shape, digits, upper, nonAscii] as const;
  const parsed = parse(text) ?? referenceBeginningWithOne(text);
  return parsed === undefined ? form : [...form, ...parsed];
}

function parse(text: string): readonly ['n' | 't', number] | undefined {
  const first = text.charCodeAt(0);
  const second = text.charCodeAt(1);
  const startsLikeNumber = (first >= 48 && first <= 57) || (first === 45 && second >= 48 && second <= 57);
  if (!startsLikeNumber || text.length > MAX_NUMERIC_TEXT) return undefined;
  if (NUMERIC_TEXT.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? ['n', value] : undefined;
  }
  if (!ISO_TIME.test(text)) return undefined;
  const at = Date.parse(asUtc(text));
  return Number.isNaN(at) ? undefined : ['t', at];
}

/** What tells INV-1000, which follows INV-999, from INV-5318 (running-reference.ts); more of a reference is not kept. */
const BEGINS_WITH_ONE = /\D(1\d{0,11})$/;

function referenceBeginningWithOne(text: string): readonly ['r', number] | undefined {
  const last = text.charCodeAt(text.length - 1);
  if (!(last >= 48 && last <= 57) || text.length > MAX_NUMERIC_TEXT) return undefined;
  const digits = BEGINS_WITH_ONE.exec(text)?.[1];
  return digits === undefined ? undefined : ['r', digits.length];
}

/** A time without an offset is read as UTC: the zone of the process must not change a feature. */
function asUtc(text: string): string {
  if (text.length === 10) return text;
  const iso = text.charAt(10) === ' ' ? `${text.slice(0, 10)}T${text.slice(11)}` : text;
  const hasOffset = iso.endsWith('Z') || /[+-]\d{2}:?\d{2}$/.test(iso.slice(11));
  return hasOffset ? iso.replace(/([+-]\d{2})(\d{2})$/, '$1:$2') : `${iso}Z`;
}

function listFeature(list: readonly unknown[]): ListFeature {
  const seen = new Set<unknown>();
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  const looked = Math.min(list.length, LOOKED_AT);
  for (let i = 0; i < looked; i++) {
    const element = list[i];
    if (typeof element !== 'object') seen.add(element);
    if (typeof element === 'number' && Number.isFinite(element)) {
      if (element < min) min = element;
      if (element > max) max = element;
    }
  }
  return [list.length, seen.size, min <= max ? min : null, min <= max ? max : null];
}

import type { MaskSpec } from '../domain/kill-switch-rule.ts';
import { type ExactNumber, isExactNumber } from './exact-json.ts';
import { isRecord } from './foreign-object.ts';
import { type KeyedHash, pseudonymOf } from './pseudonym.ts';

/** Levels of a list or object that are masked leaf by leaf; what lies deeper becomes null as a whole. */
const MAX_DEPTH = 32;

/**
 * The masked form of a value. A leaf keeps its type, so that a client's decoder still reads it, except under the mask
 * `null`; null stays null. Lists and objects are masked leaf by leaf.
 */
export function maskValue(value: unknown, spec: MaskSpec, hash: KeyedHash, depth = 0): unknown {
  if (value === null || value === undefined || depth > MAX_DEPTH) return null;
  if (Array.isArray(value)) return value.map((item) => maskValue(item, spec, hash, depth + 1));
  if (isRecord(value) && !isExactNumber(value)) {
    const entries = Object.entries(value).map(([key, item]) => [key, maskValue(item, spec, hash, depth + 1)] as const);
    return Object.fromEntries(entries);
  }
  if (spec.mask === 'null') return null;
  if (typeof value === 'string') return maskText(value, spec, hash);
  if (typeof value === 'number' || isExactNumber(value)) return maskNumber(value, spec, hash);
  return false;
}

type LeafMask = Exclude<MaskSpec, { mask: 'null' }>;

function maskText(text: string, spec: LeafMask, hash: KeyedHash): string {
  switch (spec.mask) {
    case 'fixed':
      return spec.text;
    case 'hash':
      return pseudonymOf(text, hash);
    case 'keep_last': {
      const characters = Array.from(text);
      // A text no longer than what may be seen is hidden whole.
      const shown = characters.length > spec.count ? spec.count : 0;
      return '*'.repeat(characters.length - shown) + characters.slice(characters.length - shown).join('');
    }
  }
}

function maskNumber(value: number | ExactNumber, spec: LeafMask, hash: KeyedHash): number {
  switch (spec.mask) {
    case 'fixed': {
      const fixed = spec.text.trim() === '' ? Number.NaN : Number(spec.text);
      return Number.isFinite(fixed) ? fixed : 0;
    }
    case 'hash':
      // Seven hexadecimal digits stay within a GraphQL Int; there is no room for the proof that texts have.
      return Number.parseInt(hash(numberText(value)).slice(0, 7), 16);
    case 'keep_last': {
      const number = Number(numberText(value));
      const hasMore = Number.isSafeInteger(number) && String(Math.abs(number)).length > spec.count;
      return hasMore ? number % 10 ** spec.count : 0;
    }
  }
}

/** One text for one value, however it is written: `1.10` is 1.1, but large integers differ in any digit. */
function numberText(value: number | ExactNumber): string {
  if (typeof value === 'number') return String(value);
  return /^-?[1-9][0-9]*$/.test(value.rawJSON) ? value.rawJSON : String(Number(value.rawJSON));
}

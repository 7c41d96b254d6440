/**
 * What every database takes and gives back unchanged: no U+0000, which PostgreSQL can't hold, and no lone surrogate,
 * which UTF-8 can't.
 */
export function isStorableText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/**
 * At most `length` UTF-16 units of a text that is nobody's to correct: U+FFFD in place of what no database holds. A pair
 * of surrogates is not cut in two.
 */
export function storableText(text: string, length: number): string {
  const end = text.length > length && isHighSurrogate(text.charCodeAt(length - 1)) ? length - 1 : length;
  return text.slice(0, end).toWellFormed().replaceAll('\0', '\ufffd');
}

/** JSON text of a value whose texts, keys among them, are storable. */
export function storableJson(value: unknown): string {
  const text = JSON.stringify(value);
  // JSON.stringify escapes exactly these; what follows an escaped backslash may look alike and is cleaned in vain.
  return UNSTORABLE_ESCAPE.test(text) ? JSON.stringify(cleaned(JSON.parse(text))) : text;
}

const UNSTORABLE_ESCAPE = /\\u(?:0000|d[89a-f])/;

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value, Infinity);
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [storableText(key, Infinity), cleaned(inner)]));
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

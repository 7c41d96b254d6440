/**
 * The form of a text without its content: what identifiers, dates and free text differ in. Two e-mail addresses have one
 * shape, an e-mail address and a telephone number don't.
 */
export interface TextForm {
  /** Character-class pattern, at most 24 tokens: `A` upper-case run, `a` lower-case run, `Aa` capitalised, `9` digits, `x` mixed. */
  readonly shape: string;
  /** Shares of the looked-at characters, 0–1. */
  readonly digits: number;
  readonly upper: number;
  readonly nonAscii: number;
}

/** Characters looked at; enough to see the form of a text of any length in bounded time. */
const LOOKED_AT = 256;
const MAX_TOKENS = 24;

const DIGIT = 1;
const UPPER = 2;
const LOWER = 4;
const OTHER = 8;

/** Class of each ASCII character; 0 is a separator, which appears in the shape as itself. */
const CLASSES = Uint8Array.from({ length: 128 }, (_, code) => {
  if (code >= 48 && code <= 57) return DIGIT;
  if (code >= 65 && code <= 90) return UPPER;
  if (code >= 97 && code <= 122) return LOWER;
  return 0;
});

const WHOLE_SHAPES: readonly (readonly [RegExp, string])[] = [
  [/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i, 'uuid'],
  [/^[0-9a-f]{24,128}$/i, 'hex'],
  [/^[^\s@]+@[^\s@]+\.[^\s@]+$/, 'e-mail'],
  [/^[a-z][a-z0-9+.-]*:\/\//i, 'url'],
];

export function textForm(text: string): TextForm {
  const length = Math.min(text.length, LOOKED_AT);
  let digits = 0;
  let upper = 0;
  let nonAscii = 0;
  let tokens = 0;
  let shape = '';
  let last = '';
  let repeated = false;
  let position = 0;
  while (position < length) {
    const start = position;
    let seen = 0;
    let uppers = 0;
    for (; position < length; position++) {
      const code = text.charCodeAt(position);
      const kind = code < 128 ? (CLASSES[code] as number) : OTHER;
      if (kind === 0) break;
      seen |= kind;
      if (kind === DIGIT) digits++;
      else if (kind === UPPER) uppers++;
      else if (kind === OTHER) nonAscii++;
    }
    upper += uppers;
    const separator = position < length ? text.charAt(position++) : '';
    if (tokens >= MAX_TOKENS) continue;
    const run = position - start - separator.length;
    const token = (run === 0 ? '' : tokenOf(seen, uppers)) + separator;
    // "a a a a" and "a a a" are one form: sentences must not have a shape of their own each.
    if (token === last) {
      if (!repeated) shape += '+';
      repeated = true;
      continue;
    }
    shape += token;
    last = token;
    repeated = false;
    tokens++;
  }
  return {
    shape: wholeShape(text) ?? shape,
    digits: share(digits, length),
    upper: share(upper, length),
    nonAscii: share(nonAscii, length),
  };
}

function tokenOf(seen: number, uppers: number): string {
  switch (seen) {
    case DIGIT:
      return '9';
    case UPPER:
      return 'A';
    case LOWER:
      return 'a';
    case UPPER | LOWER:
      return uppers === 1 ? 'Aa' : 'aA';
    default:
      return (seen & OTHER) === 0 ? 'x' : (seen & DIGIT) === 0 ? 'ü' : 'xü';
  }
}

function wholeShape(text: string): string | undefined {
  if (text.length < 6 || text.length > LOOKED_AT) return undefined;
  for (const [pattern, name] of WHOLE_SHAPES) if (pattern.test(text)) return name;
  return undefined;
}

/** Two decimals: finer shares would only make the stored features longer. */
function share(count: number, length: number): number {
  return length === 0 ? 0 : Math.round((100 * count) / length) / 100;
}

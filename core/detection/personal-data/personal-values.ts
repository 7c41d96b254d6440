import { luhnSumOf, NATIONAL_IDS } from './national-ids.ts';

/** What personal data a text is by its form alone. */
export type PersonalValue = 'e-mail' | 'phone' | 'card' | 'iban' | 'national id' | 'token';

interface Recogniser {
  readonly kind: PersonalValue;
  /** Where in a text it may stand; each pattern is linear in the text's length. */
  readonly pattern: RegExp;
  readonly confirms: (match: string) => boolean;
}

const always = (): boolean => true;

/** Strict first: a card number also looks like a phone number, one in ten INSEE numbers like a card number. */
const RECOGNISERS: readonly Recogniser[] = [
  {
    kind: 'token',
    pattern: /-----BEGIN [A-Z0-9 ]{1,40}-----(?:[\s\S]*?-----END [A-Z0-9 ]{1,40}-----|[\s\S]*$)/g,
    confirms: always,
  },
  { kind: 'token', pattern: /\b[Bb]earer +[\w.~+/-]{16,}=*/g, confirms: hasDigit },
  { kind: 'token', pattern: /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, confirms: always },
  { kind: 'token', pattern: /\b(?:sk|pk|ghp|gho|xox[abp]|AKIA)[-_A-Za-z0-9]{16,}/g, confirms: always },
  { kind: 'token', pattern: /\b(?:AIza[\w-]{35}|glpat-[\w-]{20,}|github_pat_\w{22,})/g, confirms: always },
  {
    kind: 'e-mail',
    pattern: /[\p{L}\p{N}_.+'-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63})+/gu,
    confirms: always,
  },
  { kind: 'iban', pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b/g, confirms: isIban },
  ...NATIONAL_IDS.map(({ pattern, confirms }) => ({ kind: 'national id' as const, pattern, confirms })),
  { kind: 'card', pattern: /\b\d(?:[ -]?\d){12,18}\b/g, confirms: isCardNumber },
  { kind: 'phone', pattern: /(?:\+|\b00)\d{1,3}[ ()./-]*\d(?:[ ()./-]{0,3}\d){5,12}\b/g, confirms: always },
  { kind: 'phone', pattern: /\(\d{2,4}\)[ -]?\d{3,4}[ -]?\d{3,5}\b/g, confirms: always },
  // National forms: North America in threes and four, elsewhere an area code that begins with the trunk digit 0.
  { kind: 'phone', pattern: /(?<![\w.,-])[2-9]\d{2}([-. ])\d{3}\1\d{4}(?![\w-])/g, confirms: always },
  { kind: 'phone', pattern: /(?<![\w.,/-])0[1-9](?:([ .-])\d{2})(?:\1\d{2}){3}(?![\w-])/g, confirms: always },
  {
    kind: 'phone',
    pattern: /(?<![\w.,/-])0[1-9]\d{0,3}([ /-])\d{2,8}(?:\1\d{2,8}){0,3}(?![\w-])/g,
    confirms: isTrunkCall,
  },
];

/** Longer texts are read up to here: enough to find what they are, bounded for whoever sends a megabyte. */
const TEXT_READ = 1_024;

/** The same for a text that is nothing else: tried at its beginning only, so that prose fails at once. */
const WHOLE_RECOGNISERS: readonly Recogniser[] = RECOGNISERS.map(({ kind, pattern, confirms }) => ({
  kind,
  pattern: new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace('g', '')),
  confirms,
}));

/** The kind of personal data a whole text is, or null. */
export function personalValueOf(text: string): PersonalValue | null {
  const trimmed = text.trim();
  if (trimmed.length < 6 || trimmed.length > 256) return null;
  for (const { kind, pattern, confirms } of WHOLE_RECOGNISERS) {
    if (pattern.test(trimmed) && confirms(trimmed)) return kind;
  }
  return null;
}

/** The kind of most of a column's texts and numbers when their form alone shows it, or null. At most 20 are read. */
export function personalKindOfCells(cells: readonly unknown[]): PersonalValue | null {
  const counts = new Map<PersonalValue, number>();
  let read = 0;
  for (const cell of cells) {
    if (typeof cell !== 'string' && typeof cell !== 'number') continue;
    read++;
    const kind = typeof cell === 'string' ? personalValueOf(cell) : personalNumberOf(cell);
    if (kind !== null) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    if (read === 20) break;
  }
  for (const [kind, count] of counts) if (count * 2 > read) return kind;
  return null;
}

/** Numbers of the large issuers: Visa, Mastercard, American Express, Diners, Discover, JCB. */
const ISSUED =
  /^(?:4\d{12}(?:\d{3})?|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3[068]\d{12}|6(?:011|4[4-9]\d|5\d\d)\d{12}|35\d{14})$/;

/** One in ten of all numbers has the Luhn sum of a card, times in milliseconds too: a number needs its issuer's form. */
function personalNumberOf(value: number): PersonalValue | null {
  if (!Number.isSafeInteger(value)) return null;
  const digits = String(value);
  return ISSUED.test(digits) && isCardNumber(digits) ? 'card' : null;
}

/** The text with every personal value inside it replaced by its kind, cut to a readable length. */
export function withoutPersonalValues(text: string): string {
  let clean = text.slice(0, TEXT_READ);
  for (const { kind, pattern, confirms } of RECOGNISERS) {
    clean = clean.replace(pattern, (match) => (confirms(match) ? `[${kind}]` : match));
  }
  return clean;
}

/** ISO/IEC 7812: 13–19 digits whose Luhn sum (Luhn, 1960) is a multiple of ten. */
export function isCardNumber(text: string): boolean {
  const digits = text.replaceAll(/[ -]/g, '');
  if (!/^\d{13,19}$/.test(digits) || /^(\d)\1*$/.test(digits)) return false;
  return luhnSumOf(digits) % 10 === 0;
}

/** ISO 13616: the number formed by letters as 10–35, country and check digits last, leaves 1 modulo 97. */
export function isIban(text: string): boolean {
  const compact = text.replaceAll(' ', '').toUpperCase();
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(compact)) return false;
  let remainder = 0;
  for (const character of compact.slice(4) + compact.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder === 1;
}

/** "bearer responsibilities" is prose. */
function hasDigit(text: string): boolean {
  return /\d/.test(text);
}

/** Ten to twelve digits, and no date with something behind it. */
function isTrunkCall(text: string): boolean {
  const digits = text.replaceAll(/\D/g, '').length;
  return digits >= 10 && digits <= 12 && !/^\d{2}[ /-]\d{2}[ /-](?:19|20)\d{2}/.test(text);
}

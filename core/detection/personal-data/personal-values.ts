/** What personal data a text is by its form alone. */
export type PersonalValue = 'e-mail' | 'phone' | 'card' | 'iban' | 'national id' | 'token';

interface Recogniser {
  readonly kind: PersonalValue;
  /** Where in a text it may stand; each pattern is linear in the text's length. */
  readonly pattern: RegExp;
  readonly confirms: (match: string) => boolean;
}

const always = (): boolean => true;

/** Strict first: a card number also looks like a phone number. */
const RECOGNISERS: readonly Recogniser[] = [
  { kind: 'token', pattern: /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, confirms: always },
  { kind: 'token', pattern: /\b(?:sk|pk|ghp|gho|xox[abp]|AKIA)[-_A-Za-z0-9]{16,}/g, confirms: always },
  {
    kind: 'e-mail',
    pattern: /[\p{L}\p{N}_.+'-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63})+/gu,
    confirms: always,
  },
  { kind: 'iban', pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b/g, confirms: isIban },
  { kind: 'card', pattern: /\b\d(?:[ -]?\d){12,18}\b/g, confirms: isCardNumber },
  { kind: 'national id', pattern: /\b\d{3}-\d{2}-\d{4}\b/g, confirms: isSocialSecurityNumber },
  { kind: 'phone', pattern: /(?:\+|\b00)\d{1,3}[ ()./-]*\d(?:[ ()./-]{0,3}\d){5,12}\b/g, confirms: always },
  { kind: 'phone', pattern: /\(\d{2,4}\)[ -]?\d{3,4}[ -]?\d{3,5}\b/g, confirms: always },
];

/** Longer texts are read up to here: enough to find what they are, bounded for whoever sends a megabyte. */
const TEXT_READ = 1_024;

/** The kind of personal data a whole text is, or null. */
export function personalValueOf(text: string): PersonalValue | null {
  const trimmed = text.trim();
  if (trimmed.length < 6 || trimmed.length > 256) return null;
  for (const { kind, pattern, confirms } of RECOGNISERS) {
    pattern.lastIndex = 0;
    const match = pattern.exec(trimmed)?.[0];
    if (match === trimmed && confirms(match)) return kind;
  }
  return null;
}

/** The kind of most of a column's texts when their form alone shows it, or null. At most 20 cells are read. */
export function personalKindOfCells(cells: readonly unknown[]): PersonalValue | null {
  const counts = new Map<PersonalValue, number>();
  let texts = 0;
  for (const cell of cells) {
    if (typeof cell !== 'string') continue;
    texts++;
    const kind = personalValueOf(cell);
    if (kind !== null) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    if (texts === 20) break;
  }
  for (const [kind, count] of counts) if (count * 2 > texts) return kind;
  return null;
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
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = digit * 2;
    sum += i % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
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

/** United States: no area 000, 666 or 9xx, no group 00, no serial 0000. */
function isSocialSecurityNumber(text: string): boolean {
  return !/^(?:000|666|9\d\d)|-00-|-0000$/.test(text);
}

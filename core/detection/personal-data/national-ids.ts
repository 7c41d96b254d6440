/** How a country writes the number of a person, and what tells it from other numbers. */
export interface NationalId {
  /** Linear in the text's length; matches whole words only. */
  readonly pattern: RegExp;
  readonly confirms: (match: string) => boolean;
}

/**
 * Bare digits are taken for an id only where check digits confirm them, and where the form alone lets few numbers
 * through: among random integers of the right length fewer than 1 in 50 are (national-ids.test.ts).
 */
export const NATIONAL_IDS: readonly NationalId[] = [
  // United States, social security number: no check digit, but its hyphens.
  { pattern: /\b\d{3}-\d{2}-\d{4}\b/g, confirms: isSocialSecurityNumber },
  // United Kingdom, national insurance number: no check digit; HMRC's manual NIM39110 excludes the prefixes.
  {
    pattern: /\b(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b/g,
    confirms: () => true,
  },
  // Brazil, CPF.
  { pattern: /(?<![\w.-])\d{3}\.?\d{3}\.?\d{3}-?\d{2}(?![\w-])/g, confirms: isCpf },
  // Spain, DNI and, with a first letter, NIE.
  { pattern: /\b(?:[XYZ]-?\d{7}|\d{8})-?[A-Z]\b/g, confirms: isDniOrNie },
  // France, INSEE number: sex, year, month, department, commune, serial number, key.
  {
    pattern: /(?<![\w.-])[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}(?![\w-])/g,
    confirms: isInsee,
  },
  // Sweden, personnummer: a birth date (the day plus 60 for a coordination number), a serial number, a check digit.
  {
    pattern:
      /(?<![\w.-])(?:(?:(?:19|20)\d{2}|\d{2})(?:0[1-9]|1[0-2])(?:[06][1-9]|[1278]\d|[39][01])[-+]|\d{2}(?:0[1-9]|1[0-2])(?:[06][1-9]|[1278]\d|[39][01]))\d{4}(?![\w-])/g,
    confirms: isPersonnummer,
  },
  // Germany, tax identification number.
  { pattern: /(?<![\w.-])[1-9]\d ?\d{3} ?\d{3} ?\d{3}(?![\w-])/g, confirms: isGermanTaxId },
];

/** No area 000, 666 or 9xx, no group 00, no serial 0000. */
function isSocialSecurityNumber(text: string): boolean {
  return !/^(?:000|666|9\d\d)|-00-|-0000$/.test(text);
}

/** Receita Federal: two check digits, each 11 minus the weighted sum modulo 11, 10 and 11 counting as 0. */
function isCpf(text: string): boolean {
  const digits = digitsOf(text);
  if (digits.every((digit) => digit === digits[0])) return false;
  return [9, 10].every((length) => {
    const sum = digits.slice(0, length).reduce((total, digit, i) => total + digit * (length + 1 - i), 0);
    return ((sum * 10) % 11) % 10 === digits[length];
  });
}

/** Real Decreto 1553/2005: the letter stands at the number modulo 23; X, Y and Z of an NIE count as 0, 1 and 2. */
function isDniOrNie(text: string): boolean {
  const compact = text.replaceAll('-', '');
  const number = Number(compact.slice(0, -1).replace(/^[XYZ]/, (letter) => String('XYZ'.indexOf(letter))));
  return 'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23] === compact.at(-1);
}

/** INSEE: the key is 97 minus the first 13 digits modulo 97; Corsica's departments 2A and 2B count as 19 and 18. */
function isInsee(text: string): boolean {
  const digits = text.replaceAll(' ', '').replace('2A', '19').replace('2B', '18');
  return 97 - (Number(digits.slice(0, 13)) % 97) === Number(digits.slice(13));
}

/** Skatteverket: the Luhn sum of the last ten digits is a multiple of ten. */
function isPersonnummer(text: string): boolean {
  return luhnSumOf(text.replaceAll(/\D/g, '').slice(-10)) % 10 === 0;
}

/**
 * Bundeszentralamt für Steuern: of the first ten digits exactly one occurs twice or three times, the others at most
 * once; the last is the check digit of ISO/IEC 7064, MOD 11,10.
 */
function isGermanTaxId(text: string): boolean {
  const digits = digitsOf(text);
  const counts = Array.from({ length: 10 }, (_, digit) => digits.slice(0, 10).filter((d) => d === digit).length);
  const repeated = counts.filter((count) => count > 1);
  if (repeated.length !== 1 || (repeated[0] as number) > 3) return false;
  let product = 10;
  for (const digit of digits.slice(0, 10)) {
    const sum = (digit + product) % 10;
    product = ((sum === 0 ? 10 : sum) * 2) % 11;
  }
  return (11 - product) % 10 === digits[10];
}

function digitsOf(text: string): number[] {
  return Array.from(text.replaceAll(/\D/g, ''), Number);
}

/** Luhn (1960): from the right every second digit is doubled, of two digits their sum is taken. */
export function luhnSumOf(digits: string): number {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = digit * 2;
    sum += i % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum;
}

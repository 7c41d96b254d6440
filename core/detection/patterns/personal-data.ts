import type { PersonalValue } from './personal-values.ts';
import { personalValueOf, withoutPersonalValues } from './personal-values.ts';

/** What personal data a column holds, by its name. */
export type PersonalKind =
  | PersonalValue
  | 'name'
  | 'address'
  | 'birth date'
  | 'account'
  | 'credential'
  | 'trait'
  | 'pay';

/** Words of a column name that make it personal; a phrase needs its words next to each other. English, as schemas are. */
const CATALOGUE = {
  'e-mail': ['email', 'e mail', 'mail address'],
  phone: ['phone', 'telephone', 'mobile', 'cell', 'fax', 'msisdn', 'whatsapp'],
  card: ['card number', 'credit card', 'cc number', 'cvv', 'cvc', 'card holder', 'cardholder'],
  iban: ['iban'],
  'national id': [
    'ssn',
    'social security',
    'national id',
    'passport',
    'tax id',
    'tin',
    'nino',
    'identity number',
    'id card',
    'driver license',
    'driving licence',
    'licence number',
    'license number',
  ],
  token: ['token', 'api key', 'access key', 'session id', 'cookie'],
  credential: ['password', 'passwd', 'pwd', 'secret', 'pin', 'private key', 'otp', 'salt', 'password hash'],
  name: ['first name', 'last name', 'full name', 'given name', 'family name', 'middle name', 'surname', 'maiden name'],
  address: ['address', 'street', 'postal code', 'postcode', 'zip', 'zip code', 'latitude', 'longitude', 'ip'],
  'birth date': ['birth', 'birthday', 'birthdate', 'dob', 'date of birth'],
  account: ['account number', 'bank account', 'routing number', 'sort code', 'bic'],
  trait: ['gender', 'religion', 'ethnicity', 'nationality', 'marital status', 'diagnosis', 'blood type', 'disability'],
  pay: ['salary', 'wage', 'payroll', 'income'],
} as const satisfies Record<PersonalKind, readonly string[]>;

const PHRASES: readonly (readonly [phrase: string, kind: PersonalKind])[] = Object.entries(CATALOGUE).flatMap(
  ([kind, phrases]) => phrases.map((phrase) => [` ${phrase} `, kind as PersonalKind] as const),
);

/** Names that hold one of the words and no person's data. */
const HARMLESS = [' email count ', ' has email ', ' token count ', ' zip file ', ' cell count ', ' address count '];

/** The personal data a field holds by the last part of its dotted path, or null: `customers.e_mail` → `e-mail`. */
export function personalKindOf(path: string): PersonalKind | null {
  const words = wordsOf(path.slice(path.lastIndexOf('.') + 1));
  if (HARMLESS.some((phrase) => words.includes(phrase))) return null;
  return PHRASES.find(([phrase]) => words.includes(phrase))?.[1] ?? null;
}

/** `billingPostalCode`, `billing_postal_code` → ` billing postal code `. */
function wordsOf(name: string): string {
  const spaced = name
    .slice(0, 128)
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2');
  return ` ${spaced
    .replaceAll(/[^A-Za-z\d]+/g, ' ')
    .trim()
    .toLowerCase()} `;
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

/** Longest text shown of a value that is not personal. */
const SHOWN_CHARACTERS = 80;

/**
 * A value as it may stand in a finding: personal data – by the field's name or the value's form – reduced to its kind
 * and what tells two of them apart, everything else cut to 80 characters. Null and missing stay null.
 */
export function redact(value: unknown, path: string): string | null {
  if (value === null || value === undefined) return null;
  const kind = personalKindOf(path);
  if (typeof value !== 'string') {
    return kind === null ? shorten(withoutPersonalValues(JSON.stringify(value) ?? '')) : `[${kind}]`;
  }
  const found = personalValueOf(value) ?? kind;
  return found === null ? shorten(withoutPersonalValues(value)) : REDUCED[found](value, found);
}

type Reduce = (value: string, kind: PersonalKind) => string;

const kindOnly: Reduce = (_value, kind) => `[${kind}]`;
const lastFour: Reduce = (value, kind) => {
  const digits = value.replaceAll(/\W/g, '');
  return digits.length < 8 ? `[${kind}]` : `[${kind} …${digits.slice(-4)}]`;
};
const lengthOnly: Reduce = (value, kind) => `[${kind}, ${value.length} characters]`;

const REDUCED: Readonly<Record<PersonalKind, Reduce>> = {
  'e-mail': (value, kind) => {
    const top = /\.([A-Za-z]{2,10})$/.exec(value)?.[1];
    return top === undefined ? `[${kind}]` : `[${kind} …@….${top}]`;
  },
  phone: lastFour,
  card: lastFour,
  iban: lastFour,
  account: lastFour,
  'national id': kindOnly,
  token: kindOnly,
  credential: kindOnly,
  'birth date': kindOnly,
  trait: kindOnly,
  pay: kindOnly,
  name: lengthOnly,
  address: lengthOnly,
};

function shorten(text: string): string {
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS - 1)}…`;
}

import type { PersonalValue } from './personal-values.ts';

/** What personal data a column holds, by its name or by the form of its values: the one catalogue of the project. */
export type PersonalKind =
  | PersonalValue
  | 'name'
  | 'address'
  | 'birth date'
  | 'account'
  | 'credential'
  | 'trait'
  | 'pay';

/**
 * Words of a column name that make it personal; a phrase needs its words next to each other or written as one, as
 * PostgreSQL folds `firstName` to `firstname`. English, as schemas are.
 */
const CATALOGUE = {
  'e-mail': ['email', 'e mail', 'mail address', 'email address'],
  phone: [
    'phone',
    'phone number',
    'home phone',
    'work phone',
    'mobile phone',
    'cell phone',
    'mobile number',
    'telephone',
    'telephone number',
    'mobile',
    'cell',
    'fax',
    'fax number',
    'msisdn',
    'whatsapp',
  ],
  card: ['card number', 'credit card', 'credit card number', 'cc number', 'cvv', 'cvc', 'card holder'],
  iban: ['iban'],
  'national id': [
    'ssn',
    'social security',
    'social security number',
    'national id',
    'passport',
    'passport number',
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
  token: ['token', 'access token', 'refresh token', 'auth token', 'api key', 'access key', 'session id', 'cookie'],
  credential: ['password', 'passwd', 'pwd', 'secret', 'pin', 'private key', 'otp', 'salt', 'password hash'],
  name: [
    'first name',
    'last name',
    'full name',
    'given name',
    'family name',
    'middle name',
    'surname',
    'maiden name',
    'user name',
  ],
  address: [
    'address',
    'ip address',
    'street address',
    'home address',
    'billing address',
    'shipping address',
    'street',
    'postal code',
    'post code',
    'zip',
    'zip code',
    'latitude',
    'longitude',
    'ip',
  ],
  'birth date': ['birth', 'birth day', 'birth date', 'dob', 'date of birth'],
  account: ['account number', 'bank account', 'bank account number', 'routing number', 'sort code', 'bic'],
  trait: ['gender', 'religion', 'ethnicity', 'nationality', 'marital status', 'diagnosis', 'blood type', 'disability'],
  pay: ['salary', 'wage', 'payroll', 'income'],
} as const satisfies Record<PersonalKind, readonly string[]>;

/** Their plural mostly says something else: battery cells, tins on a shelf, tokens of a language model. */
const WITHOUT_PLURAL: ReadonlySet<string> = new Set(['cell', 'tin', 'token', 'pin', 'salt', 'zip', 'otp']);

/** Every spelling of every phrase: its words apart or as one, singular or plural. */
const PHRASES: ReadonlyMap<string, PersonalKind> = new Map(
  Object.entries(CATALOGUE).flatMap(([kind, phrases]) =>
    phrases
      .flatMap((phrase) => (WITHOUT_PLURAL.has(phrase) ? [phrase] : [phrase, pluralOf(phrase)]))
      .flatMap((phrase) => [phrase, phrase.replaceAll(' ', '')])
      .map((phrase) => [phrase, kind as PersonalKind] as const),
  ),
);

const LONGEST_PHRASE = 3;

/** `salary` → `salaries`, `diagnosis` → `diagnoses`, `address` → `addresses`, `email` → `emails`. */
function pluralOf(phrase: string): string {
  if (phrase.endsWith('sis')) return `${phrase.slice(0, -2)}es`;
  if (/[^aeiou]y$/.test(phrase)) return `${phrase.slice(0, -1)}ies`;
  return /[sx]$/.test(phrase) ? `${phrase}es` : `${phrase}s`;
}

/** Words that are personal only when they are the whole name: `card_type` says nothing about a person. */
const WHOLE_NAMES: ReadonlyMap<string, PersonalKind> = new Map([
  [' card ', 'card'],
  [' tel ', 'phone'],
  [' mail ', 'e-mail'],
]);

/** Names that hold one of the words and no person's data. */
const HARMLESS = [
  ' email count ',
  ' emails sent ',
  ' has email ',
  ' token count ',
  ' zip file ',
  ' cell count ',
  ' address count ',
];

/**
 * The personal data a field holds by its dotted path, or null: `customers.e_mail` → `e-mail`. The last part speaks first,
 * then the objects it lies in: `billingAddress.city` is part of an address.
 */
export function personalKindOf(path: string): PersonalKind | null {
  const segments = path.split('.');
  for (let i = segments.length - 1; i >= 0; i--) {
    const words = wordsOf(segments[i] as string);
    if (HARMLESS.some((phrase) => words.includes(phrase))) return null;
    const kind = WHOLE_NAMES.get(words) ?? kindOfPhraseIn(words);
    if (kind !== undefined) return kind;
  }
  return null;
}

/** The longest phrase of the catalogue speaks, of equally long ones the last: `password_reset_token` is a token. */
function kindOfPhraseIn(name: string): PersonalKind | undefined {
  const words = name.trim().split(' ');
  for (let length = Math.min(LONGEST_PHRASE, words.length); length > 0; length--) {
    for (let start = words.length - length; start >= 0; start--) {
      const kind = PHRASES.get(words.slice(start, start + length).join(' '));
      if (kind !== undefined) return kind;
    }
  }
  return undefined;
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

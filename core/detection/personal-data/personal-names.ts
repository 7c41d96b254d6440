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
  address: ['address', 'street', 'postal code', 'postcode', 'zip', 'latitude', 'longitude', 'ip'],
  'birth date': ['birth', 'birthday', 'birthdate', 'dob', 'date of birth'],
  account: ['account number', 'bank account', 'routing number', 'sort code', 'bic'],
  trait: ['gender', 'religion', 'ethnicity', 'nationality', 'marital status', 'diagnosis', 'blood type', 'disability'],
  pay: ['salary', 'wage', 'payroll', 'income'],
} as const satisfies Record<PersonalKind, readonly string[]>;

const PHRASES: readonly (readonly [phrase: string, kind: PersonalKind])[] = Object.entries(CATALOGUE).flatMap(
  ([kind, phrases]) => phrases.map((phrase) => [` ${phrase} `, kind as PersonalKind] as const),
);

/** Words that are personal only when they are the whole name: `card_type` says nothing about a person. */
const WHOLE_NAMES: ReadonlyMap<string, PersonalKind> = new Map([
  [' card ', 'card'],
  [' tel ', 'phone'],
  [' mail ', 'e-mail'],
]);

/** Names that hold one of the words and no person's data. */
const HARMLESS = [' email count ', ' has email ', ' token count ', ' zip file ', ' cell count ', ' address count '];

/**
 * The personal data a field holds by its dotted path, or null: `customers.e_mail` → `e-mail`. The last part speaks first,
 * then the objects it lies in: `billingAddress.city` is part of an address.
 */
export function personalKindOf(path: string): PersonalKind | null {
  const segments = path.split('.');
  for (let i = segments.length - 1; i >= 0; i--) {
    const words = wordsOf(segments[i] as string);
    if (HARMLESS.some((phrase) => words.includes(phrase))) return null;
    const kind = WHOLE_NAMES.get(words) ?? PHRASES.find(([phrase]) => words.includes(phrase))?.[1];
    if (kind !== undefined) return kind;
  }
  return null;
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

import type { Cell } from '../../domain/observation.ts';
import type { ColumnKind } from './column-kind.ts';

/**
 * Text of an observed value as a finding may show it. Personal data is never shown in clear: neither by the name of its
 * column nor by the form of the value; nor is any text of a column that holds names, identifiers or prose. What is shown
 * instead says the form: "e-mail address", "text of 24 characters".
 */
export function redactedText(path: string, kind: ColumnKind, cell: Cell): string | null {
  switch (typeof cell) {
    case 'undefined':
      return null;
    case 'boolean':
      return String(cell);
    case 'number':
      return isPersonalName(path) || isCardNumber(String(cell)) ? 'number (hidden)' : formatNumber(cell);
    case 'string':
      return redactedString(path, kind, cell);
    default:
      return cell === null ? 'null' : `list of ${formatNumber(cell.length)}`;
  }
}

export function isPersonalName(path: string): boolean {
  return PERSONAL_NAME.test(path.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase());
}

/** At most six significant digits, thousands grouped, the same in every process. */
export function formatNumber(value: number): string {
  const magnitude = Math.abs(value);
  if (!Number.isFinite(value)) return String(value);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e15)) return value.toExponential(3);
  return NUMBER_FORMAT.format(value);
}

/** Three significant digits: the ends of a usual range are estimates. */
export function formatApproximate(value: number): string {
  return value === 0
    ? '0'
    : formatNumber(Number(value.toPrecision(Math.abs(value) >= 1_000 && Number.isInteger(value) ? 4 : 3)));
}

/** 12 %, 0.3 %, less than 0.1 %. */
export function formatShare(share: number): string {
  if (share > 0 && share < 0.001) return 'less than 0.1 %';
  return `${PERCENT_FORMAT.format(share * 100)} %`;
}

const NUMBER_FORMAT = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 6 });
const PERCENT_FORMAT = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 2 });
const MAX_SHOWN = 40;

const PERSONAL_NAME = new RegExp(
  `(?:^|[._-])(?:${[
    'e?_?mail',
    'phone',
    'mobile',
    'fax',
    'tel',
    'telephone',
    'ssn',
    'social_security(?:_number)?',
    'passport(?:_\\w+)?',
    'tax_id',
    'national_id',
    'iban',
    '(?:credit_)?card(?:_number)?',
    'account_number',
    'cvv',
    'pin',
    'password(?:_\\w+)?',
    'secret',
    'token',
    'api_key',
    'first_name',
    'last_name',
    'full_name',
    'middle_name',
    'surname',
    'address',
    'street',
    'postal_code',
    'zip',
    'ip',
    'ip_address',
    'birth_?date',
    'date_of_birth',
    'dob',
    'latitude',
    'longitude',
  ].join('|')})(?:[._-]|$)`,
);

const PERSONAL_FORMS: readonly (readonly [(text: string) => boolean, string])[] = [
  [(text) => /[^\s@]@[^\s@]+\.[a-z]/i.test(text), 'e-mail address'],
  [(text) => isCardNumber(text.replace(/[ -]/g, '')), 'card number'],
  [(text) => /^[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?$/.test(text), 'IBAN'],
  [(text) => /^eyJ[\w-]+\.[\w-]+\./.test(text), 'token'],
  [(text) => /^\d{3}-\d{2}-\d{4}$/.test(text), 'national id'],
  [
    (text) => /^\+?[\d\s().-]{7,20}$/.test(text) && text.replace(/\D/g, '').length >= 7 && !ISO_DATE.test(text),
    'telephone number',
  ],
  [(text) => /^(?:\d{1,3}\.){3}\d{1,3}$/.test(text), 'IP address'],
];

const ISO_DATE = /^\d{4}-\d{2}-\d{2}/;

function redactedString(path: string, kind: ColumnKind, text: string): string {
  const head = text.slice(0, 200);
  const form = PERSONAL_FORMS.find(([matches]) => matches(head))?.[1];
  if (form !== undefined && kind !== 'numeric') return form;
  if (ISO_DATE.test(head) && kind === 'timestamp' && text.length <= MAX_SHOWN)
    return isPersonalName(path) ? 'date (hidden)' : text;
  const showable = kind === 'categorical' || kind === 'numeric' || kind === 'boolean';
  if (showable && !isPersonalName(path) && text.length <= MAX_SHOWN) return JSON.stringify(text);
  return `text of ${formatNumber(text.length)} characters`;
}

/** 13 to 19 digits with a valid check digit (Luhn, 1960). */
export function isCardNumber(digits: string): boolean {
  if (!/^\d{13,19}$/.test(digits)) return false;
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48;
    const doubled = digit * 2;
    sum += index % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

import { type PersonalKind, personalKindOf } from './personal-names.ts';
import { personalValueOf, withoutPersonalValues } from './personal-values.ts';

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

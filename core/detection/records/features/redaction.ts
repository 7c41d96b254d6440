import type { Cell } from '../../../domain/observation.ts';
import { personalKindOf } from '../../personal-data/personal-names.ts';
import { isCardNumber, personalValueOf, withoutPersonalValues } from '../../personal-data/personal-values.ts';
import type { ColumnKind } from './column-kind.ts';
import { formatNumber } from './number-text.ts';

/**
 * Text of an observed value as a finding may show it. Personal data is never shown in clear: neither by the name of its
 * column nor by the form of the value; nor is any text of a column that holds names, identifiers or prose. What is shown
 * instead says the form: "e-mail (hidden)", "text of 24 characters".
 */
export function redactedText(path: string, kind: ColumnKind, cell: Cell): string | null {
  switch (typeof cell) {
    case 'undefined':
      return null;
    case 'boolean':
      return personalKindOf(path) === null ? String(cell) : 'boolean (hidden)';
    case 'number':
      return personalKindOf(path) !== null || isCardNumber(String(cell)) ? 'number (hidden)' : formatNumber(cell);
    case 'string':
      return redactedString(path, kind, cell);
    default:
      return cell === null ? 'null' : `list of ${formatNumber(cell.length)}`;
  }
}

const MAX_SHOWN = 40;
const TEXT_READ = 200;
const ISO_DATE = /^\d{4}-\d{2}-\d{2}/;
/** Digits with what people write between them: a telephone, account or order number, all of which tell who is meant. */
const LONG_NUMBER = /^\+?[\d\s().-]{7,20}$/;
/** An account number as in an IBAN, also a mistyped one. */
const ACCOUNT = /^[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?$/;
const IP_ADDRESS = /^(?:\d{1,3}\.){3}\d{1,3}$/;

function redactedString(path: string, kind: ColumnKind, text: string): string {
  const head = text.slice(0, TEXT_READ);
  const form = kind === 'numeric' ? null : hiddenForm(head);
  if (form !== null) return `${form} (hidden)`;
  const personal = personalKindOf(path) !== null;
  if (ISO_DATE.test(head) && kind === 'timestamp' && text.length <= MAX_SHOWN) return personal ? 'date (hidden)' : text;
  const showable = kind === 'categorical' || kind === 'numeric' || kind === 'boolean';
  if (showable && !personal && text.length <= MAX_SHOWN) return JSON.stringify(text);
  return `text of ${formatNumber(text.length)} characters`;
}

/** What a text must not show by its form, or that it holds such a thing; null when nothing is wrong with it. */
function hiddenForm(text: string): string | null {
  const personal = personalValueOf(text);
  if (personal !== null) return personal;
  if (IP_ADDRESS.test(text)) return 'IP address';
  if (ACCOUNT.test(text)) return 'account number';
  if (LONG_NUMBER.test(text) && text.replaceAll(/\D/g, '').length >= 7 && !ISO_DATE.test(text)) return 'number';
  return withoutPersonalValues(text) === text ? null : 'text with personal data';
}

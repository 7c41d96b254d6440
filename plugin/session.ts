import { isRecord, property } from '../core/document/foreign-object.ts';
import { ANONYMOUS_ROLE, type Principal } from '../core/domain/principal.ts';

/** Roles and user ids are kept to this length; nothing legitimate is longer. */
const MAX_NAME_CHARACTERS = 255;
const HASURA_VARIABLE = /^x-hasura-/;

/**
 * The principal of a session in either encoding: values as bare JSON, or tagged `{"Parsed": json}` and
 * `{"Unparsed": "text"}`. Only `x-hasura-*` variables are kept: under role emulation a session holds every request
 * header, cookies and credentials among them.
 */
export function principalOf(session: unknown): Principal {
  const sessionVariables = new Map<string, unknown>();
  const variables = property(session, 'variables');
  if (isRecord(variables)) {
    for (const [name, value] of Object.entries(variables)) {
      const lower = name.toLowerCase();
      if (HASURA_VARIABLE.test(lower)) sessionVariables.set(lower, bareValue(value));
    }
  }
  const role = nameOf(bareValue(property(session, 'role'))) ?? nameOf(sessionVariables.get('x-hasura-role'));
  const userId = sessionVariables.get('x-hasura-user-id') ?? sessionVariables.get('x-hasura-user');
  return { role: role ?? ANONYMOUS_ROLE, userId: nameOf(userId), sessionVariables };
}

function bareValue(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const [key, ...others] = Object.keys(value);
  return others.length === 0 && (key === 'Parsed' || key === 'Unparsed') ? value[key] : value;
}

/** A number is a name too: user ids in claims often are. */
function nameOf(value: unknown): string | null {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text !== '' ? text.slice(0, MAX_NAME_CHARACTERS) : null;
}

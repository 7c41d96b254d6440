import type { ClientHeaders } from './trace.ts';

/** Newest engines tag a session variable with how it was obtained; older ones, and the documentation, don't. */
export type SessionEncoding = 'tagged' | 'bare';

export interface SessionVariable {
  readonly value: unknown;
  /** `Parsed` from claims, `Unparsed` from request headers. */
  readonly origin: 'Parsed' | 'Unparsed';
}

export interface Session {
  readonly role: string;
  readonly variables: ReadonlyMap<string, SessionVariable>;
}

/**
 * Stands for authentication: `authorization: Bearer role:user`. Under role emulation every request header becomes a
 * session variable as well, as AuthConfig v1 has it. Null: refused before any hook is called.
 */
export function sessionOf(headers: ClientHeaders, roleEmulation: boolean): Session | null {
  const [, role, user] = /^Bearer (\w+)(?::(\w+))?$/.exec(headers['authorization'] ?? '') ?? [];
  if (role === undefined) return null;
  const variables = new Map<string, SessionVariable>();
  if (roleEmulation) {
    for (const [name, value] of Object.entries(headers)) variables.set(name, { value, origin: 'Unparsed' });
  }
  variables.set('x-hasura-role', { value: role, origin: 'Parsed' });
  if (user !== undefined) variables.set('x-hasura-user-id', { value: user, origin: 'Parsed' });
  return { role, variables };
}

/** The session in a pre-parse or pre-response body; names are sorted. */
export function encodedSession(session: Session, encoding: SessionEncoding): object {
  const encode = ({ value, origin }: SessionVariable) => (encoding === 'tagged' ? { [origin]: value } : value);
  return { role: session.role, variables: sorted(session, encode) };
}

/** The session in a pre-NDC body: bare JSON. @throws where a header's value is no JSON, which fails the request. */
export function bareSession(session: Session): object {
  const decode = ({ value, origin }: SessionVariable): unknown =>
    origin === 'Parsed' ? value : JSON.parse(value as string);
  return { role: session.role, variables: sorted(session, decode) };
}

function sorted(session: Session, encode: (variable: SessionVariable) => unknown): Record<string, unknown> {
  const entries = [...session.variables].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, variable]) => [name, encode(variable)]));
}

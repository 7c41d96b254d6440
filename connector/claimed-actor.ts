import type { Actor, ActorRole } from '../core/domain/actor.ts';
import { storableText } from '../core/domain/text.ts';

/**
 * An argument every procedure has besides its own. The link's `argumentPresets` fill it with request headers of the
 * engine's client (DDN's way to hand a session on); callers may leave it out.
 */
export const HEADERS_ARGUMENT = 'headers';

export const HEADERS_DESCRIPTION =
  'Request headers that the data connector link forwards (argumentPresets). x-hasura-user-id, else x-hasura-role, is ' +
  'recorded as the acting person. Leave it out otherwise.';

const CLAIMS = ['x-hasura-user-id', 'x-hasura-role'] as const;
const LONGEST_NAME = 200;

/**
 * Who is recorded to have acted. The name is a claim of whoever holds the service token, and audited as such
 * (surface `ndc`); the role is what the service token stands for and never depends on the claim.
 */
export function claimedActor(headers: unknown, role: ActorRole): Actor {
  return { name: claimedName(headers) ?? 'unknown', role, surface: 'ndc' };
}

function claimedName(headers: unknown): string | undefined {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return undefined;
  const given = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value as unknown]));
  return CLAIMS.map((claim) => text(given.get(claim))).find((name) => name !== undefined);
}

function text(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  return storableText(String(value).trim(), LONGEST_NAME) || undefined;
}

/** What a caller of the administrative surfaces may do; each role contains those before it. */
export const ACTOR_ROLES = ['viewer', 'operator', 'admin'] as const;

export type ActorRole = (typeof ACTOR_ROLES)[number];

/** Who performs a verb, for permission and audit. */
export interface Actor {
  /** Token name, or the person the engine names; over NDC a forwarded claim, audited as such. */
  readonly name: string;
  readonly role: ActorRole;
  readonly surface: 'ndc' | 'graphql' | 'rest' | 'cli' | 'system';
}

export function mayAct(actor: Actor, required: ActorRole): boolean {
  return ACTOR_ROLES.indexOf(actor.role) >= ACTOR_ROLES.indexOf(required);
}

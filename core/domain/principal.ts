/**
 * Who made a request, as the engine's session says it: forwarded headers are a client's own claim and are not read here.
 * `sessionVariables` holds `x-hasura-*` only, lower-case names, bare JSON values.
 */
export interface Principal {
  readonly role: string;
  readonly userId: string | null;
  readonly sessionVariables: ReadonlyMap<string, unknown>;
}

export const ANONYMOUS_ROLE = 'unknown';

/** What the engine understands from a hook; any other status fails the client's request. */
export const HOOK_STATUSES = [204, 200, 299, 400, 500] as const;

export type HookStatus = (typeof HOOK_STATUSES)[number];

export interface HookReply {
  readonly status: HookStatus;
  /** Serialised here, so that a body that can't be is a failure of the hook and not of the connection. */
  readonly json: string | null;
}

const CONTINUE: HookReply = { status: 204, json: null };

/** Go on with the request or response as it is. */
export function continueRequest(): HookReply {
  return CONTINUE;
}

/** This is the response (or, at the pre-NDC hooks, what replaces request or response). */
export function respond(body: unknown): HookReply {
  return { status: 200, json: JSON.stringify(body ?? null) };
}

/** Go on with this request instead; pre-parse only. Omitted keys would become null, so all three are asked for. */
export function rewrite(request: {
  readonly query: string;
  readonly variables: unknown;
  readonly operationName: string | null;
}): HookReply {
  return { status: 299, json: JSON.stringify(request) };
}

/** Refuse: the caller's fault. The client sees the body under `extensions.details`. */
export function refuse(body: Readonly<Record<string, unknown>>): HookReply {
  return { status: 400, json: JSON.stringify(body) };
}

/** Refuse: our fault. Only for deployments that prefer no answer to an unwatched one. */
export function fail(body: Readonly<Record<string, unknown>>): HookReply {
  return { status: 500, json: JSON.stringify(body) };
}

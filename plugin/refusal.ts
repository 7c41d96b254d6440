import type { TerminalDecision } from '../core/domain/decision.ts';
import { formatInstant } from '../core/domain/time.ts';
import { type HookReply, fail, refuse, respond } from './hook-reply.ts';
import { KILL_SWITCH_CODE } from './killed-requests.ts';

export interface RefusalDetails {
  readonly code: typeof KILL_SWITCH_CODE;
  readonly ruleKey: string;
  readonly message: string;
  /** RFC 3339, or null where the rule has no end. */
  readonly until: string | null;
}

/** What a client is told; the same object in every form of a refusal. */
export function refusalDetails({ ruleKey, message, until }: TerminalDecision): RefusalDetails {
  return { code: KILL_SWITCH_CODE, ruleKey, message, until: until === null ? null : formatInstant(until) };
}

/**
 * Pre-parse: `block` as 400, where the engine writes the message and ours stands under `extensions.details`; in its quiet
 * form, and for `respond`, a 200 whose body is the client's response.
 */
export function refusePreParse(terminal: TerminalDecision): HookReply {
  if (terminal.action.type === 'respond') return respond(terminal.action.body);
  return terminal.action.quiet ? respondWithError(refusalDetails(terminal)) : refuse({ ...refusalDetails(terminal) });
}

/**
 * Synchronous pre-response: always a 200. Whether a 400 reaches the client depends on `onPluginFailure`, and the engine's
 * documentation and source read that setting in opposite ways.
 */
export function refusePreResponse(terminal: TerminalDecision): HookReply {
  return terminal.action.type === 'respond'
    ? respond(terminal.action.body)
    : respondWithError(refusalDetails(terminal));
}

/** For a deployment that prefers no answer to one that no rule was asked about: the fault is ours. */
export function failUndecided(): HookReply {
  return fail({ code: 'KILL_SWITCH_UNDECIDED', message: 'The kill switch did not answer in time; try again.' });
}

/** A GraphQL body without data and with one error. */
export function respondWithError({
  message,
  ...extensions
}: {
  readonly message: string;
  readonly code: string;
}): HookReply {
  return respond({ data: null, errors: [{ message, extensions }] });
}

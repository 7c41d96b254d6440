import { graphqlFacts } from '../core/document/ddn-facts.ts';
import { isRecord, property } from '../core/document/foreign-object.ts';
import type { DocumentReading } from '../core/document/graphql-document.ts';
import { graphqlMaskPlan, maskPlanByKeys } from '../core/document/graphql-mask-plan.ts';
import type { Decision } from '../core/domain/decision.ts';
import type { Enforcement } from '../core/domain/effects.ts';
import type { MaskSpec } from '../core/domain/kill-switch-rule.ts';
import type { Principal } from '../core/domain/principal.ts';
import { decideRequest } from './decide-request.ts';
import { type GraphqlCall, graphqlCallOf } from './graphql-call.ts';
import { type HookReply, continueRequest } from './hook-reply.ts';
import type { Hook, HookRequest, HookRuntime } from './hook-runtime.ts';
import { KILL_SWITCH_CODE } from './killed-requests.ts';
import { createMaskedReply } from './masked-reply.ts';
import { observationFromGraphql } from './observation-from-graphql.ts';
import { refusePreResponse, respondWithError } from './refusal.ts';
import { principalOf } from './session.ts';

const STAGE = 'pre-response';

interface ResponseCall {
  readonly request: HookRequest;
  readonly call: GraphqlCall;
  readonly document: DocumentReading;
  readonly principal: Principal;
}

/**
 * Asynchronous use: observes the response and answers 204 when its effects are durable. With `?mode=synchronous` the
 * client waits: rules are asked, the response is masked or withheld, and only `&observe=true` observes it, afterwards.
 */
export function createPreResponseHook(runtime: HookRuntime): Hook {
  const { services, options } = runtime;
  const maskedReply = createMaskedReply(options.maskKey);

  return async (request) => {
    const call = graphqlCallOf(request.body);
    const document = runtime.readDocument(call.query, call.operationName);
    const response = { request, call, document, principal: principalOf(call.session) };
    if (request.parameters['mode'] !== 'synchronous') {
      await runtime.pending.run(STAGE, request.text.length, () => observe(response));
      return continueRequest();
    }
    let enforcement: Enforcement | undefined;
    try {
      const decided = await decide(response);
      enforcement = decided.enforcement;
      return decided.reply;
    } finally {
      if (request.parameters['observe'] === 'true') {
        runtime.pending.runLater(STAGE, request.text.length, () => observe(response, enforcement));
      }
    }
  };

  async function observe(
    { request, call, document, principal }: ResponseCall,
    enforcement?: Enforcement,
  ): Promise<void> {
    if (call.response === undefined) {
      services.count('unknown_shape', STAGE);
      return;
    }
    if (document.kind === 'unreadable') services.count('unreadable_document', STAGE);
    if (runtime.own.isOwnDocument(document) || runtime.marked.has(request.headers)) {
      services.count('own_traffic', STAGE);
      return;
    }
    const delivery = runtime.delivery(STAGE, request);
    if (runtime.killed.isKilled(call, principal, delivery.traceId)) {
      services.count('killed_response', STAGE);
      return;
    }
    const stripped = runtime.rewritten.take(call, principal);
    const rewritten = stripped === undefined ? undefined : { verdict: 'rewritten' as const, ruleKey: stripped };
    const built = observationFromGraphql(
      call,
      document,
      principal,
      delivery,
      runtime.own,
      false,
      options.keepsArguments,
    );
    await runtime.observe(built, STAGE, enforcement ?? rewritten);
  }

  async function decide({ request, call, document, principal }: ResponseCall): Promise<DecidedReply> {
    // Refusals and errors hold nothing to mask, and a replaced response would turn their status into 200.
    if (!isRecord(property(call.response, 'data')) || !services.hasRules(STAGE)) return UNCHANGED;
    if (runtime.own.isOwnDocument(document)) return UNCHANGED;
    const facts = graphqlFacts(runtime.factContext(principal, request.headers), document, call);
    const decision = decideRequest(services, facts, STAGE, options.decisionDeadlineMs);
    if (!decision) {
      services.count('deadline_exceeded', STAGE);
      return options.onDeadline === 'block' ? { reply: WITHHELD } : UNCHANGED;
    }
    if (decision.terminal) {
      const { action, ruleKey } = decision.terminal;
      const verdict = action.type === 'block' ? 'blocked' : 'responded';
      return { reply: refusePreResponse(decision.terminal), enforcement: { verdict, ruleKey } };
    }
    if (decision.mask.length === 0) return UNCHANGED;
    const reply = mask(request, document, decision.mask);
    return reply.status === 204 ? UNCHANGED : { reply, enforcement: maskedBy(decision) };
  }

  function mask({ text }: HookRequest, document: DocumentReading, masks: readonly MaskSpec[]): HookReply {
    // Without the document's aliases a mask may miss its field. A hook that is not sent the query has only the keys; a
    // document beyond our limits is withheld, or its size would be a way around the rule.
    if (document.kind === 'unreadable' && document.reason !== 'absent') return WITHHELD;
    const plan = document.kind === 'document' ? graphqlMaskPlan(document.selection, masks) : maskPlanByKeys(masks);
    return plan ? maskedReply({ text, part: 'response', plan, withheld: WITHHELD }) : continueRequest();
  }
}

/** What the engine is told, and what that is called in the log; a response that passes as it is has no name. */
export interface DecidedReply {
  readonly reply: HookReply;
  readonly enforcement?: Enforcement;
}

export const UNCHANGED: DecidedReply = { reply: continueRequest() };

export function maskedBy(decision: Decision): Enforcement {
  return { verdict: 'masked', ruleKey: decision.changedBy ?? decision.matched[0] ?? '' };
}

const WITHHELD = respondWithError({
  code: KILL_SWITCH_CODE,
  message: 'The response is withheld: a rule masks fields of it, and they could not be told apart.',
});

import { ndcFacts } from '../core/document/ddn-facts.ts';
import { ndcMaskPlan } from '../core/document/ndc-mask-plan.ts';
import type { Enforcement } from '../core/domain/effects.ts';
import type { MaskSpec } from '../core/domain/kill-switch-rule.ts';
import { decideRequest } from './decide-request.ts';
import { type HookReply, continueRequest, refuse } from './hook-reply.ts';
import type { Hook, HookRequest, HookRuntime } from './hook-runtime.ts';
import { KILL_SWITCH_CODE } from './killed-requests.ts';
import { createMaskedReply } from './masked-reply.ts';
import { type NdcCall, ndcCallOf } from './ndc-call.ts';
import { observationFromNdc } from './observation-from-ndc.ts';
import { type DecidedReply, maskedBy, UNCHANGED } from './pre-response.ts';
import { refusalDetails } from './refusal.ts';
import { principalOf } from './session.ts';

const STAGE = 'pre-ndc-response';

/**
 * The only hook that sees the data of SQL and JSON:API requests. The engine waits for it, so the response is observed
 * after the reply has left; masking rules change it before.
 */
export function createPreNdcResponseHook(runtime: HookRuntime): Hook {
  const { services, options } = runtime;
  const maskedReply = createMaskedReply(options.maskKey);

  return async (request) => {
    const call = ndcCallOf(request.body);
    if (!call || call.response === undefined || call.response === null) {
      services.count('unknown_shape', STAGE);
      return continueRequest();
    }
    // A plan is no data.
    if (call.isExplain) return continueRequest();
    if (runtime.own.isOwnConnector(call.connector)) {
      services.count('own_traffic', STAGE);
      return continueRequest();
    }
    let enforcement: Enforcement | undefined;
    try {
      const decided = services.hasRules(STAGE) ? await decide(request, call) : UNCHANGED;
      enforcement = decided.enforcement;
      return decided.reply;
    } finally {
      runtime.pending.runLater(STAGE, request.text.length, () => observe(request, call, enforcement));
    }
  };

  async function observe(request: HookRequest, call: NdcCall, enforcement?: Enforcement): Promise<void> {
    if (runtime.marked.hasTraceOf(request.headers)) {
      services.count('own_traffic', STAGE);
      return;
    }
    const delivery = runtime.delivery(STAGE, request);
    const built = observationFromNdc(
      call,
      principalOf(call.session),
      delivery,
      runtime.own,
      false,
      options.keepsArguments,
    );
    await runtime.observe(built, STAGE, enforcement);
  }

  async function decide(request: HookRequest, call: NdcCall): Promise<DecidedReply> {
    const facts = ndcFacts(runtime.factContext(principalOf(call.session), request.headers), call.reading);
    const decision = decideRequest(services, facts, STAGE, options.decisionDeadlineMs);
    if (!decision) {
      services.count('deadline_exceeded', STAGE);
      return options.onDeadline === 'block' ? { reply: WITHHELD } : UNCHANGED;
    }
    if (decision.terminal) {
      const { ruleKey } = decision.terminal;
      return { reply: refuse({ ...refusalDetails(decision.terminal) }), enforcement: { verdict: 'blocked', ruleKey } };
    }
    if (decision.mask.length === 0) return UNCHANGED;
    const reply = mask(request, call, decision.mask);
    return reply.status === 204 ? UNCHANGED : { reply, enforcement: maskedBy(decision) };
  }

  function mask({ text }: HookRequest, { reading }: NdcCall, masks: readonly MaskSpec[]): HookReply {
    if (reading.roots.length === 0) return WITHHELD;
    const plan = ndcMaskPlan(reading, masks);
    return plan ? maskedReply({ text, part: 'ndcResponse', plan, withheld: WITHHELD }) : continueRequest();
  }
}

const WITHHELD = refuse({
  code: KILL_SWITCH_CODE,
  message: 'The rows are withheld: a rule masks columns of them, and they could not be told apart.',
});

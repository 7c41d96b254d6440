import { ndcFacts } from '../core/document/ddn-facts.ts';
import { isRecord } from '../core/document/foreign-object.ts';
import type { TerminalDecision } from '../core/domain/decision.ts';
import { decideRequest } from './decide-request.ts';
import { type HookReply, continueRequest, refuse, respond } from './hook-reply.ts';
import type { Hook, HookRequest, HookRuntime } from './hook-runtime.ts';
import { type NdcCall, ndcCallOf } from './ndc-call.ts';
import { observationFromNdc } from './observation-from-ndc.ts';
import { failUndecided, refusalDetails } from './refusal.ts';
import { principalOf } from './session.ts';

const STAGE = 'pre-ndc-request';

/**
 * The kill switch for what reaches a connector, by whatever way: GraphQL, SQL and JSON:API. A refusal is the error of
 * one field; the other fields of the request still answer.
 */
export function createPreNdcRequestHook(runtime: HookRuntime): Hook {
  const { services, options } = runtime;

  function preNdcRequest(request: HookRequest): HookReply {
    if (!services.hasRules(STAGE)) return continueRequest();
    const call = ndcCallOf(request.body);
    if (!call) {
      services.count('unknown_shape', STAGE);
      return continueRequest();
    }
    if (runtime.own.isOwnConnector(call.connector)) {
      services.count('own_traffic', STAGE);
      return continueRequest();
    }
    const facts = ndcFacts(runtime.factContext(principalOf(call.session), request.headers), call.reading);
    const decision = decideRequest(services, facts, STAGE, options.decisionDeadlineMs);
    if (!decision) {
      services.count('deadline_exceeded', STAGE);
      return options.onDeadline === 'block' ? failUndecided() : continueRequest();
    }
    return decision.terminal ? refuseCall(request, call, decision.terminal) : continueRequest();
  }

  function refuseCall(request: HookRequest, call: NdcCall, terminal: TerminalDecision): HookReply {
    if (runtime.marked.hasTraceOf(request.headers)) {
      services.count('own_traffic', STAGE);
      return replyTo(call, terminal);
    }
    const delivery = runtime.delivery(STAGE, request);
    runtime.pending.runLater(STAGE, request.text.length, async () => {
      const { observation } = observationFromNdc(
        call,
        principalOf(call.session),
        delivery,
        runtime.own,
        true,
        options.keepsArguments,
      );
      const verdict = terminal.action.type === 'block' ? 'blocked' : 'responded';
      await runtime.recordRefusal({ observation, hook: STAGE, verdict, ruleKey: terminal.ruleKey });
    });
    return replyTo(call, terminal);
  }

  return preNdcRequest;
}

/**
 * `respond` needs a body in NDC's form: a row set, given back once per variable set, or a list with one row set for each.
 * A rule written for GraphQL has another body; the request is then refused rather than answered with what the engine
 * can't read.
 */
function replyTo(call: NdcCall, terminal: TerminalDecision): HookReply {
  if (terminal.action.type === 'respond' && call.reading.operation === 'query' && !call.isExplain) {
    const rowSets = rowSetsFor(terminal.action.body, call.reading.variableSets.length);
    if (rowSets) return respond({ ndcResponse: rowSets });
  }
  return refuse({ ...refusalDetails(terminal) });
}

function rowSetsFor(body: unknown, count: number): readonly unknown[] | undefined {
  if (isRowSet(body)) return Array.from({ length: count }, () => body);
  return Array.isArray(body) && body.length === count && body.every(isRowSet) ? body : undefined;
}

function isRowSet(value: unknown): boolean {
  return isRecord(value) && ['rows', 'aggregates', 'groups'].some((key) => Object.hasOwn(value, key));
}

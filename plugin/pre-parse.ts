import { graphqlFacts } from '../core/document/ddn-facts.ts';
import { parseExactJson } from '../core/document/exact-json.ts';
import { ENGINE_REFUSES } from '../core/document/parse-guarded.ts';
import { type StrippedRequest, stripDocument } from '../core/document/strip-document.ts';
import type { Decision, TerminalDecision } from '../core/domain/decision.ts';
import { BLOCKED_MESSAGE, UNDECIDED_MESSAGE } from '../core/kill-switch/decide.ts';
import { type GraphqlCall, graphqlCallOf } from './graphql-call.ts';
import { decideRequest } from './decide-request.ts';
import { type HookReply, continueRequest, rewrite } from './hook-reply.ts';
import type { Hook, HookRequest, HookRuntime } from './hook-runtime.ts';
import { observationFromGraphql } from './observation-from-graphql.ts';
import { failUndecided, refusePreParse } from './refusal.ts';
import { principalOf } from './session.ts';

const STAGE = 'pre-parse';

interface Asked {
  readonly request: HookRequest;
  readonly call: GraphqlCall;
  /** Our own request: what becomes of it is not observed. */
  readonly isMarked: boolean;
}

/** Asks the kill switch before the engine parses: 204, 400 or 200 for a refusal, 299 for a request without some fields. */
export function createPreParseHook(runtime: HookRuntime): Hook {
  const { services, options } = runtime;

  function preParse(request: HookRequest): HookReply {
    const isMarked = runtime.marked.has(request.headers);
    if (!services.hasRules(STAGE)) return continueRequest();
    const call = graphqlCallOf(request.body);
    const document = runtime.readDocument(call.query, call.operationName);
    if (document.kind === 'unreadable') services.count('unreadable_document', STAGE);
    if (runtime.own.isOwnDocument(document)) {
      services.count('own_traffic', STAGE);
      return continueRequest();
    }
    const principal = principalOf(call.session);
    const facts = graphqlFacts(runtime.factContext(principal, request.headers), document, call);
    const decision = decideRequest(services, facts, STAGE, options.decisionDeadlineMs);
    if (!decision) {
      services.count('deadline_exceeded', STAGE);
      return options.onDeadline === 'block' ? failUndecided() : continueRequest();
    }
    const asked: Asked = { request, call, isMarked };
    if (decision.terminal) return refuseCall(asked, decision.terminal);
    return decision.strip.length > 0 ? strip(asked, decision) : continueRequest();
  }

  function strip(asked: Asked, decision: Decision): HookReply {
    const { request, call, isMarked } = asked;
    if (call.query === null) return continueRequest();
    const { operationName, variables } = call;
    const result = stripDocument({ query: call.query, operationName, variables, paths: decision.strip });
    switch (result.kind) {
      case 'unchanged':
        return continueRequest();
      case 'stripped': {
        const rewritten = { ...result.request, variables: result.request.variables ?? {} };
        const reply = rewriteExactly(request.text, result.request);
        if (!reply) return refuseCall(asked, strippedWhole(decision));
        if (!isMarked) runtime.rewritten.remember(call, rewritten, principalOf(call.session), strippedBy(decision));
        return reply;
      }
      case 'empty':
        return refuseCall(asked, strippedWhole(decision));
      case 'unreadable':
        // The engine refuses what does not parse. What it could parse and we could not must not slip through whole.
        return ENGINE_REFUSES.has(result.reason) ? continueRequest() : refuseCall(asked, refusedUnread(decision));
    }
  }

  function refuseCall({ request, call, isMarked }: Asked, terminal: TerminalDecision): HookReply {
    const reply = refusePreParse(terminal);
    if (isMarked) {
      services.count('own_traffic', STAGE);
      return reply;
    }
    const principal = principalOf(call.session);
    const delivery = runtime.delivery(STAGE, request);
    if (terminal.action.type === 'respond' && reply.json !== null) {
      runtime.killed.rememberAnswer(call, principal, delivery.traceId, reply.json);
    }
    runtime.pending.runLater(STAGE, request.text.length, async () => {
      const document = runtime.readDocument(call.query, call.operationName);
      const { observation } = observationFromGraphql(
        call,
        document,
        principal,
        delivery,
        runtime.own,
        true,
        options.keepsArguments,
      );
      const verdict = terminal.action.type === 'block' ? 'blocked' : 'responded';
      await runtime.recordRefusal({ observation, hook: STAGE, verdict, ruleKey: terminal.ruleKey });
    });
    return reply;
  }

  return preParse;
}

/** What is too large or too deep to be stripped is refused as what is too large or too deep to be judged. */
function refusedUnread(decision: Decision): TerminalDecision {
  return { ...strippedWhole(decision), message: `${BLOCKED_MESSAGE} ${UNDECIDED_MESSAGE}` };
}

/**
 * Numbers of the variables are written as the client wrote them: rounded, a large id would name another row. Undefined
 * where variables are nested by the thousand and can't be written again.
 */
function rewriteExactly(text: string, request: StrippedRequest): HookReply | undefined {
  try {
    const written = graphqlCallOf(parseExactJson(text)).variables;
    const used = Object.keys(request.variables ?? {}).map((name) => [name, written[name]] as const);
    return rewrite({ ...request, variables: Object.fromEntries(used) });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function strippedBy(decision: Decision): string {
  return decision.changedBy ?? decision.matched[0] ?? '';
}

/** A request of which nothing is left is refused in the name of the first rule that stripped it. */
function strippedWhole(decision: Decision): TerminalDecision {
  return {
    action: { type: 'block' },
    ruleKey: strippedBy(decision),
    message: 'Every field of this request is switched off at present.',
    until: null,
  };
}

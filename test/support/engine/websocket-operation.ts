import { setTimeout as pause } from 'node:timers/promises';
import { type FormattedExecutionResult, GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { EngineCore, GraphqlRequestContext } from './engine-context.ts';
import { planRequest, type RequestPlan } from './plan-request.ts';
import { runPreParse } from './pre-parse.ts';
import { runPreResponse } from './pre-response.ts';
import { newTrace } from './trace.ts';

/** The engine's is in metadata, a second by default: too long for a test. */
const POLL_MS = 25;

/** How one operation is answered on its socket. */
export interface OperationReplies {
  next(result: FormattedExecutionResult): void;
  /** Ends the operation. */
  fail(error: GraphQLFormattedError): void;
  complete(): void;
  /** A binary frame outside the protocol, which does not say what it answers, nor that this ended. */
  raw(text: string): void;
}

/**
 * Asks the pre-parse hooks, once per operation, and starts what they let pass. Null where they didn't: then nothing was
 * executed, and other than over HTTP pre-response hooks don't run.
 */
export async function runOperation(
  core: EngineCore,
  context: GraphqlRequestContext,
  replies: OperationReplies,
  signal: AbortSignal,
): Promise<{ readonly ended: Promise<void> } | null> {
  const parsed = await runPreParse(context);
  switch (parsed.kind) {
    case 'response':
      replies.raw(parsed.text);
      return null;
    case 'refusal':
    case 'fault':
      replies.fail(parsed.answer.error);
      return null;
    case 'continue':
      // Pre-response hooks are shown the rewritten request.
      return { ended: executeOperation(core, { ...context, rawRequest: parsed.request }, replies, signal) };
  }
}

/** A request that is not valid reaches no pre-response hook, other than over HTTP. */
async function executeOperation(
  core: EngineCore,
  context: GraphqlRequestContext,
  replies: OperationReplies,
  signal: AbortSignal,
): Promise<void> {
  try {
    const plan = planRequest(core.schema, context.rawRequest);
    if (plan.isSubscription) return await poll(core, plan, context, replies, signal);
    const traced = { ...context, span: newTrace() };
    const sent = await deliver(core, traced, await plan.execute(traced), replies, signal);
    if (sent === 'result') replies.complete();
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    if (!signal.aborted) replies.fail(error.toJSON());
  }
}

/** Asks the connector again and again; the pre-response hooks, and the client, see an answer only where its data differ. */
async function poll(
  core: EngineCore,
  plan: RequestPlan,
  context: GraphqlRequestContext,
  replies: OperationReplies,
  signal: AbortSignal,
): Promise<void> {
  let known: string | undefined;
  while (!signal.aborted) {
    const traced = { ...context, span: newTrace() };
    const result = await plan.execute(traced);
    // One root field: where it fails, there is nothing else to show, and the subscription ends without the hooks.
    const [error] = result.errors ?? [];
    if (error) {
      if (!signal.aborted) replies.fail(error);
      return;
    }
    const data = JSON.stringify(result.data);
    if (data !== known) {
      known = data;
      if ((await deliver(core, traced, result, replies, signal)) === 'error') return;
    }
    await pause(POLL_MS);
  }
}

/** Shows a result to the pre-response hooks and sends what they leave of it. */
async function deliver(
  core: EngineCore,
  context: GraphqlRequestContext,
  executed: FormattedExecutionResult,
  replies: OperationReplies,
  signal: AbortSignal,
): Promise<'result' | 'raw' | 'error' | 'nothing'> {
  const { result, background } = await runPreResponse(context, executed, newTrace);
  core.keep(background);
  if (signal.aborted) return 'nothing';
  switch (result.kind) {
    case 'unchanged':
      replies.next(executed);
      return 'result';
    case 'replaced':
      replies.raw(JSON.stringify(result.body));
      return 'raw';
    case 'error':
      replies.fail(result.answer.error);
      return 'error';
  }
}

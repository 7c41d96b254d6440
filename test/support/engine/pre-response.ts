import { type ErrorAnswer, errorAnswer, type GraphqlRequestContext } from './engine-context.ts';
import { graphqlHookBody, graphqlHookHeaders, jsonOf, PluginFault } from './hook-call.ts';
import type { ResponseHook } from './hook-metadata.ts';
import { encodedSession } from './session.ts';
import { childSpan, type EngineSpan } from './trace.ts';

export interface PreResponseOutcome {
  readonly result: PreResponseResult;
  /** The engine never waits for these; a test does. */
  readonly background: readonly Promise<unknown>[];
}

export type PreResponseResult =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'replaced'; readonly body: unknown }
  | { readonly kind: 'error'; readonly answer: ErrorAnswer };

/**
 * Asynchronous hooks start first, all at once, with the engine's own response; then the synchronous ones in order.
 *
 * @param newBackgroundSpan parent of one asynchronous call, which is never the request's own span.
 */
export async function runPreResponse(
  context: GraphqlRequestContext,
  body: unknown,
  newBackgroundSpan: () => EngineSpan,
): Promise<PreResponseOutcome> {
  const background = context.settings.hooks.response
    .filter(({ mode }) => mode.type === 'asynchronous')
    // Every status and every failure is ignored.
    .map((hook) => post(context, hook, body, newBackgroundSpan()).catch(() => undefined));
  return { result: await runSynchronous(context, body), background };
}

async function runSynchronous(context: GraphqlRequestContext, body: unknown): Promise<PreResponseResult> {
  let current = body;
  let isReplaced = false;
  for (const hook of context.settings.hooks.response) {
    if (hook.mode.type !== 'synchronous') continue;
    try {
      const answer = await post(context, hook, current, childSpan(context.span));
      if (answer.status === 204) continue;
      if (answer.status === 200) {
        current = jsonOf(answer);
        isReplaced = true;
      } else if (answer.status === 400 || answer.status === 500) {
        const details = jsonOf(answer);
        if (!isErrorReturned(context, hook.mode.onPluginFailure)) continue;
        return {
          kind: 'error',
          answer:
            answer.status === 400
              ? errorAnswer(400, `User error in pre-response plugin: ${hook.name}`, details)
              : errorAnswer(500, `Internal error in pre-response plugin: ${hook.name}`),
        };
      } else throw new PluginFault(`Unexpected status code: ${answer.status}`);
    } catch (error) {
      if (!(error instanceof PluginFault)) throw error;
      return { kind: 'error', answer: errorAnswer(500, error.message) };
    }
  }
  return isReplaced ? { kind: 'replaced', body: current } : { kind: 'unchanged' };
}

/** Consulted for 400 and 500 only; the source has it the other way round than the documentation. */
function isErrorReturned({ settings }: GraphqlRequestContext, onPluginFailure: 'fail' | 'continue'): boolean {
  return onPluginFailure === (settings.failureReading === 'source' ? 'continue' : 'fail');
}

async function post(context: GraphqlRequestContext, hook: ResponseHook, response: unknown, span: EngineSpan) {
  const { settings, client, headers, peer, session, rawRequest } = context;
  const { name, url, request: wanted } = hook;
  const encoded = encodedSession(session, settings.sessionEncoding);
  try {
    return await client.post(url, graphqlHookHeaders(wanted.headers, span, headers, peer), {
      ...graphqlHookBody(wanted, encoded, rawRequest),
      response,
    });
  } catch (error) {
    // The engine's text names the wrong hook.
    throw new PluginFault(`Error while making the HTTP request to the pre-parse plugin ${name} - ${String(error)}`);
  }
}

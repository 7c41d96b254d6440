import { type EngineResponse, errorResponse, type GraphqlRequestContext } from './engine-context.ts';
import { graphqlHookBody, graphqlHookHeaders, jsonOf, PluginFault } from './hook-call.ts';
import type { ResponseHook } from './hook-metadata.ts';
import { encodedSession } from './session.ts';
import { backgroundSpan, childSpan, type EngineSpan } from './trace.ts';

export interface PreResponseOutcome {
  readonly response: EngineResponse;
  /** The engine never waits for these; a test does. */
  readonly background: readonly Promise<unknown>[];
}

/** Asynchronous hooks start first, all at once, with the engine's own response; then the synchronous ones in order. */
export async function runPreResponse(
  context: GraphqlRequestContext,
  response: EngineResponse,
): Promise<PreResponseOutcome> {
  const hooks = context.settings.hooks.response;
  const body: unknown = JSON.parse(response.text);
  const background = hooks
    .filter(({ mode }) => mode.type === 'asynchronous')
    // Every status and every failure is ignored.
    .map((hook) => post(context, hook, body, backgroundSpan(context.headers)).catch(() => undefined));
  return { response: await runSynchronous(context, response, body), background };
}

async function runSynchronous(
  context: GraphqlRequestContext,
  response: EngineResponse,
  body: unknown,
): Promise<EngineResponse> {
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
        return answer.status === 400
          ? errorResponse(400, `User error in pre-response plugin: ${hook.name}`, details)
          : errorResponse(500, `Internal error in pre-response plugin: ${hook.name}`);
      } else throw new PluginFault(`Unexpected status code: ${answer.status}`);
    } catch (error) {
      if (!(error instanceof PluginFault)) throw error;
      return errorResponse(500, error.message);
    }
  }
  return isReplaced ? { status: 200, text: JSON.stringify(current) } : response;
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

import { type ErrorAnswer, errorAnswer, type GraphqlRequestContext } from './engine-context.ts';
import { graphqlHookBody, graphqlHookHeaders, jsonOf, PluginFault, type RawRequest } from './hook-call.ts';
import type { ParseHook } from './hook-metadata.ts';
import { encodedSession } from './session.ts';
import { childSpan } from './trace.ts';

export type PreParseOutcome =
  | { readonly kind: 'continue'; readonly request: RawRequest }
  /** Bytes that become the response; nobody looks at them. */
  | { readonly kind: 'response'; readonly text: string }
  | { readonly kind: 'refusal'; readonly answer: ErrorAnswer }
  /** A hook that could not be asked, or that nobody understands. */
  | { readonly kind: 'fault'; readonly answer: ErrorAnswer };

/** One after another in the order of metadata, each with the request as those before it left it. */
export async function runPreParse(context: GraphqlRequestContext): Promise<PreParseOutcome> {
  let request = context.rawRequest;
  for (const hook of context.settings.hooks.parse) {
    try {
      const outcome = await callHook(context, hook, request);
      if (outcome.kind !== 'continue') return outcome;
      request = outcome.request;
    } catch (error) {
      if (!(error instanceof PluginFault)) throw error;
      return { kind: 'fault', answer: errorAnswer(500, error.message) };
    }
  }
  return { kind: 'continue', request };
}

async function callHook(
  { settings, client, headers, peer, session, span }: GraphqlRequestContext,
  { name, url, request: wanted }: ParseHook,
  request: RawRequest,
): Promise<Exclude<PreParseOutcome, { kind: 'fault' }>> {
  const answer = await client
    .post(
      url,
      graphqlHookHeaders(wanted.headers, childSpan(span), headers, peer),
      graphqlHookBody(wanted, encodedSession(session, settings.sessionEncoding), request),
    )
    .catch((error: unknown) => {
      throw new PluginFault(`Error while making the HTTP request to the pre-parse plugin ${name} - ${String(error)}`);
    });
  switch (answer.status) {
    case 204:
      return { kind: 'continue', request };
    case 200:
      return { kind: 'response', text: answer.text };
    case 299:
      return { kind: 'continue', request: rewritten(jsonOf(answer)) };
    case 400:
      return {
        kind: 'refusal',
        answer: errorAnswer(400, `User error in pre-parse plugin: ${name}`, jsonOf(answer)),
      };
    case 500:
      jsonOf(answer);
      return { kind: 'refusal', answer: errorAnswer(500, `Internal error in pre-parse plugin: ${name}`) };
    default:
      throw new PluginFault(`Unexpected status code: ${answer.status}`);
  }
}

/** What the plugin leaves out becomes null: nothing is inherited. */
function rewritten(body: unknown): RawRequest {
  const { query, variables, operationName } = (body ?? {}) as Partial<RawRequest>;
  if (typeof query !== 'string') throw new PluginFault('Reqwest error: missing field `query`');
  return { query, variables: variables ?? null, operationName: operationName ?? null };
}

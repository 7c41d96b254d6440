import { Agent, request } from 'node:http';
import type { GraphqlHookRequest, HookHeaders } from './hook-metadata.ts';
import { type ClientHeaders, type EngineSpan, traceHeaders } from './trace.ts';

/** What came back: bytes, not looked at yet. Header values don't matter to the engine. */
export interface PluginAnswer {
  readonly status: number;
  readonly text: string;
}

/** One pool per engine; like the engine's client it has no timeout. */
export interface PluginClient {
  post(url: string, headers: Readonly<Record<string, string>>, body: unknown): Promise<PluginAnswer>;
  close(): void;
}

export function createPluginClient(): PluginClient {
  const agent = new Agent({ keepAlive: true });
  return {
    post(url, headers, body) {
      const text = JSON.stringify(body);
      return new Promise((resolve, reject) => {
        const call = request(url, { method: 'POST', agent, headers: { accept: '*/*', ...headers } }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () =>
            resolve({ status: response.statusCode as number, text: Buffer.concat(chunks).toString('utf8') }),
          );
        });
        call.on('error', reject);
        call.setHeader('content-type', 'application/json');
        call.setHeader('content-length', Buffer.byteLength(text));
        call.end(text);
      });
    },
    close: () => agent.destroy(),
  };
}

/** Headers of pre-parse and pre-response; the later a source is written, the more it counts. */
export function graphqlHookHeaders(
  { additional, forward }: HookHeaders,
  span: EngineSpan,
  client: ClientHeaders,
  peer: string,
): Record<string, string> {
  const headers: Record<string, string> = { ...traceHeaders(span), ...lowerCased(additional) };
  for (const name of forward) {
    const value = client[name.toLowerCase()];
    if (value !== undefined) headers[name.toLowerCase()] = value;
  }
  headers['x-forwarded-for'] = peer;
  return headers;
}

export function ndcHookHeaders(headers: Readonly<Record<string, string>>, span: EngineSpan): Record<string, string> {
  return { ...traceHeaders(span), ...lowerCased(headers) };
}

export interface RawRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>> | null;
  readonly operationName: string | null;
}

/** Every key is there; what the configuration leaves out is null. */
export function graphqlHookBody(
  wanted: GraphqlHookRequest,
  session: object,
  { query, variables, operationName }: RawRequest,
): Record<string, unknown> {
  return {
    session: wanted.session ? session : null,
    rawRequest: {
      query: wanted.query ? query : null,
      variables: wanted.variables ? variables : null,
      operationName,
    },
  };
}

/** @throws PluginFault where the text is no JSON. */
export function jsonOf({ text }: PluginAnswer): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new PluginFault(`Reqwest error: ${(error as Error).message}`);
  }
}

/** What the engine reports as an internal error: any status it doesn't know, no answer, a body it can't read. */
export class PluginFault extends Error {}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

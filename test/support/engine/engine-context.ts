import type { IncomingMessage } from 'node:http';
import type { GraphQLSchema } from 'graphql';
import type { PluginClient, RawRequest } from './hook-call.ts';
import type { EngineHooks } from './hook-metadata.ts';
import type { Session, SessionEncoding } from './session.ts';
import type { ClientHeaders, EngineSpan } from './trace.ts';

/** Where the engine's source and its documentation differ; the hosted engine's behaviour was never observed. */
export type FailureReading = 'source' | 'documentation';

export interface EngineSettings {
  readonly hooks: EngineHooks;
  readonly sessionEncoding: SessionEncoding;
  readonly failureReading: FailureReading;
  readonly roleEmulation: boolean;
  /** Sent to pre-NDC hooks: `{subgraph, name}`, or the bare name of the documentation. */
  readonly connectorNames: 'objects' | 'strings';
}

/** What HTTP and websockets share. */
export interface EngineCore {
  readonly schema: GraphQLSchema;
  readonly client: PluginClient;
  /** As configured now. */
  settings(): EngineSettings;
  /** Keeps calls that no client waits for, so that a test can. */
  keep(background: readonly Promise<unknown>[]): void;
}

/** One request of a client, after authentication. */
export interface RequestContext {
  readonly settings: EngineSettings;
  readonly client: PluginClient;
  readonly headers: ClientHeaders;
  /** Address of the immediate peer. */
  readonly peer: string;
  readonly session: Session;
  readonly span: EngineSpan;
}

export function peerOf({ socket }: IncomingMessage): string {
  return (socket.remoteAddress ?? '').replace('::ffff:', '');
}

export interface EngineResponse {
  readonly status: number;
  readonly text: string;
}

export interface GraphqlRequestContext extends RequestContext {
  /** As the client sent it: over HTTP pre-response hooks see this one even after a 299, over a websocket the rewritten one. */
  readonly rawRequest: RawRequest;
}

/** In place of a result. Over HTTP a response with a status, over a websocket the error of one operation. */
export interface ErrorAnswer {
  readonly status: number;
  readonly error: { readonly message: string; readonly extensions?: { readonly details: unknown } };
}

export function errorAnswer(status: number, message: string, details?: unknown): ErrorAnswer {
  return { status, error: { message, ...(details === undefined ? {} : { extensions: { details } }) } };
}

export function errorResponse({ status, error }: ErrorAnswer): EngineResponse {
  return { status, text: JSON.stringify({ data: null, errors: [error] }) };
}

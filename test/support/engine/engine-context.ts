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

export interface EngineResponse {
  readonly status: number;
  readonly text: string;
}

export interface GraphqlRequestContext extends RequestContext {
  /** As the client sent it: over HTTP, pre-response hooks see this one even after a 299. */
  readonly rawRequest: RawRequest;
}

export function errorResponse(status: number, message: string, details?: unknown): EngineResponse {
  const extensions = details === undefined ? {} : { extensions: { details } };
  return { status, text: JSON.stringify({ data: null, errors: [{ message, ...extensions }] }) };
}

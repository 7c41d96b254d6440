/** The `LifecyclePluginHook`s of a supergraph, as far as the engine acts on them. */
export interface EngineHooks {
  readonly parse: readonly ParseHook[];
  readonly response: readonly ResponseHook[];
  readonly ndcRequest: readonly NdcHook[];
  readonly ndcResponse: readonly NdcHook[];
}

export interface HookHeaders {
  readonly additional: Readonly<Record<string, string>>;
  readonly forward: readonly string[];
}

/** Parts that are switched on by an empty object in metadata. */
export interface GraphqlHookRequest {
  readonly headers: HookHeaders;
  readonly session: boolean;
  readonly query: boolean;
  readonly variables: boolean;
}

export interface ParseHook {
  readonly name: string;
  readonly url: string;
  readonly request: GraphqlHookRequest;
}

export interface ResponseHook extends ParseHook {
  readonly mode:
    | { readonly type: 'asynchronous' }
    | { readonly type: 'synchronous'; readonly onPluginFailure: 'fail' | 'continue' };
}

export interface NdcHook {
  readonly name: string;
  readonly url: string;
  /** Of one subgraph; a connector has at most one hook of each kind. */
  readonly connectors: readonly string[];
  readonly subgraph: string;
  /** A plain map, unlike those of the GraphQL hooks. */
  readonly headers: Readonly<Record<string, string>>;
  readonly session: boolean;
  readonly ndcRequest: boolean;
  /** Of the response hook only. */
  readonly ndcResponse: boolean;
}

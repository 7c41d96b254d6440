/** What a team may choose about the place of our metadata in its supergraph. */
export interface ProjectOptions {
  /** Subgraph that holds the connector link, the models and the commands. */
  readonly subgraph: string;
  /** Name of the connector link in that subgraph. */
  readonly link: string;
  /** Put before every GraphQL type and root field, for a supergraph that has `alerts` of its own; empty for none. */
  readonly graphqlPrefix: string;
  /** Connectors whose responses are observed, with the subgraph that links them. */
  readonly observe: readonly ObservedConnectors[];
  /** Session variable with the caller's id, recorded with each change; null where sessions may lack one. */
  readonly userIdVariable: string | null;
  /** Roles besides `admin` that may read every model and run every function; procedures stay with `admin`. */
  readonly readerRoles: readonly string[];
}

export interface ObservedConnectors {
  readonly subgraph: string;
  readonly connectors: readonly string[];
}

/** The names of the original plugin's example supergraph, so that its queries keep their place. */
export const DEFAULT_PROJECT: ProjectOptions = {
  subgraph: 'data_quality',
  link: 'anomalies',
  graphqlPrefix: '',
  observe: [],
  userIdVariable: null,
  readerRoles: [],
};

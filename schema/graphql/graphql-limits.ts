/** What one GraphQL request may ask for. */
export interface GraphqlLimits {
  /** Nested fields, counted from the root field as 1; fields of introspection have graphql's own limit. */
  readonly depth: number;
  /** Aliased fields, fragments expanded. */
  readonly aliases: number;
  /** Lists and objects inside one another in the variables. */
  readonly variableDepth: number;
  /** Lexical tokens of the document. */
  readonly tokens: number;
  /** Rows of a list when no `limit` is given. */
  readonly defaultRows: number;
  /** Greatest `limit` of one list. */
  readonly maxRows: number;
  /** Bytes of a request's body. */
  readonly bodyBytes: number;
}

export const DEFAULT_GRAPHQL_LIMITS: GraphqlLimits = {
  depth: 12,
  aliases: 15,
  variableDepth: 64,
  tokens: 2_000,
  defaultRows: 100,
  maxRows: 1_000,
  bodyBytes: 1_000_000,
};

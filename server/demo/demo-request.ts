/** What a client asked and the engine answered, before it is put into the bodies of hooks. */
export type DemoRequest = GraphqlRequest | NdcRequest;

export interface GraphqlRequest {
  readonly kind: 'graphql';
  readonly operationName: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>> | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A query that PromptQL's SQL became: seen by the pre-NDC hooks only. */
export interface NdcRequest {
  readonly kind: 'ndc';
  readonly connector: string;
  readonly request: Readonly<Record<string, unknown>>;
  readonly response: readonly unknown[];
}

type Fields = Readonly<Record<string, unknown>>;

/** The named fields of a row, in the order asked for, and what is nested below it. */
export function select(row: Fields, fields: string, nested: Fields = {}): Record<string, unknown> {
  const selected = fields.split(' ').map((field): [string, unknown] => [field, row[field] ?? null]);
  return Object.fromEntries([...selected, ...Object.entries(nested)]);
}

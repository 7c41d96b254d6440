import type { VaryingValue } from './request-facts.ts';

/** What a request log that keeps argument values has of them, in the form that kill-switch rules read. */
export interface ArgumentFacts {
  /** Root field or collection → argument → value, as in the fact. */
  readonly arguments: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** The largest `limit`, `first` or `last` of a GraphQL document. */
  readonly limit: number | null;
  /** Arguments that the request has several values of. */
  readonly varying: readonly VaryingValue[];
}

import { createHash } from 'node:crypto';

/** Where an observation was made. Shapes of different sources are never equated, their counts never summed. */
export type Source = 'graphql' | 'ndc';

/** `<source>:<version>:<hash>`: the fingerprint of a query with literals, aliases and formatting taken out. */
export type QueryId = `${Source}:${number}:${string}`;

export type OperationType = 'query' | 'mutation' | 'subscription';

/** The structure of a query: what two requests have in common when they differ only in values. */
export interface QueryShape {
  readonly id: QueryId;
  /** The normalised text the id is a hash of; without literals, so free of personal data. */
  readonly text: string;
  readonly operationType: OperationType;
  /** Root-field names (GraphQL) or `connector.collection` (NDC), aliases resolved, distinct, sorted. */
  readonly rootFields: readonly string[];
  /** Every leaf as `root.child.leaf`, aliases resolved, fragments expanded, distinct, sorted. */
  readonly fields: readonly string[];
  /** Structural counts, the input of query-pattern analysis. */
  readonly features: QueryFeatures;
}

/** The nine published features of the original plugin, plus those that its list lacked. All are counts or 0/1. */
export interface QueryFeatures {
  /** Characters of the query text as sent. */
  readonly queryLength: number;
  readonly depth: number;
  /** Distinct field names. */
  readonly fields: number;
  readonly arguments: number;
  readonly variables: number;
  readonly hasPagination: boolean;
  readonly hasFiltering: boolean;
  readonly hasSorting: boolean;
  /** 2 × distinct field names + 3 × maximum depth + 1.5 × arguments, as the original computed it. */
  readonly complexityScore: number;
  readonly aliases: number;
  readonly rootFields: number;
  /** Whether one of `SCHEMA_FIELDS` is asked for. */
  readonly introspection: boolean;
}

/** Root fields that answer the schema instead of data; `_service { sdl }` is Apollo Federation's, which DDN can serve. */
export const SCHEMA_FIELDS: ReadonlySet<string> = new Set(['__schema', '__type', '_service']);

/** Whether a request asks for the schema and for nothing else; a single field of data makes it a request like any other. */
export function asksOnlyForSchema({ fields, features }: Pick<QueryShape, 'fields' | 'features'>): boolean {
  return features.introspection && fields.every((path) => SCHEMA_FIELDS.has(path));
}

/** Bumped when normalisation changes: old ids then stay what they were and new ones don't collide with them. */
export const SHAPE_VERSION = 1;

export function queryIdOf(source: Source, normalisedText: string): QueryId {
  const hash = createHash('sha256').update(normalisedText).digest('hex').slice(0, 32);
  return `${source}:${SHAPE_VERSION}:${hash}`;
}

/** The original plugin's identity of a query: MD5 of the UTF-8 text. Kept for its routes; not used for security. */
export function queryHashOf(queryText: string): string {
  return createHash('md5').update(queryText).digest('hex');
}

import type { Variables } from '../core/document/argument-value.ts';
import { isRecord, property } from '../core/document/foreign-object.ts';

/** The body of pre-parse and pre-response; whatever the hook's configuration leaves out is null. */
export interface GraphqlCall {
  readonly session: unknown;
  readonly query: string | null;
  readonly variables: Variables;
  readonly operationName: string | null;
  /** Pre-response only; undefined where the body has none. */
  readonly response: unknown;
}

/** Reads any JSON value; parts of a wrong type count as left out. */
export function graphqlCallOf(body: unknown): GraphqlCall {
  const request = property(body, 'rawRequest');
  const query = property(request, 'query');
  const variables = property(request, 'variables');
  const operationName = property(request, 'operationName');
  return {
    session: property(body, 'session'),
    query: typeof query === 'string' ? query : null,
    variables: isRecord(variables) ? variables : {},
    operationName: typeof operationName === 'string' && operationName !== '' ? operationName : null,
    response: property(body, 'response'),
  };
}

import { isRecord, property } from '../../core/document/foreign-object.ts';
import { type Headers, headerOf } from '../trace-context.ts';

/** The original's refusals, kept to the letter. */
export type RequestFault = { readonly error: string; readonly missing?: readonly string[] };

export const ROLE_HEADER = 'x-hasura-role';
export const USER_HEADER = 'x-hasura-user';
const RAW_REQUEST_KEYS = ['query', 'variables', 'operationName'];

const INVALID_FORMAT: RequestFault = { error: 'Invalid request format' };

/**
 * What is wrong with a `POST /anomalies`, in the order in which the original looked, or null. `body` is undefined where
 * the request held no JSON. An introspection query is found by its document, after this.
 */
export function faultOf(headers: Headers, body: unknown): RequestFault | null {
  if (headerOf(headers, ROLE_HEADER) === null) return { error: 'Missing required headers', missing: ['X-Hasura-Role'] };
  if (body === undefined) return INVALID_FORMAT;
  if (isEmpty(body)) return { error: 'Request body is required' };
  if (typeof body !== 'object') return INVALID_FORMAT;
  if (!isRecord(body) || !Object.hasOwn(body, 'rawRequest')) return { error: 'rawRequest is required' };
  if (!Object.hasOwn(body, 'response')) return { error: 'response is required' };
  const rawRequest = body['rawRequest'];
  if (!isRecord(rawRequest)) return INVALID_FORMAT;
  const missing = RAW_REQUEST_KEYS.filter((key) => !Object.hasOwn(rawRequest, key));
  // The query is what the analysis is filed under: null or a number is no query.
  if (missing.length === 0 && typeof property(rawRequest, 'query') !== 'string') missing.push('query');
  if (missing.length > 0) return { error: 'Invalid rawRequest format', missing };
  return isRecord(body['response']) ? null : { error: 'response must be an object with dataset keys' };
}

export const INTROSPECTION_FAULT: RequestFault = { error: 'Introspection queries are not allowed' };

function isEmpty(body: unknown): boolean {
  if (Array.isArray(body)) return body.length === 0;
  return body === null || (isRecord(body) && Object.keys(body).length === 0);
}

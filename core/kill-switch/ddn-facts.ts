import type { Stage } from '../domain/decision.ts';
import { DDN_NAMESPACE } from '../domain/kill-switch-rule.ts';
import type { FactDef, FactSchema } from './fact-schema.ts';

const PARSED_QUERY: readonly Stage[] = ['pre-parse', 'pre-response'];
const PRE_PARSE: readonly Stage[] = ['pre-parse'];
const NDC: readonly Stage[] = ['pre-ndc-request', 'pre-ndc-response'];

/**
 * The facts that the engine's hooks give, and at which of them. `session`, `variables`, `arguments` and `headers` are
 * open maps with lower-case keys where the protocol has them; an unknown top-level name is refused.
 */
const DDN_FACTS: ReadonlyMap<string, FactDef> = new Map<string, FactDef>([
  ['namespace', { type: 'string' }],
  ['environment', { type: 'string' }],
  ['service', { type: 'string' }],
  ['role', { type: 'string' }],
  ['session', { type: 'map' }],
  ['headers', { type: 'map' }],
  ['operationName', { type: 'string', stages: PARSED_QUERY }],
  ['operationType', { type: 'string', stages: PARSED_QUERY }],
  ['rootFields', { type: 'list', stages: PARSED_QUERY }],
  ['fields', { type: 'list', stages: PARSED_QUERY }],
  ['arguments', { type: 'map', stages: [...PARSED_QUERY, ...NDC] }],
  ['variables', { type: 'map', stages: PARSED_QUERY }],
  ['depth', { type: 'number', stages: PRE_PARSE }],
  ['limit', { type: 'number', stages: PRE_PARSE }],
  ['connector', { type: 'string', stages: NDC }],
  ['collection', { type: 'string', stages: NDC }],
]);

export const DDN_SCHEMA: FactSchema = { name: DDN_NAMESPACE, open: false, facts: DDN_FACTS };

/** The fact schemas that come with the product, by the name a case file or a namespace uses. */
export const FACT_SCHEMAS: ReadonlyMap<string, FactSchema> = new Map([[DDN_NAMESPACE, DDN_SCHEMA]]);

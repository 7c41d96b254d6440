import { type FactContext, graphqlFacts } from '../core/document/ddn-facts.ts';
import { property } from '../core/document/foreign-object.ts';
import { extractDatasets } from '../core/document/graphql-datasets.ts';
import { type DocumentReading, argumentValuesOf } from '../core/document/graphql-document.ts';
import { uuidv7 } from '../core/domain/ids.ts';
import type { Observation } from '../core/domain/observation.ts';
import type { Principal } from '../core/domain/principal.ts';
import { argumentFactsOf } from '../core/services/argument-facts.ts';
import type { Delivery } from './delivery.ts';
import type { GraphqlCall } from './graphql-call.ts';
import { type OwnTraffic, withoutExcluded } from './own-traffic.ts';

export interface ObservationBuilt {
  readonly observation: Observation;
  /** Names of datasets that the configuration excludes. */
  readonly skipped: readonly string[];
  /** Lists beyond what one observation holds. */
  readonly droppedDatasets: number;
}

/** A name is the client's to choose; one that is longer is cut. */
const MAX_NAME_CHARACTERS = 255;

/** Arguments do not depend on who asks. */
export const NO_CONTEXT: FactContext = {
  environment: null,
  service: null,
  principal: { role: '', userId: null, sessionVariables: new Map() },
  headers: {},
};

/**
 * The observation of a GraphQL response; of a refused request when `killed`, which has no data.
 *
 * @param keepsArguments whether the request log may keep argument values.
 */
export function observationFromGraphql(
  call: GraphqlCall,
  document: DocumentReading,
  principal: Principal,
  delivery: Delivery,
  own: OwnTraffic,
  killed: boolean,
  keepsArguments: boolean,
): ObservationBuilt {
  const selection = document.kind === 'document' ? document.selection : null;
  const data = killed ? null : property(call.response, 'data');
  const extracted = extractDatasets(data, selection);
  const { datasets, skipped } = withoutExcluded(extracted.datasets, 'graphql', own);
  const errors = property(call.response, 'errors');
  const operationName = call.operationName ?? (document.kind === 'document' ? document.operationName : null);
  const observation: Observation = {
    id: uuidv7(delivery.receivedAt),
    at: delivery.at,
    receivedAt: delivery.receivedAt,
    source: 'graphql',
    deliveryKey: delivery.deliveryKey,
    traceId: delivery.traceId,
    requestId: delivery.requestId,
    principal,
    operationName: operationName?.slice(0, MAX_NAME_CHARACTERS) ?? null,
    shape: document.shape,
    queryHash: document.queryHash,
    arguments: argumentValuesOf(document, call.variables),
    argumentFacts: keepsArguments ? argumentFactsOf(graphqlFacts(NO_CONTEXT, document, call)) : null,
    datasets,
    errorCount: Array.isArray(errors) ? errors.length : 0,
    killed,
  };
  return { observation, skipped, droppedDatasets: extracted.droppedDatasets };
}

import { ndcFacts } from '../core/document/ddn-facts.ts';
import { extractNdcDatasets } from '../core/document/ndc-datasets.ts';
import { ndcArgumentValuesOf } from '../core/document/ndc-request.ts';
import { uuidv7 } from '../core/domain/ids.ts';
import type { Observation } from '../core/domain/observation.ts';
import type { Principal } from '../core/domain/principal.ts';
import { queryHashOf } from '../core/domain/query-shape.ts';
import { argumentFactsOf } from '../core/services/argument-facts.ts';
import type { Delivery } from './delivery.ts';
import type { NdcCall } from './ndc-call.ts';
import { NO_CONTEXT, type ObservationBuilt } from './observation-from-graphql.ts';
import { type OwnTraffic, withoutExcluded } from './own-traffic.ts';

/**
 * The observation of an NDC request with its response; of a refused request when `killed`, which has no data.
 *
 * @param keepsArguments whether the request log may keep argument values.
 */
export function observationFromNdc(
  call: NdcCall,
  principal: Principal,
  delivery: Delivery,
  own: OwnTraffic,
  killed: boolean,
  keepsArguments: boolean,
): ObservationBuilt {
  const extracted = extractNdcDatasets(call.reading, killed ? null : call.response);
  const { datasets, skipped } = withoutExcluded(extracted.datasets, 'ndc', own);
  const observation: Observation = {
    id: uuidv7(delivery.receivedAt),
    at: delivery.at,
    receivedAt: delivery.receivedAt,
    source: 'ndc',
    deliveryKey: delivery.deliveryKey,
    traceId: delivery.traceId,
    requestId: delivery.requestId,
    principal,
    // NDC requests have no name; the trace leads to the GraphQL operation, where there was one.
    operationName: null,
    shape: call.reading.shape,
    // An NDC request has no text of its author's; its normalised form stands in.
    queryHash: queryHashOf(call.reading.shape.text),
    arguments: ndcArgumentValuesOf(call.reading),
    argumentFacts: keepsArguments ? argumentFactsOf(ndcFacts(NO_CONTEXT, call.reading)) : null,
    datasets,
    errorCount: 0,
    killed,
  };
  return { observation, skipped, droppedDatasets: extracted.droppedDatasets };
}

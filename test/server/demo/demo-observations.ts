import { createDocumentReader, argumentValuesOf } from '../../../core/document/graphql-document.ts';
import { extractDatasets } from '../../../core/document/graphql-datasets.ts';
import { extractNdcDatasets } from '../../../core/document/ndc-datasets.ts';
import { ndcArgumentValuesOf, readNdcRequest } from '../../../core/document/ndc-request.ts';
import { queryHashOf } from '../../../core/domain/query-shape.ts';
import type { Observation } from '../../../core/domain/observation.ts';
import type { Principal } from '../../../core/domain/principal.ts';
import type { DemoEvent } from '../../../server/demo/demo-stream.ts';

const readGraphql = createDocumentReader();

interface Session {
  readonly role: string;
  readonly variables: Readonly<Record<string, string | { readonly Parsed: string }>>;
}

/** What the hooks would make of an event; null for pre-parse, which shows no data. */
export function observationOfEvent(event: DemoEvent): Observation | null {
  if (event.path === '/hooks/pre-parse') return null;
  const body = event.body as Record<string, unknown>;
  const common = {
    id: event.traceId,
    at: event.at,
    receivedAt: event.at,
    deliveryKey: event.traceId,
    traceId: event.traceId,
    requestId: null,
    principal: principalOf(body['session'] as Session),
    errorCount: 0,
    killed: false,
  };
  if (event.path === '/hooks/pre-ndc-response') {
    const connector = (body['dataConnectorName'] as { name: string }).name;
    const reading = readNdcRequest(connector, body['ndcRequest']);
    if (reading === undefined) throw new Error('the demo sends NDC requests that can be read');
    return {
      ...common,
      source: 'ndc',
      operationName: null,
      shape: reading.shape,
      queryHash: queryHashOf(JSON.stringify(body['ndcRequest'])),
      arguments: ndcArgumentValuesOf(reading),
      datasets: extractNdcDatasets(reading, body['ndcResponse']).datasets,
    };
  }
  const raw = body['rawRequest'] as { query: string; operationName: string; variables: Record<string, unknown> | null };
  const document = readGraphql(raw.query, raw.operationName);
  if (document.kind === 'unreadable') throw new Error(`the demo sends a query that is ${document.reason}`);
  const { data } = body['response'] as { data: unknown };
  return {
    ...common,
    source: 'graphql',
    operationName: raw.operationName,
    shape: document.shape,
    queryHash: document.queryHash,
    arguments: argumentValuesOf(document, raw.variables ?? {}),
    datasets: extractDatasets(data, document.selection).datasets,
  };
}

function principalOf(session: Session): Principal {
  const user = session.variables['x-hasura-user-id'];
  const userId = typeof user === 'object' ? user.Parsed : (user ?? null);
  return { role: session.role, userId, sessionVariables: new Map() };
}

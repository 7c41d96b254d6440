import { property, textProperty } from '../core/document/foreign-object.ts';
import { type NdcRequestReading, readNdcRequest } from '../core/document/ndc-request.ts';

/** The body of the pre-NDC hooks. */
export interface NdcCall {
  readonly session: unknown;
  readonly connector: string;
  /** `query`, `mutation`, or one of them with `_explain`: the plan is asked for and no data are answered. */
  readonly isExplain: boolean;
  readonly reading: NdcRequestReading;
  readonly response: unknown;
}

/** Undefined where the body is of another kind: a relational request, or what later engines send. */
export function ndcCallOf(body: unknown): NdcCall | undefined {
  const connector = connectorOf(property(body, 'dataConnectorName'));
  const reading = connector === undefined ? undefined : readNdcRequest(connector, property(body, 'ndcRequest'));
  if (connector === undefined || !reading) return undefined;
  return {
    session: property(body, 'session'),
    connector,
    isExplain: /explain$/i.test(textProperty(body, 'operationType') ?? ''),
    reading,
    response: property(body, 'ndcResponse'),
  };
}

/** Engines send `{subgraph, name}`; the documentation shows the bare name. */
function connectorOf(name: unknown): string | undefined {
  return typeof name === 'string' ? name : textProperty(name, 'name');
}

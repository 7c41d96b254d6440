import type { Connector, ConnectorError } from '@hasura/ndc-sdk-typescript';
import { toFailure } from './error-response.ts';
import type { HostLogger } from './host.ts';

/**
 * The same connector for the SDK's own `start`. Its server knows its own error classes only and sends the text of any
 * other error to the caller, so every failure is translated here. The class is handed in: importing the SDK at run time
 * starts OpenTelemetry and costs half a second, which only a process that really uses it should pay.
 */
export function forSdk(
  connector: Connector<null, null>,
  sdk: { readonly ConnectorError: new (status: number, message: string, details?: ConnectorError['details']) => Error },
  logger: Pick<HostLogger, 'error'>,
): Connector<null, null> {
  const translated = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      const { status, body, incidentId } = toFailure(error);
      if (incidentId !== undefined)
        logger.error({ event: 'ndc_internal_error', incidentId, err: error }, 'NDC request failed');
      throw new sdk.ConnectorError(status, body.message, { ...body.details });
    }
  };
  return {
    ...connector,
    getHealthReadiness: async () => translated(async () => connector.getHealthReadiness?.(null, null)),
    query: async (_configuration, _state, request) => translated(async () => connector.query(null, null, request)),
    queryExplain: async (_configuration, _state, request) =>
      translated(async () => connector.queryExplain(null, null, request)),
    mutation: async (_configuration, _state, request) =>
      translated(async () => connector.mutation(null, null, request)),
    mutationExplain: async (_configuration, _state, request) =>
      translated(async () => connector.mutationExplain(null, null, request)),
  };
}

import { type ListenAddress, listenAddress } from './listen-address.ts';
import type { SettingValues } from './settings.ts';

/** Where the connector listens. Throws OpenListenerError. */
export function connectorAddressOf(values: SettingValues): ListenAddress {
  return listenAddress({
    listener: 'connector',
    port: values.HASURA_CONNECTOR_PORT,
    host: values.HASURA_CONNECTOR_HOST,
    hostVariable: 'HASURA_CONNECTOR_HOST',
    secretVariable: 'HASURA_SERVICE_TOKEN_SECRET',
    hasSecret: values.HASURA_SERVICE_TOKEN_SECRET !== undefined,
  });
}

/** Where hooks and API listen. Throws OpenListenerError. */
export function apiAddressOf(values: SettingValues): ListenAddress {
  return listenAddress({
    listener: 'hooks and API',
    port: values.PORT,
    host: values.HOST,
    hostVariable: 'HOST',
    secretVariable: 'M_AUTH_KEY',
    hasSecret: values.M_AUTH_KEY !== undefined,
  });
}

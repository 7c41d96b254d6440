import { ConnectorError, start } from '@hasura/ndc-sdk-typescript';
import { forSdk } from '../../connector/sdk-connector.ts';
import { createConnector } from '../../connector/sentinel-connector.ts';
import { DEFAULT_LIMITS } from '../../schema/query/limits.ts';
import { openSqlite } from './ndc-database.ts';
import { CATALOGUE, VERB_TABLE } from './ndc-fixture.ts';

/**
 * The connector under the SDK's own `start`, as a program of its own: the SDK's server can't be stopped in process.
 * Called with the SDK's own arguments: `serve --configuration . --host 127.0.0.1 --port <port>`.
 */
const database = await openSqlite(CATALOGUE);
const connector = createConnector({
  engine: { catalogue: CATALOGUE, limits: DEFAULT_LIMITS },
  runner: database.runner,
  verbs: VERB_TABLE,
  snapshot: (run) => database.snapshot(run),
  transaction: (run) => database.transaction(run),
});

start(
  forSdk(
    connector,
    { ConnectorError },
    { error: (fields, message) => process.stderr.write(`${message} ${JSON.stringify(fields)}\n`) },
  ),
);

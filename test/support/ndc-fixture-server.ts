import { startNdcServer } from './ndc-server.ts';

/**
 * The fixture as a running connector, for the official test suite:
 *
 *     npx node test/support/ndc-fixture-server.ts &
 *     ndc-test test   --endpoint <printed URL>
 *     ndc-test replay --endpoint <printed URL> --snapshots-dir test/ndc-snapshots
 */
const server = await startNdcServer('sqlite', '');
process.stdout.write(`${server.url}\n`);
process.once('SIGINT', () => void server.close());
process.once('SIGTERM', () => void server.close());

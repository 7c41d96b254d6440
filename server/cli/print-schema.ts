import { CAPABILITIES } from '../../connector/capabilities.ts';
import { schemaResponse } from '../../connector/schema-response.ts';
import { NDC_VERSION } from '../../connector/spec-version.ts';
import { CATALOGUE } from '../../schema/collections.ts';
import { offlineVerbs } from '../offline-verbs.ts';

/** What the connector says of itself, in the form the Hub's CLI reads to build a link without starting it. */
export function describeConnector() {
  return {
    schema: schemaResponse(CATALOGUE, offlineVerbs()),
    capabilities: { version: NDC_VERSION, capabilities: CAPABILITIES },
  };
}

export async function runPrintSchema(): Promise<void> {
  process.stdout.write(`${JSON.stringify(describeConnector(), null, 2)}\n`);
}

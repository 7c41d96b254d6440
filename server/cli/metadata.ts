import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeMetadata } from '../../metadata/write-metadata.ts';
import { CATALOGUE } from '../../schema/collections.ts';
import { describeConnector } from './print-schema.ts';

/** The example's source of data: the connector whose responses the generated hooks observe. */
const OBSERVED = [{ subgraph: 'app', connectors: ['chinook'] }];

export async function runMetadata({
  out,
  check = false,
}: {
  readonly out: string;
  readonly check?: boolean;
}): Promise<void> {
  const files = writeMetadata({ ...describeConnector(), catalogue: CATALOGUE, project: { observe: OBSERVED } });
  const stale = [...files].filter(([path, text]) => textOf(join(out, path)) !== text);
  if (check) {
    if (stale.length > 0) throw new Error(`not current in ${out}: ${stale.map(([path]) => path).join(', ')}`);
    process.stdout.write(`${files.size} files are current\n`);
    return;
  }
  for (const [path, text] of stale) {
    mkdirSync(dirname(join(out, path)), { recursive: true });
    writeFileSync(join(out, path), text);
  }
  process.stdout.write(`${stale.length} of ${files.size} files written to ${out}\n`);
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // not there yet, or not readable: writing it will say why
  }
}

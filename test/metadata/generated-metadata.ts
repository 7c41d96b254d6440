import { parseAllDocuments } from 'yaml';
import { createVerbTable, type VerbDeps } from '../../core/services/verbs/verb-table.ts';
import { CAPABILITIES } from '../../connector/capabilities.ts';
import { schemaResponse } from '../../connector/schema-response.ts';
import { NDC_VERSION } from '../../connector/spec-version.ts';
import type { HmlDocument } from '../../metadata/hml.ts';
import type { ProjectOptions } from '../../metadata/project-options.ts';
import { type MetadataInput, writeMetadata } from '../../metadata/write-metadata.ts';
import { CATALOGUE } from '../../schema/collections.ts';

/** The verbs as declared; what they run with is not asked here. */
const VERBS = createVerbTable({} as VerbDeps);

export function metadataInput(project: Partial<ProjectOptions> = {}): MetadataInput {
  return {
    schema: schemaResponse(CATALOGUE, VERBS),
    capabilities: { version: NDC_VERSION, capabilities: CAPABILITIES },
    catalogue: CATALOGUE,
    project,
  };
}

export interface PlacedDocument {
  readonly path: string;
  readonly document: HmlDocument;
}

/** Every document that the files hold, read back from their text. */
export function readDocuments(files: ReadonlyMap<string, string>): PlacedDocument[] {
  return [...files]
    .filter(([path]) => /\.(hml|yaml)$/.test(path))
    .flatMap(([path, text]) =>
      parseAllDocuments(text).map((document) => ({ path, document: document.toJS() as HmlDocument })),
    );
}

export function generate(project?: Partial<ProjectOptions>): PlacedDocument[] {
  return readDocuments(writeMetadata(metadataInput(project)));
}

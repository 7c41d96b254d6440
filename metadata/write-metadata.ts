import type { Catalogue } from '../schema/catalogue.ts';
import { type ConnectorDescription, connectorLink, linkVariables } from './connector-link.ts';
import { GENERATED_NOTICE, printDocuments } from './hml.ts';
import { graphqlHooks, HOOK_VARIABLES, ndcHooks } from './hooks.ts';
import { metadataContext } from './metadata-context.ts';
import { DEFAULT_PROJECT, type ObservedConnectors, type ProjectOptions } from './project-options.ts';
import { resourceDocuments } from './resource-documents.ts';
import { environmentExample, subgraphFile, supergraphConfiguration, supergraphFile } from './supergraph.ts';

export interface MetadataInput extends ConnectorDescription {
  /** Gives what NDC has no word for: the names of relationships. */
  readonly catalogue: Catalogue;
  readonly project?: Partial<ProjectOptions>;
}

/**
 * A whole supergraph for Hasura DDN: the connector's link, types, models, relationships and commands in one subgraph,
 * the hooks, and the objects a supergraph has once. Pure and in a fixed order.
 *
 * @returns path relative to the project's root (`data_quality/metadata/Alerts.hml`) → text
 */
export function writeMetadata(input: MetadataInput): Map<string, string> {
  const options = { ...DEFAULT_PROJECT, ...input.project };
  const files = [
    ...supergraphFiles(options),
    ...connectorFiles(input, options),
    ...options.observe.map((observed) => observedFile(observed)),
  ];
  const byPath = new Map(files);
  // A model and a command of one name, or a subgraph observed twice: one would silently replace the other.
  const twice = files.find((file) => byPath.get(file[0]) !== file[1]);
  if (twice) throw new Error(`two files of the metadata are called "${twice[0]}"`);
  return byPath;
}

function supergraphFiles(options: ProjectOptions): [path: string, text: string][] {
  const { preParse, preResponse, secret } = HOOK_VARIABLES;
  return [
    ['supergraph.yaml', printDocuments([supergraphFile(options)])],
    ['env.example', environmentExample(options)],
    ['globals/subgraph.yaml', printDocuments([subgraphFile('globals', [preParse, preResponse, secret], options)])],
    ...Object.entries(supergraphConfiguration()).map(([name, document]): [string, string] => [
      `globals/metadata/${name}.hml`,
      printDocuments([document]),
    ]),
    ['globals/metadata/anomalies-hooks.hml', printDocuments(graphqlHooks())],
  ];
}

function connectorFiles(input: MetadataInput, options: ProjectOptions): [path: string, text: string][] {
  const folder = `${options.subgraph}/metadata`;
  const variables = Object.values(linkVariables(options));
  return [
    [`${options.subgraph}/subgraph.yaml`, printDocuments([subgraphFile(options.subgraph, variables, options)])],
    [`${folder}/${options.link}.hml`, printDocuments([connectorLink(input, options)])],
    ...resourceDocuments(input.catalogue, metadataContext(input.schema, options)).map(
      ([name, documents]): [string, string] => [`${folder}/${name}.hml`, printDocuments(documents)],
    ),
  ];
}

/** The hook belongs into a subgraph that is the team's own, so only the hook's file is written there. */
function observedFile({ subgraph, connectors }: ObservedConnectors): [path: string, text: string] {
  const { ndcRequest, ndcResponse, secret } = HOOK_VARIABLES;
  const comment = [
    GENERATED_NOTICE,
    `For the subgraph "${subgraph}", which links the connectors below.`,
    `Its subgraph.yaml maps ${ndcRequest}, ${ndcResponse} and ${secret} in envMapping.`,
  ].join('\n');
  return [`${subgraph}/metadata/anomalies-ndc-hooks.hml`, printDocuments(ndcHooks(connectors), comment)];
}

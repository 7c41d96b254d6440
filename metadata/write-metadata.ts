import type { SchemaResponse } from '@hasura/ndc-sdk-typescript';
import type { Catalogue } from '../schema/catalogue.ts';
import { relationsOf } from '../schema/relations.ts';
import { commandDocuments } from './commands.ts';
import { type ConnectorDescription, connectorLink, linkVariables } from './connector-link.ts';
import { GENERATED_NOTICE, type HmlDocument, printDocuments } from './hml.ts';
import { hmlNames } from './hml-names.ts';
import { graphqlHooks, HOOK_VARIABLES, ndcResponseHook } from './hooks.ts';
import { type ModelContext, modelDocuments } from './models.ts';
import { objectTypeDocuments } from './object-types.ts';
import { DEFAULT_PROJECT, type ObservedConnectors, type ProjectOptions } from './project-options.ts';
import { relationshipDocument } from './relationships.ts';
import { scalarDocuments } from './scalar-types.ts';
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
  return new Map([
    ...supergraphFiles(options),
    ...connectorFiles(input, options),
    ...options.observe.map((observed) => observedFile(observed)),
  ]);
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
    ...resourceFiles(input, options).map(([name, documents]): [string, string] => [
      `${folder}/${name}.hml`,
      printDocuments(documents),
    ]),
  ];
}

/** File name without ending → the documents of one model, one command, or of what they share. */
function resourceFiles(
  { schema, catalogue }: MetadataInput,
  options: ProjectOptions,
): [name: string, documents: HmlDocument[]][] {
  const { link } = options;
  const names = hmlNames(options);
  const context: ModelContext = { link, names, schema, countScalar: countScalarOf(schema) };
  const objectType = (name: string): HmlDocument[] => {
    const object = schema.object_types[name];
    if (!object) throw new Error(`the schema names the unknown object type "${name}"`);
    return objectTypeDocuments(name, object, link, names);
  };
  const rowTypes = new Set(schema.collections.map(({ type }) => type));
  const sharedTypes = Object.keys(schema.object_types).filter((name) => !rowTypes.has(name));
  return [
    [
      `${link}-types`,
      [
        ...Object.entries(schema.scalar_types).flatMap(([name, scalar]) => scalarDocuments(name, scalar, context)),
        ...sharedTypes.flatMap(objectType),
      ],
    ],
    ...schema.collections.map((collection): [string, HmlDocument[]] => {
      const published = catalogue.collections.get(collection.name);
      const relations = published ? relationsOf(published, catalogue) : [];
      return [
        names.model(collection.name),
        [
          ...objectType(collection.type),
          ...modelDocuments(collection, relations, context),
          ...relations.map((relation) => relationshipDocument(relation, names)),
        ],
      ];
    }),
    ...schema.functions.map((info): [string, HmlDocument[]] => [
      names.type(info.name),
      commandDocuments('function', info, link, names),
    ]),
    ...schema.procedures.map((info): [string, HmlDocument[]] => [
      names.type(info.name),
      commandDocuments('procedure', info, link, names),
    ]),
  ];
}

/** The engine's default is `Int`; a connector that counts in another scalar says so in its schema. */
function countScalarOf(schema: SchemaResponse): string {
  return schema.capabilities?.query?.aggregates?.count_scalar_type ?? 'Int';
}

/** The hook belongs into a subgraph that is the team's own, so only the hook's file is written there. */
function observedFile({ subgraph, connectors }: ObservedConnectors): [path: string, text: string] {
  const { ndcResponse, secret } = HOOK_VARIABLES;
  const comment = [
    GENERATED_NOTICE,
    `For the subgraph "${subgraph}", which links the connectors below.`,
    `Its subgraph.yaml maps ${ndcResponse} and ${secret} in envMapping.`,
  ].join('\n');
  return [`${subgraph}/metadata/anomalies-ndc-hooks.hml`, printDocuments([ndcResponseHook(connectors)], comment)];
}

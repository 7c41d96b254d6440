import { linkVariables } from './connector-link.ts';
import type { HmlDocument } from './hml.ts';
import { HOOK_VARIABLES } from './hooks.ts';
import type { ProjectOptions } from './project-options.ts';

/** Build rules of the engine as of this date hold; tested against them in test/metadata. */
const COMPATIBILITY_DATE = '2025-08-19';

export function supergraphFile({ subgraph }: ProjectOptions): HmlDocument {
  return {
    kind: 'Supergraph',
    version: 'v2',
    definition: { subgraphs: ['globals/subgraph.yaml', `${subgraph}/subgraph.yaml`] },
  };
}

/** Variables are passed on under their own names. */
export function subgraphFile(name: string, variables: readonly string[], options: ProjectOptions): HmlDocument {
  return {
    kind: 'Subgraph',
    version: 'v2',
    definition: {
      name,
      generator: {
        rootPath: '.',
        namingConvention: 'graphql',
        ...(name === options.subgraph && options.graphqlPrefix !== ''
          ? { graphqlRootFieldPrefix: options.graphqlPrefix, graphqlTypeNamePrefix: options.graphqlPrefix }
          : {}),
      },
      includePaths: ['metadata'],
      envMapping: Object.fromEntries(variables.map((variable) => [variable, { fromEnv: variable }])),
    },
  };
}

/** Objects a supergraph has exactly once: for trying on its own; a team's supergraph has them already. */
export function supergraphConfiguration(): Readonly<Record<string, HmlDocument>> {
  return {
    'compatibility-config': { kind: 'CompatibilityConfig', date: COMPATIBILITY_DATE },
    'auth-config': {
      kind: 'AuthConfig',
      version: 'v4',
      definition: { mode: { noAuth: { role: 'admin', sessionVariables: {} } } },
    },
    'graphql-config': {
      kind: 'GraphqlConfig',
      version: 'v1',
      definition: {
        query: {
          rootOperationTypeName: 'Query',
          argumentsInput: { fieldName: 'args' },
          limitInput: { fieldName: 'limit' },
          offsetInput: { fieldName: 'offset' },
          filterInput: {
            fieldName: 'where',
            operatorNames: { and: '_and', or: '_or', not: '_not', isNull: '_is_null' },
          },
          orderByInput: {
            fieldName: 'order_by',
            enumDirectionValues: { asc: 'Asc', desc: 'Desc' },
            enumTypeNames: [{ directions: ['Asc', 'Desc'], typeName: 'OrderBy' }],
          },
          aggregate: {
            filterInputFieldName: 'filter_input',
            countFieldName: '_count',
            countDistinctFieldName: '_count_distinct',
          },
        },
        mutation: { rootOperationTypeName: 'Mutation' },
        subscription: { rootOperationTypeName: 'Subscription' },
      },
    },
    'promptql-config': { kind: 'PromptQlConfig', version: 'v2', definition: { llm: { provider: 'hasura' } } },
  };
}

/** Every variable of the generated metadata with a value for a sentinel on the same machine; secrets are left empty. */
export function environmentExample(options: ProjectOptions): string {
  const variables = linkVariables(options);
  const plugin = 'http://local.hasura.dev:8787';
  return `# Values of the variables that the metadata reads. Copy into the supergraph's .env and fill in the two secrets.
${variables.read}=http://local.hasura.dev:8080
${variables.write}=http://local.hasura.dev:8080
# "Bearer " and the connector's HASURA_SERVICE_TOKEN_SECRET
${variables.authorization}=
${HOOK_VARIABLES.preParse}=${plugin}/hooks/pre-parse
${HOOK_VARIABLES.preResponse}=${plugin}/hooks/pre-response
${HOOK_VARIABLES.ndcRequest}=${plugin}/hooks/pre-ndc-request
${HOOK_VARIABLES.ndcResponse}=${plugin}/hooks/pre-ndc-response
# The sentinel's M_AUTH_KEY
${HOOK_VARIABLES.secret}=
`;
}

import { GraphQLError, printSchema } from 'graphql';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import type { GraphqlContext } from './builder.ts';
import type { GraphqlDeps } from './graphql-deps.ts';
import { createErrorMask } from './graphql-errors.ts';
import { DEFAULT_GRAPHQL_LIMITS, type GraphqlLimits } from './graphql-limits.ts';
import { buildGraphqlSchema } from './graphql-schema.ts';
import { aliasRule, depthRule } from './limit-rules.ts';
import { isNestedDeeper } from './value-depth.ts';

export interface GraphqlHandler {
  /**
   * Mount at `/graphql` with `yoga.handleNodeRequestAndResponse(request, reply, { actor })`. Who the caller is must be
   * known before: a request without a valid token never comes here.
   */
  readonly yoga: YogaServerInstance<GraphqlContext, object>;
  /** The schema in GraphQL's own language. */
  readonly schemaText: string;
}

export function createGraphqlHandler(deps: GraphqlDeps): GraphqlHandler {
  const limits = { ...DEFAULT_GRAPHQL_LIMITS, ...deps.limits };
  const schema = buildGraphqlSchema(deps, limits);
  const yoga = createYoga<GraphqlContext>({
    schema,
    graphqlEndpoint: '/graphql',
    graphiql: deps.graphiql ?? false,
    landingPage: false,
    cors: false,
    batching: false,
    multipart: false,
    maxRequestBodySize: limits.bodyBytes,
    logging: false,
    maskedErrors: { maskError: createErrorMask((id, error) => deps.logError(id, error)) },
    plugins: [requestForm(deps.graphiql ?? false), variableLimit(limits), documentLimits(limits)],
  });
  return { yoga, schemaText: printSchema(schema) };
}

/**
 * Only POST with a JSON body: a browser can't send that to another site without asking first, so a page elsewhere can
 * neither change nor read anything in the name of a visitor.
 */
function requestForm(graphiql: boolean): Plugin {
  return {
    onRequest({ request, fetchAPI, ...hook }) {
      const refuse = (status: number, message: string, headers: Record<string, string> = {}): void =>
        hook.endResponse(
          fetchAPI.Response.json({ errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] }, { status, headers }),
        );
      if (graphiql && request.method === 'GET' && request.headers.get('accept')?.includes('text/html')) return;
      if (request.method !== 'POST') return refuse(405, 'GraphQL requests are sent by POST.', { allow: 'POST' });
      const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
      if (type !== 'application/json') return refuse(415, 'GraphQL requests have the content type application/json.');
    },
  };
}

function variableLimit({ variableDepth }: GraphqlLimits): Plugin {
  return {
    onParams({ params }) {
      if (!isNestedDeeper(params.variables, variableDepth)) return;
      throw new GraphQLError(`The variables are nested more than ${variableDepth} levels deep.`, {
        extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
      });
    },
  };
}

function documentLimits({ depth, aliases, tokens }: GraphqlLimits): Plugin {
  return {
    onParse({ parseFn, setParseFn }) {
      setParseFn((source: string, options?: object) => parseFn(source, { ...options, maxTokens: tokens }));
    },
    onValidate({ addValidationRule }) {
      addValidationRule(depthRule(depth));
      addValidationRule(aliasRule(aliases));
    },
  };
}

import {
  execute,
  type FormattedExecutionResult,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  OperationTypeNode,
  parse,
  validate,
} from 'graphql';
import type { RequestContext } from './engine-context.ts';
import type { RawRequest } from './hook-call.ts';

/** A request that fits the schema. */
export interface RequestPlan {
  readonly isSubscription: boolean;
  /** The result as the client gets it. A subscription is executed at every poll. @throws GraphQLError where variables don't fit. */
  execute(context: RequestContext): Promise<FormattedExecutionResult>;
}

/** @throws GraphQLError where the text is no GraphQL, does not fit the schema, or has no such operation. */
export function planRequest(schema: GraphQLSchema, { query, variables, operationName }: RawRequest): RequestPlan {
  const document = parse(query);
  const [fault] = validate(schema, document);
  if (fault) throw fault;
  const operation = getOperationAST(document, operationName);
  if (!operation) throw new GraphQLError(`no operation ${operationName ?? 'is the only one'}`);
  return {
    isSubscription: operation.operation === OperationTypeNode.SUBSCRIPTION,
    async execute(context) {
      const result = await execute({
        schema,
        document,
        contextValue: context,
        variableValues: variables,
        operationName,
      });
      const [refused] = 'data' in result ? [] : (result.errors ?? []);
      if (refused) throw refused;
      return JSON.parse(JSON.stringify(result)) as FormattedExecutionResult;
    },
  };
}

import type { ExplainResponse } from '@hasura/ndc-sdk-typescript';
import type { Verb } from '../core/services/verbs/verb.ts';
import type { ExplainedStatement } from '../schema/query/query-engine.ts';
import type { CompiledValuesQuery } from '../schema/query/query-values.ts';
import { explainLowered, statementsOfValues } from '../schema/query/run-query.ts';
import type { ConnectorDeps } from './connector-deps.ts';
import { prepareFunction } from './functions.ts';
import type { ParsedMutationRequest } from './parse-mutation.ts';
import type { ParsedQueryRequest } from './parse-query.ts';
import { prepareOperations } from './procedures.ts';

/** Statements, the shape of their parameters and the database's own plan: a flat map of texts. */
export function explainStatements(statements: readonly ExplainedStatement[]): ExplainResponse {
  return { details: { statements: String(statements.length), ...textsOf(statements) } };
}

/** Checks the request as a query would and does not call the function; the statements are those of its relationships. */
export async function explainFunction(
  deps: ConnectorDeps,
  verb: Verb,
  request: ParsedQueryRequest,
): Promise<ExplainResponse> {
  const { selection } = prepareFunction(deps, verb, request);
  const { details } = explainStatements(await statementsOf(deps, selection));
  return { details: { ...details, [`function ${verb.name}`]: describeVerb(verb) } };
}

/** Checks the operations as a mutation would and runs none of them; the statements are those of their relationships. */
export async function explainMutation(deps: ConnectorDeps, request: ParsedMutationRequest): Promise<ExplainResponse> {
  const operations = prepareOperations(deps, request);
  const details: Record<string, string> = {
    transaction: `${operations.length} operation(s) in one transaction: all or none.`,
  };
  for (const { verb, operation, selection } of operations) {
    const statements = selection ? await statementsOf(deps, selection) : [];
    details[`${operation.path}: procedure ${verb.name}`] = describeVerb(verb);
    details[`${operation.path}: statements`] = String(statements.length);
    Object.assign(details, textsOf(statements, `${operation.path}.`));
  }
  return { details };
}

function statementsOf(deps: ConnectorDeps, { request, lowered }: CompiledValuesQuery): Promise<ExplainedStatement[]> {
  return explainLowered(deps.runner, request, statementsOfValues(lowered));
}

function textsOf(statements: readonly ExplainedStatement[], at = ''): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const { part, sql, parameters, plan } of statements) {
    texts[`${at}${part}: SQL`] = sql;
    texts[`${at}${part}: parameters`] = parameters.join('\n');
    if (plan !== undefined) texts[`${at}${part}: plan`] = plan;
  }
  return texts;
}

function describeVerb(verb: Verb): string {
  return `${verb.description}\nNeeds the role ${verb.role}. Not run by explain, and nor are its own statements.`;
}

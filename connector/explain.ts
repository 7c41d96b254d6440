import type { ExplainResponse } from '@hasura/ndc-sdk-typescript';
import type { Verb, VerbTable } from '../core/services/verbs/verb.ts';
import type { ExplainedStatement } from '../schema/query/query-engine.ts';
import type { ParsedMutationRequest } from './parse-mutation.ts';
import { prepareOperations } from './procedures.ts';

/** Statements, the shape of their parameters and the database's own plan: a flat map of texts. */
export function explainStatements(statements: readonly ExplainedStatement[]): ExplainResponse {
  const details: Record<string, string> = { statements: String(statements.length) };
  for (const { part, sql, parameters, plan } of statements) {
    details[`${part}: SQL`] = sql;
    details[`${part}: parameters`] = parameters.join('\n');
    if (plan !== undefined) details[`${part}: plan`] = plan;
  }
  return { details };
}

export function explainFunction(verb: Verb): ExplainResponse {
  return { details: { statements: '0', [`function ${verb.name}`]: describeVerb(verb) } };
}

/** Checks the operations as a mutation would and runs none of them. */
export function explainMutation(request: ParsedMutationRequest, verbs: VerbTable): ExplainResponse {
  const operations = prepareOperations(request, verbs);
  const details: Record<string, string> = {
    transaction: `${operations.length} operation(s) in one transaction: all or none.`,
  };
  for (const [index, { verb }] of operations.entries()) {
    details[`operations[${index}]: procedure ${verb.name}`] = describeVerb(verb);
  }
  return { details };
}

function describeVerb(verb: Verb): string {
  return `${verb.description}\nNeeds the role ${verb.role}. Not run by explain.`;
}

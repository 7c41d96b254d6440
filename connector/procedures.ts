import type { MutationResponse } from '@hasura/ndc-sdk-typescript';
import type { Transaction } from '../core/services/ports.ts';
import { checkArguments, runVerb, type Verb, type VerbTable } from '../core/services/verbs/verb.ts';
import type { QueryRunner } from '../schema/query/query-runner.ts';
import { selectFromValue } from '../schema/query/query-values.ts';
import { claimedActor, HEADERS_ARGUMENT } from './claimed-actor.ts';
import type { ConnectorDeps } from './connector-deps.ts';
import type { ParsedMutationRequest, ParsedOperation } from './parse-mutation.ts';
import { errorAt, findVerb } from './verb-call.ts';

/** An operation whose procedure exists and whose arguments are of the declared types. */
export interface PreparedOperation {
  readonly verb: Verb;
  readonly operation: ParsedOperation;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Value of the argument `headers`. */
  readonly headers: unknown;
}

/** Refuses a request as a whole before any of it runs. */
export function prepareOperations(request: ParsedMutationRequest, verbs: VerbTable): readonly PreparedOperation[] {
  return request.operations.map((operation) => {
    const verb = findVerb(verbs, 'procedure', operation.procedure, `${operation.path}.name`);
    const given = new Map(operation.arguments);
    const headers = given.get(HEADERS_ARGUMENT) ?? null;
    given.delete(HEADERS_ARGUMENT);
    try {
      return { verb, operation, arguments: checkArguments(verb, Object.fromEntries(given)), headers };
    } catch (error) {
      throw errorAt(argumentsOf(operation), error);
    }
  });
}

/**
 * Runs the operations in order in one transaction: all of them happen or none. What is selected of a result is read in
 * the same transaction, so a relationship sees the change.
 */
export async function runMutation(deps: ConnectorDeps, request: ParsedMutationRequest): Promise<MutationResponse> {
  const operations = prepareOperations(request, deps.verbs);
  if (operations.length === 0) return { operation_results: [] };
  return deps.transaction(async (tx, runner) => {
    const results: MutationResponse['operation_results'] = [];
    for (const prepared of operations) {
      const value = await runOperation(deps, prepared, tx);
      const result = await selectResult(deps, prepared, value, runner, request.relationships);
      results.push({ type: 'procedure', result });
    }
    return { operation_results: results };
  });
}

async function runOperation(deps: ConnectorDeps, prepared: PreparedOperation, tx: Transaction): Promise<unknown> {
  const actor = claimedActor(prepared.headers, deps.role ?? 'admin');
  try {
    return await runVerb(prepared.verb, prepared.arguments, { actor, tx });
  } catch (error) {
    throw errorAt(argumentsOf(prepared.operation), error);
  }
}

async function selectResult(
  { engine }: ConnectorDeps,
  { verb, operation }: PreparedOperation,
  value: unknown,
  runner: QueryRunner,
  relationships: ParsedMutationRequest['relationships'],
): Promise<unknown> {
  const selection = operation.fields ? { fields: operation.fields } : {};
  try {
    return await selectFromValue(engine, runner, { type: verb.result, value, relationships, ...selection });
  } catch (error) {
    throw errorAt(operation.path, error);
  }
}

function argumentsOf(operation: ParsedOperation): string {
  return `${operation.path}.arguments`;
}

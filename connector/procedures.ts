import type { MutationResponse } from '@hasura/ndc-sdk-typescript';
import { unprocessable } from '../core/domain/errors.ts';
import type { Transaction } from '../core/services/ports/store.ts';
import { checkArguments, runVerb, type Verb } from '../core/services/verbs/verb.ts';
import { type CompiledValuesQuery, compileSelection, selectFromValue } from '../schema/query/query-values.ts';
import { claimedActor, HEADERS_ARGUMENT } from './claimed-actor.ts';
import type { ConnectorDeps } from './connector-deps.ts';
import type { ParsedMutationRequest, ParsedOperation } from './parse-mutation.ts';
import { errorAt, findVerb } from './verb-call.ts';

/** An operation whose names exist and whose arguments are of the declared types. */
export interface PreparedOperation {
  readonly verb: Verb;
  readonly operation: ParsedOperation;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Value of the argument `headers`. */
  readonly headers: unknown;
  /** What is selected of the result; null: all of it. */
  readonly selection: CompiledValuesQuery | null;
}

/**
 * One transaction holds the store's writer until the last operation, and everybody else's writes wait: 1,500 calls of
 * `analyze_record` kept every hook waiting for 4.8 s (measured on SQLite).
 */
const MAX_OPERATIONS = 100;

/** Refuses a request as a whole before any of it runs. */
export function prepareOperations(
  deps: ConnectorDeps,
  { operations, relationships }: ParsedMutationRequest,
): readonly PreparedOperation[] {
  if (operations.length > MAX_OPERATIONS) {
    throw unprocessable(
      'TOO_MANY_OPERATIONS',
      `${operations.length} operations; at most ${MAX_OPERATIONS} are run in one transaction.`,
      { path: 'operations' },
    );
  }
  return operations.map((operation) => {
    const verb = findVerb(deps.verbs, 'procedure', operation.procedure, `${operation.path}.name`);
    const given = new Map(operation.arguments);
    const headers = given.get(HEADERS_ARGUMENT) ?? null;
    given.delete(HEADERS_ARGUMENT);
    const args = within(argumentsOf(operation), () => checkArguments(verb, Object.fromEntries(given)));
    const { fields } = operation;
    const form = { type: verb.result, relationships, ...(fields && { fields }) };
    const selection = within(operation.path, () => compileSelection(deps.engine, deps.runner.dialect, form));
    return { verb, operation, arguments: args, headers, selection };
  });
}

/**
 * Runs the operations in order in one transaction: all of them happen or none. What is selected of a result is read in
 * the same transaction, so a relationship sees the change.
 */
export async function runMutation(deps: ConnectorDeps, request: ParsedMutationRequest): Promise<MutationResponse> {
  const operations = prepareOperations(deps, request);
  if (operations.length === 0) return { operation_results: [] };
  return deps.transaction(async (tx, runner) => {
    const results: MutationResponse['operation_results'] = [];
    for (const prepared of operations) {
      const value = await runOperation(deps, prepared, tx);
      const { verb, operation, selection } = prepared;
      const result = await selectFromValue(deps.engine, runner, verb.result, selection, value).catch(
        (error: unknown) => {
          throw errorAt(operation.path, error);
        },
      );
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

function within<T>(path: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw errorAt(path, error);
  }
}

function argumentsOf(operation: ParsedOperation): string {
  return `${operation.path}.arguments`;
}

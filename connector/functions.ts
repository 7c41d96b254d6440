import { badRequest, unavailable } from '../core/domain/errors.ts';
import type { ObjectDef } from '../core/domain/kind.ts';
import { SECOND } from '../core/domain/time.ts';
import { checkArguments, runVerb, type Verb } from '../core/services/verbs/verb.ts';
import type { RowSet, VariableSet } from '../schema/query/form.ts';
import { type CompiledValuesQuery, compileValuesQuery, queryValues } from '../schema/query/query-values.ts';
import { claimedActor } from './claimed-actor.ts';
import type { ConnectorDeps } from './connector-deps.ts';
import type { ArgumentForm, ParsedQueryRequest } from './parse-query.ts';
import { errorAt } from './verb-call.ts';

/** The one column of the one row that a function is to the protocol. */
export const VALUE_COLUMN = '__value';

/** As long as a statement: the calls hold a connection and its snapshot, and 10,000 variable sets are 10,000 calls. */
const DEFAULT_FUNCTION_MS = 30 * SECOND;

const NO_VARIABLES: VariableSet = new Map();

/** A request to a function whose names exist and whose arguments are of the declared types. */
export interface PreparedFunction {
  readonly verb: Verb;
  readonly selection: CompiledValuesQuery;
  /** The arguments of each variable set. */
  readonly calls: readonly Readonly<Record<string, unknown>>[];
}

/** Refuses a request as a whole before any of it runs. */
export function prepareFunction(
  { engine, runner }: ConnectorDeps,
  verb: Verb,
  { arguments: given, query, relationships, variables }: ParsedQueryRequest,
): PreparedFunction {
  const rowType: ObjectDef = {
    name: verb.name,
    description: verb.description,
    fields: [{ name: VALUE_COLUMN, description: verb.description, type: verb.result }],
  };
  const form = { rowType, query, relationships, ...(variables && { variables }) };
  return {
    verb,
    selection: compileValuesQuery(engine, runner.dialect, form),
    calls: (variables ?? [NO_VARIABLES]).map((set) => argumentsOf(verb, given, set)),
  };
}

/**
 * A function is a collection of one row `{ __value: result }`, so the whole query language works on its result. It is
 * called once per variable set, all in one snapshot; what is selected of the results is read at once for all of them.
 */
export async function runFunction(deps: ConnectorDeps, verb: Verb, request: ParsedQueryRequest): Promise<RowSet[]> {
  const { selection, calls } = prepareFunction(deps, verb, request);
  if (calls.length === 0) return [];
  // A function has no claimed actor: it changes nothing, so there is nothing to attribute.
  const actor = claimedActor(null, deps.role ?? 'admin');
  const timeMs = deps.functionTimeMs ?? DEFAULT_FUNCTION_MS;
  return deps.snapshot(async (tx, runner) => {
    const endsAt = performance.now() + timeMs;
    const rows: { [VALUE_COLUMN]: unknown }[][] = [];
    for (const args of calls) {
      if (performance.now() > endsAt) throw callsTimedOut(verb, timeMs, rows.length, calls.length);
      const value = await runVerb(verb, args, { actor, tx }).catch((error: unknown) => {
        throw errorAt('arguments', error);
      });
      rows.push([{ [VALUE_COLUMN]: value }]);
    }
    return queryValues(deps.engine, runner, selection, rows);
  });
}

function callsTimedOut({ name }: Verb, timeMs: number, done: number, calls: number): Error {
  const message = `The calls of "${name}" took more than ${timeMs} ms: ${done} of ${calls} were done.`;
  return unavailable('FUNCTION_TIMEOUT', message, { path: 'variables' });
}

function argumentsOf(verb: Verb, given: ParsedQueryRequest['arguments'], variables: VariableSet) {
  const args = [...given].map(([name, argument]) => [name, argumentValue(name, argument, variables)] as const);
  try {
    return checkArguments(verb, Object.fromEntries(args));
  } catch (error) {
    throw errorAt('arguments', error);
  }
}

function argumentValue(name: string, argument: ArgumentForm, variables: VariableSet): unknown {
  if (argument.kind === 'literal') return argument.value;
  if (!variables.has(argument.name)) {
    throw badRequest(
      'UNKNOWN_VARIABLE',
      `A variable set has no "${argument.name}", which argument "${name}" refers to.`,
      { path: `arguments.${name}` },
    );
  }
  return variables.get(argument.name);
}

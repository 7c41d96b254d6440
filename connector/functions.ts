import { badRequest } from '../core/domain/errors.ts';
import type { ObjectDef } from '../core/domain/kind.ts';
import { runVerb, type Verb, type VerbContext } from '../core/services/verbs/verb.ts';
import type { RowSet, VariableSet } from '../schema/query/form.ts';
import { checkLimits } from '../schema/query/limits.ts';
import { queryValues } from '../schema/query/query-values.ts';
import { claimedActor } from './claimed-actor.ts';
import type { ConnectorDeps } from './connector-deps.ts';
import type { ArgumentForm, ParsedQueryRequest } from './parse-query.ts';
import { errorAt } from './verb-call.ts';

/** The one column of the one row that a function is to the protocol. */
export const VALUE_COLUMN = '__value';

const NO_VARIABLES: VariableSet = new Map();

/** A function is a collection of one row `{ __value: result }`, so the whole query language works on its result. */
export async function runFunction(deps: ConnectorDeps, verb: Verb, request: ParsedQueryRequest): Promise<RowSet[]> {
  const sets = request.variables ?? [NO_VARIABLES];
  if (sets.length === 0) return [];
  checkLimits({ query: request.query }, deps.engine.limits, sets.length);
  const rowType: ObjectDef = {
    name: verb.name,
    description: verb.description,
    fields: [{ name: VALUE_COLUMN, description: verb.description, type: verb.result }],
  };
  // A function has no claimed actor: it changes nothing, so there is nothing to attribute.
  const actor = claimedActor(null, deps.role ?? 'admin');
  return deps.transaction(async (tx, runner) => {
    const rowSets: RowSet[] = [];
    for (const variables of sets) {
      const value = await callFunction(verb, request.arguments, variables, { actor, tx });
      rowSets.push(
        await queryValues(deps.engine, runner, {
          rowType,
          rows: [{ [VALUE_COLUMN]: value }],
          query: request.query,
          relationships: request.relationships,
          variables,
        }),
      );
    }
    return rowSets;
  });
}

async function callFunction(
  verb: Verb,
  given: ParsedQueryRequest['arguments'],
  variables: VariableSet,
  context: VerbContext,
): Promise<unknown> {
  const args = [...given].map(([name, argument]) => [name, argumentValue(name, argument, variables)] as const);
  try {
    return await runVerb(verb, Object.fromEntries(args), context);
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

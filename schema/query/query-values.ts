import type { ValueType } from '../../core/domain/kind.ts';
import type { CompiledDialectName } from '../catalogue.ts';
import { completeValue } from './codec.ts';
import { DIALECTS } from './dialects.ts';
import { answerNested } from './evaluate-in-memory.ts';
import { countStatements, executeChildren, executeRelated } from './execute.ts';
import type { RowSet } from './form.ts';
import { checkLimits } from './limits.ts';
import { type LoweredValues, lowerValues } from './lower-query.ts';
import type { RequestPlan } from './plan.ts';
import type { QueryEngine, ValueSelectionForm, ValuesQueryForm } from './query-engine.ts';
import type { ExecuteSql, QueryRunner } from './query-runner.ts';
import { RelatedRequests } from './related-requests.ts';
import { resolveSelection, resolveValuesQuery } from './resolve-request.ts';
import { ChildRequests } from './shape.ts';
import { fieldTypeOf } from './value-types.ts';

/** What is asked of values in memory, ready for them; `lowered` asks the database what it wants to know. */
export interface CompiledValuesQuery {
  readonly request: RequestPlan;
  readonly lowered: LoweredValues;
}

/** Resolves and lowers a query over rows in memory; refuses like `compileQuery`. */
export function compileValuesQuery(
  engine: QueryEngine,
  dialect: CompiledDialectName,
  { rowType, query, relationships, variables }: ValuesQueryForm,
): CompiledValuesQuery {
  checkLimits({ query }, engine.limits, variables?.length ?? 1);
  const request = resolveValuesQuery(engine.catalogue, rowType, query, relationships, variables);
  return { request, lowered: lowerValues(DIALECTS[dialect], request, engine.limits) };
}

/** Resolves and lowers a selection from one value; null where the whole value is asked for. */
export function compileSelection(
  engine: QueryEngine,
  dialect: CompiledDialectName,
  { type, fields, relationships }: ValueSelectionForm,
): CompiledValuesQuery | null {
  if (!fields) return null;
  checkLimits({ fields }, engine.limits, 1);
  const request = resolveSelection(engine.catalogue, fieldTypeOf(type), fields, relationships);
  return { request, lowered: lowerValues(DIALECTS[dialect], request, engine.limits) };
}

/**
 * Answers a query over rows in memory: `rows` are those of each variable set, in order, and so are the answers. What
 * all of them ask of a relationship field is read at once, from the database.
 */
export async function queryValues(
  engine: QueryEngine,
  runner: QueryRunner,
  { request, lowered }: CompiledValuesQuery,
  rows: readonly (readonly unknown[])[],
): Promise<RowSet[]> {
  const { root } = request;
  const requests = (root.rows?.children ?? []).map((child) => new ChildRequests(child));
  const dialect = DIALECTS[runner.dialect];
  const related = new RelatedRequests(dialect, request);
  const nested = answerNested(request, related);
  const answers = rows.map((own, set) =>
    nested(root, own, { catalogue: engine.catalogue, set, children: requests, answerNested: nested }),
  );
  const run = async (execute: ExecuteSql): Promise<void> => {
    const context = { engine, dialect, request, execute };
    await executeRelated(context, lowered.related, related);
    await executeChildren(context, lowered.children, requests);
  };
  const below = lowered.children.reduce((sum, child) => sum + countStatements(child), 0);
  await (lowered.related.length + below > 1 ? runner.snapshot(run) : run(runner.execute));
  return answers;
}

/** Selects from one value in memory, such as the result of a procedure. Without a selection the whole value, completed. */
export async function selectFromValue(
  engine: QueryEngine,
  runner: QueryRunner,
  type: ValueType,
  selection: CompiledValuesQuery | null,
  value: unknown,
): Promise<unknown> {
  if (!selection) return completeValue(engine.catalogue, type, value);
  const [answer] = await queryValues(engine, runner, selection, [[{ value }]]);
  return answer?.rows?.[0]?.['value'] ?? null;
}

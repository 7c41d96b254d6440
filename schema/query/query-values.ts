import type { RowSet } from './form.ts';
import { DIALECTS } from './dialects.ts';
import { answerNested, answerRows } from './evaluate-in-memory.ts';
import { countStatements, executeChildren } from './execute.ts';
import { checkLimits } from './limits.ts';
import { lowerChildren } from './lower-query.ts';
import type { RequestPlan } from './plan.ts';
import type { QueryEngine, ValueSelectionForm, ValuesRequestForm } from './query-engine.ts';
import type { ExecuteSql, QueryRunner } from './query-runner.ts';
import { resolveSelection, resolveValuesQuery } from './resolve-request.ts';
import { ChildRequests } from './shape.ts';
import { completeValue } from './codec.ts';
import { fieldTypeOf } from './value-types.ts';

/** Answers a query over rows in memory; relationship fields are read from the database. */
export async function queryValues(
  engine: QueryEngine,
  runner: QueryRunner,
  { rowType, rows, query, relationships, variables }: ValuesRequestForm,
): Promise<RowSet> {
  checkLimits(query, engine.limits, 1);
  const request = resolveValuesQuery(engine.catalogue, rowType, query, relationships, variables);
  return answerValues(engine, runner, request, rows);
}

/** Selects from one value in memory, such as the result of a procedure. Without `fields` the whole value, completed. */
export async function selectFromValue(
  engine: QueryEngine,
  runner: QueryRunner,
  { type, value, fields, relationships }: ValueSelectionForm,
): Promise<unknown> {
  if (!fields) return completeValue(engine.catalogue, type, value);
  checkLimits(fields, engine.limits, 1);
  const request = resolveSelection(engine.catalogue, fieldTypeOf(type), fields, relationships);
  const answer = await answerValues(engine, runner, request, [{ value }]);
  return answer.rows?.[0]?.['value'] ?? null;
}

async function answerValues(
  engine: QueryEngine,
  runner: QueryRunner,
  request: RequestPlan,
  rows: readonly unknown[],
): Promise<RowSet> {
  const { root } = request;
  const dialect = DIALECTS[runner.dialect];
  const children = (root.rows?.children ?? []).map((child) => new ChildRequests(child));
  const nested = answerNested(request);
  const evaluate = { tables: new Map(), variables: request.sets[0] ?? [] };
  const shape = { catalogue: engine.catalogue, set: 0, children, answerNested: nested };
  const answer = answerRows(evaluate, root, rows, [], shape);
  const lowered = lowerChildren(dialect, request, engine.limits);
  const run = (execute: ExecuteSql): Promise<void> =>
    executeChildren({ engine, dialect, request, execute }, lowered, children);
  const statements = lowered.reduce((sum, child) => sum + countStatements(child), 0);
  await (statements > 1 ? runner.snapshot(run) : run(runner.execute));
  return answer;
}

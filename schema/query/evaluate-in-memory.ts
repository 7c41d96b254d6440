import type { QueryRequestForm, RowSet } from './form.ts';
import { evaluateAggregate } from './evaluate-aggregate.ts';
import { evaluateGroups, evaluateRows } from './evaluate-query.ts';
import type { EvaluateContext } from './evaluate-path.ts';
import { checkLimits, tooManyRows } from './limits.ts';
import type { QueryPlan, RequestPlan } from './plan.ts';
import type { QueryEngine, Tables } from './query-engine.ts';
import { RelatedRequests } from './related-requests.ts';
import { resolveRequest } from './resolve-request.ts';
import { ChildRequests, shapeAggregates, shapeRow } from './shape.ts';
import type { ShapeContext, SourceRow } from './shape.ts';

/** Answers a request from tables in memory (at most some 10,000 rows): the meaning every database must agree with. */
export function evaluateInMemory(engine: QueryEngine, tables: Tables, request: QueryRequestForm): RowSet[] {
  checkLimits(request, engine.limits, request.variables?.length ?? 1);
  const plan = resolveRequest(engine.catalogue, request);
  return answerLevel(
    engine,
    tables,
    plan,
    plan.root,
    plan.sets.map((_, set) => ({ set, keys: [] })),
  );
}

/** Answers a query over rows in memory; what its fields ask of collections is gathered in the context's children. */
export function answerRows(
  evaluate: EvaluateContext,
  plan: QueryPlan,
  rows: readonly unknown[],
  keys: readonly unknown[],
  shape: ShapeContext,
): RowSet {
  const selected = evaluateRows(evaluate, plan, rows, keys);
  const answer: RowSet = {};
  const { rows: selection, aggregates, groups } = plan;
  if (selection) answer.rows = selected.map((row) => shapeRow(shape, selection.fields, row));
  if (aggregates)
    answer.aggregates = shapeAggregates(aggregates, `${plan.at}.aggregates`, (aggregate) =>
      evaluateAggregate(aggregate, selected),
    );
  if (groups) answer.groups = evaluateGroups(evaluate, groups, selected, `${plan.at}.groups`);
  return answer;
}

/**
 * For queries over values in memory, such as lists of objects inside a row: they see the variables of the row's set. What
 * they ask of collections is answered from the tables, or gathered for the database.
 */
export function answerNested(request: RequestPlan, from: Tables | RelatedRequests): ShapeContext['answerNested'] {
  return (plan, rows, shape) => {
    const tables: Tables = from instanceof RelatedRequests ? new Map() : from;
    const context = { tables, variables: request.sets[shape.set] ?? [] };
    if (plan.related === null || !(from instanceof RelatedRequests)) return answerRows(context, plan, rows, [], shape);
    return from.add(plan, rows, shape.set, (related) => answerRows({ ...context, related }, plan, rows, [], shape));
  };
}

function answerLevel(
  engine: QueryEngine,
  tables: Tables,
  request: RequestPlan,
  plan: QueryPlan,
  source: readonly SourceRow[],
): RowSet[] {
  const rows = plan.collection ? (tables.get(plan.collection.name) ?? []) : [];
  const children = (plan.rows?.children ?? []).map((child) => new ChildRequests(child));
  const nested = answerNested(request, tables);
  const answers = source.map(({ set, keys }) => {
    const evaluate: EvaluateContext = { tables, variables: request.sets[set] ?? [] };
    return answerRows(evaluate, plan, rows, keys, { catalogue: engine.catalogue, set, children, answerNested: nested });
  });
  const count = answers.reduce((sum, answer) => sum + (answer.rows?.length ?? 0), 0);
  if (count > engine.limits.rows) throw tooManyRows(engine.limits, plan.at);
  for (const child of children) child.fill(answerLevel(engine, tables, request, child.plan, child.source));
  return answers;
}

import { DIALECTS } from './dialects.ts';
import { bindSource, countStatements, executeQuery, mayBeMany } from './execute.ts';
import type { QueryRequestForm, Row, RowSet } from './form.ts';
import { checkLimits } from './limits.ts';
import { lowerRequest } from './lower-query.ts';
import type { LoweredQuery, LoweredValues } from './lower-query.ts';
import type { QueryPlan, RequestPlan } from './plan.ts';
import type { ExplainedStatement, QueryEngine } from './query-engine.ts';
import type { CompiledSql, ExecuteSql, QueryRunner, TakeRows } from './query-runner.ts';
import { sourceJson } from './source-json.ts';
import { resolveRequest } from './resolve-request.ts';
import type { CompiledDialectName } from '../catalogue.ts';

/** A request ready to run on one dialect. */
export interface CompiledQuery {
  readonly request: RequestPlan;
  readonly lowered: LoweredQuery;
}

/** Resolves and lowers; pure. Throws DomainError `bad-request`, `unprocessable` or `unsupported` with the place. */
export function compileQuery(engine: QueryEngine, dialect: CompiledDialectName, form: QueryRequestForm): CompiledQuery {
  checkLimits(form, engine.limits, form.variables?.length ?? 1);
  const request = resolveRequest(engine.catalogue, form);
  return { request, lowered: lowerRequest(DIALECTS[dialect], request, engine.limits) };
}

/**
 * One RowSet per variable set, in their order; exactly one without variables. Where there is one, its rows have no
 * relationship fields and may be many, `onRows` takes them in slices as they come and the RowSet has none: a long list
 * then never is in memory as a whole, and none is fetched before the one before it is taken. Slices that came before a failure are
 * void.
 */
export async function runQuery(
  engine: QueryEngine,
  runner: QueryRunner,
  form: QueryRequestForm,
  onRows?: TakeRows<Row>,
): Promise<RowSet[]> {
  return runCompiled(engine, runner, compileQuery(engine, runner.dialect, form), onRows);
}

/** `runQuery` of a request that was compiled for the runner's dialect, as often as wanted. */
export async function runCompiled(
  engine: QueryEngine,
  runner: QueryRunner,
  { request, lowered }: CompiledQuery,
  onRows?: TakeRows<Row>,
): Promise<RowSet[]> {
  const source = request.sets.map((_, set) => ({ set, keys: [] }));
  if (source.length === 0) return [];
  const isLongList =
    source.length === 1 && lowered.children.length === 0 && lowered.related.length === 0 && mayBeMany(request.root, 1);
  const taking = onRows && isLongList ? { onRows } : {};
  const run = (execute: ExecuteSql): Promise<RowSet[]> =>
    executeQuery({ engine, dialect: DIALECTS[runner.dialect], request, execute, ...taking }, lowered, source);
  return countStatements(lowered) > 1 ? runner.snapshot(run) : run(runner.execute);
}

/** The statements a request would run, and the database's plan of each. */
export async function explainQuery(
  engine: QueryEngine,
  runner: QueryRunner,
  form: QueryRequestForm,
): Promise<ExplainedStatement[]> {
  const { request, lowered } = compileQuery(engine, runner.dialect, form);
  return explainLowered(runner, request, statementsOf(lowered));
}

/**
 * The statements of queries of a request. Below the root the keys come from rows that are not read here, so those
 * statements are planned with no source row.
 */
export async function explainLowered(
  runner: QueryRunner,
  request: RequestPlan,
  statements: readonly PartStatement[],
): Promise<ExplainedStatement[]> {
  const dialect = DIALECTS[runner.dialect];
  const explained: ExplainedStatement[] = [];
  for (const { plan, part, statement } of statements) {
    const source = plan === request.root ? request.sets.map((_, set) => ({ set, keys: [] })) : [];
    const bound = bindSource(statement, sourceJson(dialect, request, plan, source));
    const shown = { part, sql: bound.sql, parameters: bound.parameters.map(describeParameter) };
    if (request.sets.length === 0) explained.push(shown);
    else explained.push({ ...shown, plan: await planOf(runner, { ...bound, sql: `${dialect.explain} ${bound.sql}` }) });
  }
  return explained;
}

export interface PartStatement {
  readonly plan: QueryPlan;
  readonly part: string;
  readonly statement: CompiledSql;
}

/** Every statement of a query with the part of the answer it is for. */
export function statementsOf(lowered: LoweredQuery): PartStatement[] {
  const own = (['rows', 'aggregates', 'groups'] as const).flatMap((name) => {
    const statement = lowered[name];
    const part = lowered.plan.part === '' ? name : `${lowered.plan.part}.${name}`;
    return statement ? [{ plan: lowered.plan, part, statement }] : [];
  });
  return [...own, ...statementsOfValues(lowered)];
}

/** The statements below rows, whether they were read or are in memory. */
export function statementsOfValues({ related, children }: LoweredValues): PartStatement[] {
  const asked = related.map(({ plan, statement }) => {
    const part = plan.part === '' ? 'related' : `${plan.part}.related`;
    return { plan, part, statement };
  });
  return [...asked, ...children.flatMap(statementsOf)];
}

async function planOf(runner: QueryRunner, statement: CompiledSql): Promise<string> {
  const rows = await runner.execute(statement);
  return rows
    .map((cells) =>
      cells
        .filter((cell) => cell !== null)
        .map(String)
        .join(' '),
    )
    .join('\n');
}

/** Type and size, not the value; the database's plan may still repeat the literals of the request. */
function describeParameter(value: unknown): string {
  if (typeof value === 'string') return `text of ${value.length} characters`;
  return value === null ? 'null' : typeof value;
}

import { setImmediate as nextTurn } from 'node:timers/promises';
import { DomainError } from '../../core/domain/errors.ts';
import { decoderOf } from './codec.ts';
import type { Decode } from './codec.ts';
import type { Dialect } from './dialect.ts';
import type { Group, Row, RowSet } from './form.ts';
import { answerNested } from './evaluate-in-memory.ts';
import { tooManyRows, withinCells } from './limits.ts';
import { SOURCE } from './lower-query.ts';
import type { LoweredQuery, LoweredRelated } from './lower-query.ts';
import { aggregateKind, countFields, countGroupFields } from './plan.ts';
import type { NamedAggregate, QueryPlan, RequestPlan } from './plan.ts';
import type { QueryEngine } from './query-engine.ts';
import type { Cells, CompiledSql, ExecuteSql, TakeRows } from './query-runner.ts';
import { ChildRequests, emptyAnswer, shapeAggregates, shapeRow } from './shape.ts';
import type { ShapeContext, SourceRow } from './shape.ts';
import { RelatedRequests } from './related-requests.ts';
import { sourceJson } from './source-json.ts';
import type { FieldType } from './value-types.ts';
import { scalar } from '../../core/domain/kind.ts';

/** Shaped before other work gets its turn: about a millisecond of it. */
const ROWS_PER_TURN = 500;
const CELLS_PER_TURN = 10_000;

export interface ExecuteContext {
  readonly engine: QueryEngine;
  readonly dialect: Dialect;
  readonly request: RequestPlan;
  readonly execute: ExecuteSql;
  /** Takes the rows of a query without relationship fields, as they come; its RowSet then has none. */
  readonly onRows?: TakeRows<Row>;
}

/** One answer per source row, in their order. Level by level: the rows of one level are the source of the next. */
export async function executeQuery(
  context: ExecuteContext,
  lowered: LoweredQuery,
  source: readonly SourceRow[],
): Promise<RowSet[]> {
  const { plan } = lowered;
  const answered = withinCells(context.engine.limits, plan.aggregates?.length ?? 0);
  if (source.length > answered.rows) throw tooManyRows(answered, `${plan.at}.aggregates`);
  const answers = source.map(() => emptyAnswer(plan));
  if (source.length === 0) return answers;
  const parameter = lowered.hasSource ? sourceJson(context.dialect, context.request, plan, source) : '';
  const run: ExecuteSql = (statement, onRows) =>
    context.execute(bindSource(statement, parameter), onRows).catch((error: unknown) => {
      throw placed(error, plan.at);
    });
  if (lowered.aggregates) readAggregates(lowered, answers, await run(lowered.aggregates));
  if (lowered.groups) readGroups(context, lowered, answers, await run(lowered.groups));
  if (lowered.rows) {
    const children = lowered.children.map((child) => new ChildRequests(child.plan));
    const { rows } = lowered;
    // Few come at once: slices cost PostgreSQL round trips.
    const inSlices = mayBeMany(plan, source.length);
    const related = new RelatedRequests(context.dialect, context.request);
    const shape = { children, answerNested: answerNested(context.request, related) };
    await readRows(context, lowered, source, answers, shape, async (read) => run(rows, inSlices ? read : undefined));
    await executeRelated(context, lowered.related, related);
    await executeChildren(context, lowered.children, children);
  }
  return answers;
}

/** Which part of the request took too long is what its author can do something about. */
function placed(error: unknown, at: string): unknown {
  if (!(error instanceof DomainError) || error.code !== 'STATEMENT_TIMEOUT') return error;
  return new DomainError(error.kind, error.code, error.message, { path: at, cause: error });
}

/** Answers what rows asked of their relationship fields, and puts the answers in their places. */
export async function executeChildren(
  context: ExecuteContext,
  lowered: readonly LoweredQuery[],
  requests: readonly ChildRequests[],
): Promise<void> {
  for (const [i, child] of lowered.entries()) {
    const request = requests[i] as ChildRequests;
    request.fill(await executeQuery(context, child, request.source));
  }
}

/** Asks what queries over values in memory want to know of collections, and answers them. */
export async function executeRelated(
  { execute }: ExecuteContext,
  lowered: readonly LoweredRelated[],
  requests: RelatedRequests,
): Promise<void> {
  await requests.fill(lowered, (statement, parameter, { at }) =>
    execute(bindSource(statement, parameter)).catch((error: unknown) => {
      throw placed(error, at);
    }),
  );
}

/** More rows than are read in one turn. */
export function mayBeMany({ limit }: QueryPlan, sources: number): boolean {
  return limit === null || limit * sources > ROWS_PER_TURN;
}

export function countStatements({ rows, aggregates, groups, related, children }: LoweredQuery): number {
  const own = [rows, aggregates, groups].filter((statement) => statement !== null).length + related.length;
  return children.reduce((sum, child) => sum + countStatements(child), own);
}

/** The statement with the source rows in their place. */
export function bindSource(statement: CompiledSql, parameter: string): CompiledSql {
  const at = statement.parameters.indexOf(SOURCE);
  return at < 0 ? statement : { sql: statement.sql, parameters: statement.parameters.with(at, parameter) };
}

async function readRows(
  context: ExecuteContext,
  { plan, hasSource }: LoweredQuery,
  source: readonly SourceRow[],
  answers: readonly RowSet[],
  shaped: Pick<ShapeContext, 'children' | 'answerNested'>,
  fetch: (read: TakeRows<Cells>) => Promise<readonly Cells[]>,
): Promise<void> {
  const { catalogue } = context.engine;
  const width = plan.rows ? countFields(plan.rows) : 0;
  const limits = withinCells(context.engine.limits, width);
  const fields = plan.rows?.fields ?? [];
  const decode = rowDecoder(
    (plan.rows?.columns ?? []).map(({ type }) => decoderOf(catalogue, type)),
    hasSource,
  );
  const shapes = source.map(({ set }) => ({ catalogue, set, ...shaped }));
  const shape = (slice: readonly Cells[]): void | Promise<void> => {
    const taken: Row[] = [];
    for (const cells of slice) {
      const ordinal = hasSource ? Number(cells[0]) : 0;
      const shapeOf = shapes[ordinal];
      const target = context.onRows ? taken : answers[ordinal]?.rows;
      if (shapeOf) target?.push(shapeRow(shapeOf, fields, decode(cells)));
    }
    return context.onRows?.(taken);
  };
  const perTurn = Math.min(ROWS_PER_TURN, Math.ceil(CELLS_PER_TURN / Math.max(1, width)));
  let count = 0;
  const read = async (rows: readonly Cells[]): Promise<void> => {
    count += rows.length;
    if (count > limits.rows) throw tooManyRows(limits, plan.at);
    for (let from = 0; from < rows.length; from += perTurn) {
      if (from > 0) await nextTurn();
      await shape(rows.length <= perTurn ? rows : rows.slice(from, from + perTurn));
    }
  };
  await read(await fetch(read));
}

function readAggregates({ plan, hasSource }: LoweredQuery, answers: readonly RowSet[], rows: readonly Cells[]): void {
  const outputs = plan.aggregates ?? [];
  const decode = rowDecoder(aggregateDecoders(outputs), hasSource);
  for (const cells of rows) {
    const answer = answers[hasSource ? Number(cells[0]) : 0];
    const values = decode(cells);
    if (answer) answer.aggregates = shapeAggregates(outputs, `${plan.at}.aggregates`, (_aggregate, i) => values[i]);
  }
}

function readGroups(
  { engine }: ExecuteContext,
  { plan, hasSource }: LoweredQuery,
  answers: readonly RowSet[],
  rows: readonly Cells[],
): void {
  const { catalogue } = engine;
  const { dimensions = [], outputs = [] } = plan.groups ?? {};
  const limits = withinCells(engine.limits, countGroupFields({ dimensions, outputs }));
  if (rows.length > limits.rows) throw tooManyRows(limits, `${plan.at}.groups`);
  const decode = rowDecoder(
    [...dimensions.map(({ result }) => decoderOf(catalogue, result)), ...aggregateDecoders(outputs)],
    hasSource,
  );
  const at = `${plan.at}.groups.aggregates`;
  for (const cells of rows) {
    const values = decode(cells);
    const group: Group = {
      dimensions: values.slice(0, dimensions.length),
      aggregates: shapeAggregates(outputs, at, (_aggregate, i) => values[dimensions.length + i]),
    };
    answers[hasSource ? Number(cells[0]) : 0]?.groups?.push(group);
  }
}

function aggregateDecoders(outputs: readonly NamedAggregate[]): Decode[] {
  const none = { collections: new Map() };
  return outputs.map(({ aggregate }) =>
    decoderOf(none, { type: scalar(aggregateKind(aggregate)), nullable: true } as FieldType),
  );
}

/** Selected cells, without the ordinal, in wire form. */
function rowDecoder(decoders: readonly Decode[], hasSource: boolean): (cells: Cells) => unknown[] {
  const first = hasSource ? 1 : 0;
  return (cells) =>
    decoders.map((decode, i) => {
      const cell = cells[first + i];
      return cell === null || cell === undefined ? null : decode(cell);
    });
}

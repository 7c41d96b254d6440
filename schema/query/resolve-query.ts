import { badRequest } from '../../core/domain/errors.ts';
import type { ObjectDef } from '../../core/domain/kind.ts';
import type { Catalogue } from '../catalogue.ts';
import { extractionFunctionsOf, EXTRACTION_FUNCTIONS } from './extraction-functions.ts';
import type { ExtractionFunctionName } from './extraction-functions.ts';
import type {
  AggregatesForm,
  DimensionForm,
  FieldForm,
  FieldsForm,
  GroupsForm,
  NestedFieldForm,
  OrderByForm,
  QueryForm,
  QueryRequestForm,
  RelationshipForm,
  VariableSet,
} from './form.ts';
import type {
  ColumnPlan,
  DimensionPlan,
  FetchedColumn,
  FieldPlan,
  GroupsPlan,
  KeySource,
  NamedAggregate,
  NestedPlan,
  QueryPlan,
  RequestPlan,
  RowsPlan,
  SortPlan,
} from './plan.ts';
import {
  elementOf,
  fieldOf,
  objectType,
  resolveAggregate,
  resolveColumn,
  resolveJoin,
  scalarOf,
} from './resolve-column.ts';
import { VariableTable, findCollection } from './resolve-context.ts';
import type { ResolveContext } from './resolve-context.ts';
import { resolveAggregateTarget, resolveGroupPredicate, resolvePath, resolvePredicate } from './resolve-predicate.ts';
import type { FieldType, RowType } from './value-types.ts';
import { rowTypeOfCollection, rowTypeOfObject } from './value-types.ts';

/** The plan of a request, or a DomainError that names the offending place; paths are spelled as in NDC. */
export function resolveRequest(catalogue: Catalogue, request: QueryRequestForm): RequestPlan {
  const context = contextOf(catalogue, request.relationships, request.variables, false);
  const collection = findCollection(context, request.collection, 'collection');
  const root = resolveQuery(context, rowTypeOfCollection(collection), request.query, {
    at: 'query',
    part: '',
    keys: [],
  });
  return requestPlan(context, root);
}

/** The plan of a query over rows in memory. */
export function resolveValuesQuery(
  catalogue: Catalogue,
  rowType: ObjectDef,
  query: QueryForm,
  relationships: ReadonlyMap<string, RelationshipForm> | undefined,
  variables: VariableSet | undefined,
): RequestPlan {
  const context = contextOf(catalogue, relationships, variables && [variables], true);
  return requestPlan(
    context,
    resolveQuery(context, rowTypeOfObject(rowType), query, { at: 'query', part: '', keys: [] }),
  );
}

/** The plan of a selection from one value, as a query of one row with the single column `value`. */
export function resolveSelection(
  catalogue: Catalogue,
  type: FieldType,
  fields: NestedFieldForm,
  relationships: ReadonlyMap<string, RelationshipForm> | undefined,
): RequestPlan {
  const context = contextOf(catalogue, relationships, undefined, true);
  const rowType: RowType = { name: 'the result', fields: new Map([['value', type]]), collection: null };
  const query: QueryForm = { fields: new Map([['value', { kind: 'column', column: 'value', fields }]]) };
  return requestPlan(context, resolveQuery(context, rowType, query, { at: 'fields', part: '', keys: [] }));
}

interface Place {
  readonly at: string;
  readonly part: string;
  readonly keys: readonly ColumnPlan[];
  /** The fetched rows that relationship fields of a nested collection hang on. */
  readonly fetched?: Fetched;
}

/** What the fields of one level need from the database. */
class Fetched {
  readonly columns: FetchedColumn[] = [];
  readonly children: QueryPlan[] = [];

  index(name: string, type: FieldType): number {
    const known = this.columns.findIndex((column) => column.name === name);
    return known >= 0 ? known : this.columns.push({ name, type }) - 1;
  }
}

function contextOf(
  catalogue: Catalogue,
  relationships: ReadonlyMap<string, RelationshipForm> | undefined,
  variables: readonly VariableSet[] | undefined,
  inMemory: boolean,
): ResolveContext {
  return { catalogue, relationships: relationships ?? new Map(), variables: new VariableTable(variables), inMemory };
}

function requestPlan({ variables }: ResolveContext, root: QueryPlan): RequestPlan {
  return { root, variables: variables.plans, sets: variables.sets, hasVariables: variables.hasVariables };
}

function resolveQuery(context: ResolveContext, row: RowType, form: QueryForm, place: Place): QueryPlan {
  const { at, part, keys } = place;
  const own = context.variables.collect(() => ({
    predicate: form.predicate ? resolvePredicate(context, [row], form.predicate, `${at}.predicate`) : null,
    orderBy: resolveOrderBy(context, row, form.orderBy ?? [], `${at}.order_by.elements`),
    aggregates: form.aggregates ? resolveAggregates(context, row, form.aggregates, `${at}.aggregates`) : null,
    groups: form.groups ? resolveGroups(context, row, form.groups, `${at}.groups`) : null,
  }));
  const rows = form.fields ? resolveRows(context, row, form.fields, place) : null;
  return {
    collection: row.collection,
    part,
    at,
    keys,
    variables: own.used,
    dependsOnVariables: own.used.length > 0 || (rows !== null && rowsDependOnVariables(rows)),
    ...own.result,
    limit: count(form.limit, `${at}.limit`),
    offset: count(form.offset, `${at}.offset`) ?? 0,
    rows,
  };
}

function count(value: number | undefined, at: string): number | null {
  if (value === undefined) return null;
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw badRequest('bad-limit', `${value} is not a whole number of at least 0.`, { path: at });
}

function rowsDependOnVariables(rows: RowsPlan): boolean {
  const nested = (plan: NestedPlan | null): boolean => {
    if (!plan) return false;
    if (plan.kind === 'collection') return plan.query.dependsOnVariables;
    return plan.kind === 'array' ? nested(plan.of) : plan.fields.some(field);
  };
  const field = (plan: FieldPlan): boolean => plan.kind === 'column' && nested(plan.nested);
  return rows.children.some((child) => child.dependsOnVariables) || rows.fields.some(field);
}

function resolveRows(context: ResolveContext, row: RowType, form: FieldsForm, place: Place): RowsPlan {
  const fetched = new Fetched();
  const inValue = place.fetched !== undefined;
  const level: Level = { row, fetched, children: place.fetched ?? fetched, part: place.part, direct: !inValue };
  const fields = resolveFields(context, level, form, `${place.at}.fields`);
  return { columns: fetched.columns, fields, children: inValue ? [] : fetched.children };
}

/** One level of a selection: whose names it uses, and where its relationship fields and columns are gathered. */
interface Level {
  readonly row: RowType;
  readonly fetched: Fetched;
  readonly children: Fetched;
  readonly part: string;
  /** The row is a fetched one; else an object inside a value. */
  readonly direct: boolean;
}

function resolveFields(context: ResolveContext, level: Level, fields: FieldsForm, at: string): readonly FieldPlan[] {
  return [...fields].map(([alias, field]) => {
    requireAlias(alias, at);
    return resolveField(context, level, alias, field, `${at}.${alias}`);
  });
}

/** Answers are plain objects, in which this one key would not be a property. */
function requireAlias(alias: string, at: string): void {
  if (alias !== '__proto__') return;
  throw badRequest('bad-alias', '"__proto__" can not be a key of the answer.', { path: at });
}

function resolveField(context: ResolveContext, level: Level, alias: string, form: FieldForm, at: string): FieldPlan {
  if (form.kind === 'relationship') return resolveRelationshipField(context, level, alias, form, at);
  const type = fieldOf(level.row, form.column, `${at}.column`);
  const index = level.direct ? level.fetched.index(form.column, type) : -1;
  const nested = form.fields ? resolveNested(context, level, alias, type, form.fields, `${at}.fields`) : null;
  return { kind: 'column', alias, source: { index, column: form.column }, type, nested };
}

function resolveRelationshipField(
  context: ResolveContext,
  level: Level,
  alias: string,
  form: Extract<FieldForm, { readonly kind: 'relationship' }>,
  at: string,
): FieldPlan {
  const { collection, join } = resolveJoin(context, level.row, form.relationship, [], at);
  const keys = join.map(({ source }): KeySource => ({
    index: level.direct ? level.fetched.index(source.column, fieldOf(level.row, source.column, at)) : -1,
    column: source.column,
    fieldPath: source.fieldPath,
    kind: scalarOf(source, at).scalar,
  }));
  const query = resolveQuery({ ...context, inMemory: false }, rowTypeOfCollection(collection), form.query, {
    at: `${at}.query`,
    part: partOf(level.part, `rows.${alias}`),
    keys: join.map((pair) => pair.target),
  });
  return { kind: 'relationship', alias, child: level.children.children.push(query) - 1, keys };
}

function resolveNested(
  context: ResolveContext,
  level: Level,
  alias: string,
  type: FieldType,
  form: NestedFieldForm,
  at: string,
): NestedPlan {
  const part = partOf(level.part, `rows.${alias}`);
  const asColumn: ColumnPlan = { scope: 0, column: alias, fieldPath: [], type };
  switch (form.kind) {
    case 'object': {
      const inside: Level = { ...level, row: objectType(context, type, at), part, direct: false };
      return { kind: 'object', fields: resolveFields(context, inside, form.fields, `${at}.fields`) };
    }
    case 'array':
      return {
        kind: 'array',
        of: resolveNested(context, level, alias, elementOf(asColumn, at), form.fields, `${at}.fields`),
      };
    case 'collection': {
      const row = objectType(context, elementOf(asColumn, at), at);
      const inMemory = { ...context, inMemory: true };
      // The name of a collection's row type is also an object type; inside a value it is in memory all the same.
      const query = resolveQuery(inMemory, { ...row, collection: null }, form.query, {
        at: `${at}.query`,
        part,
        keys: [],
        fetched: level.children,
      });
      return { kind: 'collection', query };
    }
  }
}

function partOf(parent: string, part: string): string {
  return parent === '' ? part : `${parent}.${part}`;
}

/** A collection's order is made total by its primary key. */
function resolveOrderBy(context: ResolveContext, row: RowType, forms: readonly OrderByForm[], at: string): SortPlan[] {
  const sorts = forms.map((form, i) => resolveSort(context, row, form, `${at}[${i}]`));
  for (const name of row.collection?.primaryKey ?? []) {
    const column = resolveColumn(context, row, { column: name }, at);
    if (sorts.some((sort) => isPlainColumn(sort, name))) continue;
    sorts.push({ direction: 'asc', nullable: false, target: { kind: 'column', path: [], column } });
  }
  return sorts;
}

function isPlainColumn({ target }: SortPlan, name: string): boolean {
  return (
    target.kind === 'column' &&
    target.path.length === 0 &&
    target.column.fieldPath.length === 0 &&
    target.column.column === name
  );
}

function resolveSort(context: ResolveContext, row: RowType, form: OrderByForm, at: string): SortPlan {
  const { direction, target } = form;
  if (target.kind === 'aggregate') {
    return { direction, nullable: true, target: resolveAggregateTarget(context, row, target, `${at}.target`) };
  }
  const { steps, end } = resolvePath(context, row, target.path ?? [], `${at}.target.path`, true);
  const column = resolveColumn(context, end, target, `${at}.target`);
  scalarOf(column, `${at}.target`);
  return {
    direction,
    nullable: steps.length > 0 || column.type.nullable,
    target: { kind: 'column', path: steps, column },
  };
}

function resolveAggregates(context: ResolveContext, row: RowType, forms: AggregatesForm, at: string): NamedAggregate[] {
  return [...forms].map(([alias, form]) => {
    requireAlias(alias, at);
    return { alias, aggregate: resolveAggregate(context, row, form, `${at}.${alias}`) };
  });
}

function resolveGroups(context: ResolveContext, row: RowType, form: GroupsForm, at: string): GroupsPlan {
  const dimensions = form.dimensions.map((dimension, i) =>
    resolveDimension(context, row, dimension, `${at}.dimensions[${i}]`),
  );
  return {
    dimensions,
    outputs: resolveAggregates(context, row, form.aggregates, `${at}.aggregates`),
    predicate: form.predicate ? resolveGroupPredicate(context, row, form.predicate, `${at}.predicate`) : null,
    orderBy: (form.orderBy ?? []).map(({ direction, target }, i) => {
      const here = `${at}.order_by.elements[${i}].target`;
      if (target.kind === 'aggregate') {
        const aggregate = resolveAggregate(context, row, target.aggregate, `${here}.aggregate`);
        return { direction, target: { kind: 'aggregate', aggregate } };
      }
      if (target.index in dimensions) return { direction, target };
      throw badRequest('unknown-dimension', `There is no dimension ${target.index}; there are ${dimensions.length}.`, {
        path: `${here}.index`,
      });
    }),
    limit: count(form.limit, `${at}.limit`),
    offset: count(form.offset, `${at}.offset`) ?? 0,
  };
}

function resolveDimension(context: ResolveContext, row: RowType, form: DimensionForm, at: string): DimensionPlan {
  const { steps, end } = resolvePath(context, row, form.path ?? [], `${at}.path`, true);
  const column = resolveColumn(context, end, form, `${at}.column_name`);
  const { scalar } = scalarOf(column, `${at}.column_name`);
  const nullable = steps.length > 0 || column.type.nullable;
  if (form.extraction === undefined) {
    return { path: steps, column, extraction: null, result: { type: column.type.type, nullable } };
  }
  const extraction = form.extraction as ExtractionFunctionName;
  if (!extractionFunctionsOf(scalar).includes(extraction)) {
    const known = extractionFunctionsOf(scalar).join(', ') || 'none';
    throw badRequest(
      'unknown-extraction',
      `There is no extraction "${extraction}" on ${scalar}; there are: ${known}.`,
      {
        path: `${at}.extraction`,
      },
    );
  }
  const result = EXTRACTION_FUNCTIONS[extraction].result;
  return { path: steps, column, extraction, result: { type: { type: 'scalar', scalar: result }, nullable } };
}

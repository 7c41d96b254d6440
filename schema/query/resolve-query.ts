import type { FieldForm, FieldsForm, NestedFieldForm, QueryForm } from './form.ts';
import type { ColumnPlan, FetchedColumn, FieldPlan, KeySource, NestedPlan, QueryPlan, RowsPlan } from './plan.ts';
import { relatedPlan } from './related-plan.ts';
import { elementOf, fieldOf, objectType, resolveJoin, scalarOf } from './resolve-column.ts';
import { readCount, requireAlias } from './resolve-context.ts';
import type { ResolveContext } from './resolve-context.ts';
import { resolveAggregates, resolveGroups } from './resolve-groups.ts';
import { resolveOrderBy } from './resolve-order.ts';
import { resolvePredicate } from './resolve-predicate.ts';
import type { FieldType, RowType } from './value-types.ts';
import { rowTypeOfCollection } from './value-types.ts';

/** Where a query stands in the request and in the answer. */
export interface Place {
  readonly at: string;
  readonly part: string;
  readonly keys: readonly ColumnPlan[];
  /** The fetched rows that relationship fields of a nested collection hang on. */
  readonly fetched?: Fetched;
}

/** What the fields of one level need from the database. */
export class Fetched {
  readonly columns: FetchedColumn[] = [];
  readonly children: QueryPlan[] = [];

  index(name: string, type: FieldType): number {
    const known = this.columns.findIndex((column) => column.name === name);
    return known >= 0 ? known : this.columns.push({ name, type }) - 1;
  }
}

/** A query over rows of a type, with everything in it. */
export function resolveQuery(context: ResolveContext, row: RowType, form: QueryForm, place: Place): QueryPlan {
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
    related: context.inMemory ? relatedPlan(own.result.predicate, own.result.orderBy, own.result.groups) : null,
    limit: readCount(form.limit, `${at}.limit`),
    offset: readCount(form.offset, `${at}.offset`) ?? 0,
    rows,
  };
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
export interface Level {
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

/** A selection inside a value. */
export function resolveNested(
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

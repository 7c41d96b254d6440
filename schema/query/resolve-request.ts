import type { ObjectDef } from '../../core/domain/kind.ts';
import type { Catalogue } from '../catalogue.ts';
import type { NestedFieldForm, QueryForm, QueryRequestForm, RelationshipForm, VariableSet } from './form.ts';
import type { QueryPlan, RequestPlan, RowsPlan } from './plan.ts';
import { VariableTable, findCollection } from './resolve-context.ts';
import type { ResolveContext } from './resolve-context.ts';
import { Fetched, resolveNested, resolveQuery } from './resolve-query.ts';
import type { Level } from './resolve-query.ts';
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
  variables: readonly VariableSet[] | undefined,
): RequestPlan {
  const context = contextOf(catalogue, relationships, variables, true);
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
  const row: RowType = { name: 'the result', fields: new Map([['value', type]]), collection: null };
  const fetched = new Fetched();
  const level: Level = { row, fetched, children: fetched, part: '', direct: true };
  const source = { index: fetched.index('value', type), column: 'value' };
  const nested = resolveNested(context, level, 'value', type, fields, 'fields');
  const root = resolveQuery(context, row, {}, { at: 'fields', part: '', keys: [] });
  const rows: RowsPlan = {
    columns: fetched.columns,
    fields: [{ kind: 'column', alias: 'value', source, type, nested }],
    children: fetched.children,
  };
  return requestPlan(context, { ...root, rows });
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

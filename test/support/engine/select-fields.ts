import type { Field, Relationship } from '@hasura/ndc-sdk-typescript';
import { type FieldNode, type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';
import { argumentValuesOf } from './argument-values.ts';
import type { ModelType } from './model-types.ts';

/** NDC fields of a GraphQL selection, under the response keys, and the relationships they use. */
export interface SelectedNdcFields {
  readonly fields: Record<string, Field>;
  readonly relationships: Record<string, Relationship>;
}

/** Relationships inside one connector become part of the same NDC request, as the engine plans them. */
export function selectFields(
  info: GraphQLResolveInfo,
  model: ModelType,
  selections: readonly SelectionSetNode[],
  relationships: Record<string, Relationship> = {},
): SelectedNdcFields {
  const fields: Record<string, Field> = {};
  for (const [key, nodes] of fieldsByKey(info, selections)) {
    const [first] = nodes as [FieldNode];
    const column = model.columns.get(first.name.value);
    if (column !== undefined) fields[key] = { type: 'column', column };
    const relation = model.relations.get(first.name.value);
    if (!relation) continue;
    const name = `${model.name}.${first.name.value}`;
    relationships[name] = {
      target_collection: relation.target.collection,
      column_mapping: relation.mapping,
      relationship_type: relation.kind,
      arguments: {},
    };
    const inner = nodes.flatMap((node) => node.selectionSet ?? []);
    fields[key] = {
      type: 'relationship',
      relationship: name,
      arguments: {},
      query: {
        ...queryArguments(relation.target, argumentValuesOf(info, first)),
        fields: selectFields(info, relation.target, inner, relationships).fields,
      },
    };
  }
  return { fields, relationships };
}

const OPERATORS: Readonly<Record<string, string>> = { _eq: '_eq', _gt: '_gt', _lt: '_lt', _in: '_in' };

/** `limit`, `offset`, `orderBy: {field: Asc}` and `where: {field: {_eq: value}}`, all conditions joined by "and". */
export function queryArguments(model: ModelType, args: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { limit, offset, orderBy, where } = args as {
    limit?: number;
    offset?: number;
    orderBy?: Record<string, 'Asc' | 'Desc'>;
    where?: Record<string, Record<string, unknown>>;
  };
  const query: Record<string, unknown> = {};
  if (limit !== undefined && limit !== null) query['limit'] = limit;
  if (offset !== undefined && offset !== null) query['offset'] = offset;
  if (orderBy) {
    query['order_by'] = {
      elements: Object.entries(orderBy).map(([field, direction]) => ({
        order_direction: direction.toLowerCase(),
        target: { type: 'column', name: columnOf(model, field), path: [] },
      })),
    };
  }
  if (where) {
    const expressions = Object.entries(where).flatMap(([field, conditions]) =>
      Object.entries(conditions).map(([operator, value]) => ({
        type: 'binary_comparison_operator',
        column: { type: 'column', name: columnOf(model, field), path: [] },
        operator: OPERATORS[operator] ?? operator,
        value: { type: 'scalar', value },
      })),
    );
    query['predicate'] = { type: 'and', expressions };
  }
  return query;
}

function columnOf(model: ModelType, field: string): string {
  const column = model.columns.get(field);
  if (column === undefined) throw new Error(`${model.name} has no field ${field}`);
  return column;
}

/** Fields of selections merged by response key, fragments spread, `@skip` and `@include` applied. */
function fieldsByKey(info: GraphQLResolveInfo, selections: readonly SelectionSetNode[]): Map<string, FieldNode[]> {
  const byKey = new Map<string, FieldNode[]>();
  const visit = (set: SelectionSetNode): void => {
    for (const node of set.selections) {
      if (!isIncluded(info, node.directives ?? [])) continue;
      if (node.kind === Kind.FIELD) {
        const key = node.alias?.value ?? node.name.value;
        byKey.set(key, [...(byKey.get(key) ?? []), node]);
      } else if (node.kind === Kind.INLINE_FRAGMENT) visit(node.selectionSet);
      else {
        const fragment = info.fragments[node.name.value];
        if (fragment) visit(fragment.selectionSet);
      }
    }
  };
  for (const set of selections) visit(set);
  return byKey;
}

function isIncluded(info: GraphQLResolveInfo, directives: NonNullable<FieldNode['directives']>): boolean {
  return directives.every((directive) => {
    const condition = directive.arguments?.find((argument) => argument.name.value === 'if')?.value;
    const value =
      condition?.kind === Kind.VARIABLE
        ? info.variableValues[condition.name.value]
        : condition?.kind === Kind.BOOLEAN && condition.value;
    return directive.name.value === 'skip' ? value !== true : directive.name.value !== 'include' || value === true;
  });
}

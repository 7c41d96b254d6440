import { badRequest } from '../core/domain/errors.ts';
import type {
  FieldForm,
  FieldsForm,
  NestedFieldForm,
  OrderByForm,
  OrderByTargetForm,
  QueryForm,
  RelationshipForm,
  VariableSet,
} from '../schema/query/form.ts';
import type { JsonNode } from './json-node.ts';
import { parseAggregate, parseColumn, parseDirection, parsePage, refuseArguments } from './parse-column.ts';
import { parseGroups } from './parse-groups.ts';
import { parsePath, parsePredicate } from './parse-predicate.ts';

/** A QueryRequest of the protocol, read whole; whether its names exist is for the query engine to say. */
export interface ParsedQueryRequest {
  /** A collection or a function. */
  readonly collection: string;
  readonly arguments: ReadonlyMap<string, ArgumentForm>;
  readonly query: QueryForm;
  readonly relationships: ReadonlyMap<string, RelationshipForm>;
  readonly variables: readonly VariableSet[] | undefined;
}

export type ArgumentForm =
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'variable'; readonly name: string };

export function parseQueryRequest(request: JsonNode): ParsedQueryRequest {
  refuseRequestArguments(request);
  return {
    collection: request.required('collection').string(),
    arguments: request.required('arguments').map(parseArgument),
    query: parseQuery(request.required('query')),
    relationships: parseRelationships(request),
    variables: request
      .optional('variables')
      ?.list()
      .map((set) => set.map((variable) => variable.value)),
  };
}

/** `collection_relationships` of a query or a mutation. */
export function parseRelationships(request: JsonNode): ReadonlyMap<string, RelationshipForm> {
  return request.required('collection_relationships').map((node) => {
    refuseArguments(node);
    return {
      target: node.required('target_collection').string(),
      mapping: node.required('column_mapping').map((path) => path.strings()),
      type: parseRelationshipType(node.required('relationship_type')),
    };
  });
}

/** We declare no request-level arguments (0.2.4), so there is none that could be meant. */
export function refuseRequestArguments(request: JsonNode): void {
  const [first] = request.optional('request_arguments')?.entries() ?? [];
  if (!first) return;
  const [name, node] = first;
  throw badRequest('UNKNOWN_ARGUMENT', `There is no request argument "${name}"; this connector declares none.`, {
    path: node.path,
  });
}

export function parseQuery(node: JsonNode): QueryForm {
  const query: { -readonly [Key in keyof QueryForm]: QueryForm[Key] } = {};
  const fields = node.optional('fields');
  if (fields) query.fields = parseFields(fields);
  const aggregates = node.optional('aggregates');
  if (aggregates) query.aggregates = aggregates.map(parseAggregate);
  const groups = node.optional('groups');
  if (groups) query.groups = parseGroups(groups);
  const predicate = node.optional('predicate');
  if (predicate) query.predicate = parsePredicate(predicate);
  const orderBy = node.optional('order_by');
  if (orderBy) query.orderBy = orderBy.required('elements').list().map(parseOrderBy);
  return Object.assign(query, parsePage(node));
}

/** A NestedField: what to select inside a value. */
export function parseNestedField(node: JsonNode): NestedFieldForm {
  return node.tagged<NestedFieldForm>({
    object: (object) => ({ kind: 'object', fields: parseFields(object.required('fields')) }),
    array: (array) => ({ kind: 'array', fields: parseNestedField(array.required('fields')) }),
    collection: (collection) => ({ kind: 'collection', query: parseQuery(collection.required('query')) }),
  });
}

function parseFields(node: JsonNode): FieldsForm {
  return node.map((field) =>
    field.tagged<FieldForm>({
      column: (column) => {
        refuseArguments(column);
        const fields = column.optional('fields');
        return {
          kind: 'column',
          column: column.required('column').string(),
          ...(fields ? { fields: parseNestedField(fields) } : {}),
        };
      },
      relationship: (relationship) => {
        refuseArguments(relationship);
        return {
          kind: 'relationship',
          relationship: relationship.required('relationship').string(),
          query: parseQuery(relationship.required('query')),
        };
      },
    }),
  );
}

function parseOrderBy(node: JsonNode): OrderByForm {
  return {
    direction: parseDirection(node.required('order_direction')),
    target: node.required('target').tagged<OrderByTargetForm>({
      column: (column) => ({
        kind: 'column',
        ...parseColumn(column, 'name'),
        path: parsePath(column.required('path')),
      }),
      aggregate: (target) => ({
        kind: 'aggregate',
        path: parsePath(target.required('path')),
        aggregate: parseAggregate(target.required('aggregate')),
      }),
    }),
  };
}

function parseArgument(node: JsonNode): ArgumentForm {
  return node.tagged<ArgumentForm>({
    literal: (literal) => ({ kind: 'literal', value: literal.present('value').value }),
    variable: (variable) => ({ kind: 'variable', name: variable.required('name').string() }),
  });
}

function parseRelationshipType(node: JsonNode): 'object' | 'array' {
  const type = node.string();
  if (type !== 'object' && type !== 'array') throw node.refuse('object or array');
  return type;
}

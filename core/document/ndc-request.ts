import type { ArgumentValue } from '../domain/observation.ts';
import { type QueryShape, queryIdOf } from '../domain/query-shape.ts';
import { MAX_ARGUMENT_VALUES, type Variables, appendArgumentValues } from './argument-value.ts';
import { entriesOf, isRecord, listProperty, property, textProperty } from './foreign-object.ts';
import { NO_FEATURES, complexityOf } from './graphql-shape.ts';
import {
  type NdcArgumentUse,
  type NdcReadState,
  readArguments,
  readPredicateArgument,
  UnreadableNdcError,
} from './ndc-expression.ts';
import { type NdcColumnField, type NdcQuery, readNestedField, readQuery, selectionOfNested } from './ndc-query.ts';

/** An NDC query or mutation request of version 0.1 or 0.2, as far as rules and detection need it. */
export interface NdcRequestReading {
  readonly connector: string;
  readonly operation: 'query' | 'mutation';
  /** False where the request is nested or sized beyond the limits: it may then hold more than is told here. */
  readonly isWhole: boolean;
  /** Every collection (or procedure) the request touches: the roots first, then those reached from them. */
  readonly collections: readonly string[];
  readonly shape: QueryShape;
  readonly roots: readonly NdcRoot[];
  readonly uses: readonly NdcArgumentUse[];
  /** One per row set of the answer; a request without variables has one empty set. */
  readonly variableSets: readonly Variables[];
}

/** What one row set (query) or one operation result (mutation) holds. */
export type NdcRoot =
  | { readonly kind: 'query'; readonly query: NdcQuery }
  | { readonly kind: 'procedure'; readonly name: string; readonly field: NdcColumnField };

/**
 * Reads a request by its form, not by the version the engine states. Undefined where it is neither a query nor a
 * mutation: relational requests, and whatever later versions send. A request that is nested beyond the limits still
 * names the collections that its relationships name, with a shape that says `unreadable`.
 */
export function readNdcRequest(connector: string, request: unknown): NdcRequestReading | undefined {
  const state: NdcReadState = {
    relationships: relationshipsOf(request),
    collections: new Set(),
    uses: [],
    visited: 0,
  };
  const collection = textProperty(request, 'collection');
  if (collection !== undefined && isRecord(property(request, 'query'))) {
    state.collections.add(collection);
    const variableSets = variableSetsOf(request);
    return finish(connector, 'query', request, state, variableSets, () => [
      { kind: 'query', query: readQuery(collection, request, property(request, 'query'), state, 0) },
    ]);
  }
  const operations = listProperty(request, 'operations');
  const names = operations.map(procedureName).filter((name) => name !== undefined);
  if (names.length === 0) return undefined;
  for (const name of names) state.collections.add(name);
  return finish(connector, 'mutation', request, state, [{}], () =>
    operations.map((operation) => readOperation(operation, state)),
  );
}

/**
 * Values of arguments by `collection.argument`, of predicates by `collection.column.operator`, as in GraphQL; those from
 * variables once per variable set.
 */
export function ndcArgumentValuesOf(reading: NdcRequestReading): ArgumentValue[] {
  const values: ArgumentValue[] = [];
  for (const { collection, name, operator, value } of reading.uses) {
    if (values.length >= MAX_ARGUMENT_VALUES) break;
    const path = [collection, name, ...(operator === undefined ? [] : [operator])].join('.');
    if (value.kind === 'literal') appendArgumentValues(path, value.value, values);
    else for (const set of reading.variableSets) appendArgumentValues(path, property(set, value.name), values);
  }
  return values;
}

type Roots = readonly NdcRoot[];

function finish(
  connector: string,
  operation: 'query' | 'mutation',
  request: unknown,
  state: NdcReadState,
  variableSets: readonly Variables[],
  read: () => Roots,
): NdcRequestReading {
  let roots: Roots = [];
  let shape: QueryShape;
  let isWhole = true;
  try {
    readRelationshipArguments(request, state);
    roots = read();
    shape = shapeOf(connector, operation, roots, state, variableSets);
  } catch (error) {
    if (!(error instanceof UnreadableNdcError)) throw error;
    shape = textShape(`${operation} unreadable`, operation);
    roots = [];
    isWhole = false;
  }
  for (const target of state.relationships.values()) state.collections.add(target);
  const collections = [...state.collections];
  return { connector, operation, isWhole, collections, shape, roots, uses: state.uses, variableSets };
}

function procedureName(operation: unknown): string | undefined {
  return property(operation, 'type') === 'procedure' ? textProperty(operation, 'name') : undefined;
}

function readOperation(operation: unknown, state: NdcReadState): NdcRoot {
  const name = procedureName(operation);
  // Left out, it would shift those behind it against the results.
  if (name === undefined) throw new UnreadableNdcError('unknown operation');
  // Arguments of procedures are raw values, without the wrapper that those of collections have.
  for (const [argument, value] of entriesOf(operation, 'arguments')) {
    state.uses.push({ collection: name, name: argument, value: { kind: 'literal', value } });
    readPredicateArgument(value, name, state, 1);
  }
  const nested = readNestedField(property(operation, 'fields'), name, state, 1);
  const selection = selectionOfNested(nested);
  return { kind: 'procedure', name, field: { kind: 'column', alias: name, column: name, nested, selection } };
}

function shapeOf(
  connector: string,
  operation: 'query' | 'mutation',
  roots: Roots,
  state: NdcReadState,
  variableSets: readonly Variables[],
): QueryShape {
  const texts = roots.map((root) => (root.kind === 'query' ? root.query.text : procedureText(root)));
  const text = `${operation} ${connector} ${[...new Set(texts)].sort().join(' ')}`;
  const leaves = new Set<string>();
  const depth = Math.max(0, ...roots.map((root) => leavesOf(connector, root, leaves)));
  const names = new Set(Array.from(leaves, (leaf) => leaf.slice(leaf.lastIndexOf('.') + 1)));
  const queries = roots.flatMap((root) => (root.kind === 'query' ? [root.query] : []));
  const rootFields = roots.map((root) => `${connector}.${root.kind === 'query' ? root.query.collection : root.name}`);
  return {
    ...textShape(text, operation),
    rootFields: [...new Set(rootFields)].sort(),
    fields: [...leaves].sort(),
    features: {
      ...NO_FEATURES,
      queryLength: text.length,
      depth,
      fields: names.size,
      arguments: state.uses.length,
      variables: Object.keys(variableSets[0] ?? {}).length,
      hasPagination: queries.some((query) => query.isPaged),
      hasFiltering: queries.some((query) => query.isFiltered),
      hasSorting: queries.some((query) => query.isSorted),
      complexityScore: complexityOf(names.size, depth, state.uses.length),
      rootFields: rootFields.length,
    },
  };
}

function textShape(text: string, operationType: 'query' | 'mutation'): QueryShape {
  return { id: queryIdOf('ndc', text), text, operationType, rootFields: [], fields: [], features: NO_FEATURES };
}

function procedureText(root: Extract<NdcRoot, { kind: 'procedure' }>): string {
  const { selection } = root.field;
  return selection ? `${root.name}{${selection.signature}}` : root.name;
}

/** Adds every leaf as `connector.collection.column` and answers the levels of nesting. */
function leavesOf(connector: string, root: NdcRoot, leaves: Set<string>): number {
  if (root.kind === 'query') return leavesOfQuery(connector, root.query, leaves);
  addColumnLeaves(`${connector}.${root.name}`, root.field, leaves);
  return 1;
}

function leavesOfQuery(connector: string, query: NdcQuery, leaves: Set<string>): number {
  let below = 0;
  for (const field of query.fields) {
    if (field.kind === 'relationship') below = Math.max(below, leavesOfQuery(connector, field.query, leaves));
    else addColumnLeaves(`${connector}.${query.collection}.${field.column}`, field, leaves);
  }
  for (const { column } of [...query.aggregates, ...query.groupAggregates]) {
    leaves.add(`${connector}.${query.collection}.${column}`);
  }
  for (const { collection, column } of query.dimensions) {
    leaves.add(`${connector}.${collection ?? query.collection}.${column}`);
  }
  return 1 + below;
}

function addColumnLeaves(path: string, field: NdcColumnField, leaves: Set<string>): void {
  if (!field.selection) leaves.add(path);
  else for (const child of field.selection.fields) addSelectedLeaves(`${path}.${child.name}`, child.selection, leaves);
}

function addSelectedLeaves(path: string, selection: NdcColumnField['selection'], leaves: Set<string>): void {
  if (!selection) leaves.add(path);
  else for (const child of selection.fields) addSelectedLeaves(`${path}.${child.name}`, child.selection, leaves);
}

/** What a relationship always gives to the collection it leads to. */
function readRelationshipArguments(request: unknown, state: NdcReadState): void {
  for (const [, relationship] of entriesOf(request, 'collection_relationships')) {
    const target = textProperty(relationship, 'target_collection');
    if (target !== undefined) readArguments(relationship, target, state, 0);
  }
}

function relationshipsOf(request: unknown): Map<string, string> {
  const targets = new Map<string, string>();
  for (const [name, relationship] of entriesOf(request, 'collection_relationships')) {
    const target = textProperty(relationship, 'target_collection');
    if (target !== undefined) targets.set(name, target);
  }
  return targets;
}

function variableSetsOf(request: unknown): Variables[] {
  const sets = property(request, 'variables');
  return Array.isArray(sets) ? sets.map((set) => (isRecord(set) ? set : {})) : [{}];
}

import { entriesOf, isRecord, listProperty, property, textProperty } from './foreign-object.ts';
import {
  type NdcReadState,
  UnreadableNdcError,
  aggregateText,
  enterNode,
  readArguments,
  readColumnArguments,
  readExpression,
  readTarget,
  relatedCollection,
  targetOf,
} from './ndc-expression.ts';
import type { SelectedField, Selection } from './selection.ts';

/** What each row set of a query answers: of the root, of a relationship field, or of a nested collection. */
export interface NdcRowSet {
  readonly fields: readonly NdcField[];
  /** Aggregates over one column by the engine's alias; counts of rows are left out. */
  readonly aggregates: readonly NdcAggregate[];
  /** Of `groups`, in their order. */
  readonly dimensions: readonly NdcDimension[];
  readonly groupAggregates: readonly NdcAggregate[];
}

/** One `Query` over a collection: that of the root, or of a relationship field. */
export interface NdcQuery extends NdcRowSet {
  readonly collection: string;
  /** Normalised, without values and aliases. */
  readonly text: string;
  readonly isPaged: boolean;
  readonly isFiltered: boolean;
  readonly isSorted: boolean;
}

/** A column, or what `fieldPath` leads to inside it. */
export interface NdcTarget {
  readonly column: string;
  readonly fieldPath: readonly string[];
}

export interface NdcAggregate extends NdcTarget {
  readonly alias: string;
  /** A value of the column or computed from its values, as opposed to a count. */
  readonly revealsValues: boolean;
}

export interface NdcDimension extends NdcTarget {
  /** Where relationships lead to the column; null where the rows have it themselves. */
  readonly collection: string | null;
}

/** A field of a row: the engine chooses `alias`, the connector knows `column`. */
export type NdcField = NdcColumnField | NdcRelationshipField;

export interface NdcColumnField {
  readonly kind: 'column';
  readonly alias: string;
  readonly column: string;
  readonly nested: NdcNested | null;
  /** The same as `nested`, in the form that shapes and datasets have in common with GraphQL. */
  readonly selection: Selection | null;
}

export interface NdcRelationshipField {
  readonly kind: 'relationship';
  readonly alias: string;
  readonly query: NdcQuery;
}

/** What is selected inside a column or a procedure's result; lists of objects are as one object. */
export type NdcNested =
  | { readonly kind: 'object'; readonly fields: readonly NdcField[] }
  | { readonly kind: 'collection'; readonly rowSet: NdcRowSet };

/** `owner` carries the collection's arguments: the request at the root, the field at a relationship. */
export function readQuery(
  collection: string,
  owner: unknown,
  query: unknown,
  state: NdcReadState,
  depth: number,
): NdcQuery {
  enterNode(state, depth);
  state.collections.add(collection);
  const rowSet = readRowSet(collection, query, state, depth);
  const predicate = property(query, 'predicate');
  const filter = isRecord(predicate) ? readExpression(predicate, collection, state, depth + 1) : null;
  const aggregates = entriesOf(query, 'aggregates');
  const groups = property(query, 'groups');
  const order = listProperty(property(query, 'order_by'), 'elements').map((element) =>
    readOrder(element, collection, state, depth),
  );
  const isPaged = typeof property(query, 'limit') === 'number' || typeof property(query, 'offset') === 'number';
  const parts = [
    argumentText(readArguments(owner, collection, state, depth)),
    `{${distinct(rowSet.fields.map(fieldText))}}`,
    aggregates.length > 0 && ` aggregates(${distinct(aggregates.map(([, aggregate]) => aggregateText(aggregate)))})`,
    isRecord(groups) && ` groups(${groupText(groups)})`,
    filter !== null && ` where ${filter}`,
    order.length > 0 && ` order by ${order.join(',')}`,
    isPaged && ' paged',
  ];
  return {
    ...rowSet,
    collection,
    text: collection + parts.filter((part) => part !== false).join(''),
    isPaged,
    isFiltered: filter !== null,
    isSorted: order.length > 0,
  };
}

/** A NestedField; null where the whole value is asked for. */
export function readNestedField(
  field: unknown,
  collection: string,
  state: NdcReadState,
  depth: number,
): NdcNested | null {
  if (!isRecord(field)) return null;
  enterNode(state, depth);
  switch (field['type']) {
    case 'array':
      return readNestedField(field['fields'], collection, state, depth + 1);
    case 'object':
      return { kind: 'object', fields: readFields(field, collection, state, depth + 1) };
    case 'collection':
      return { kind: 'collection', rowSet: readRowSet(collection, field['query'], state, depth + 1) };
    default:
      throw new UnreadableNdcError('unknown nested field');
  }
}

/** Aliases to columns. A nested collection looks as its rows do. */
export function selectionOfNested(nested: NdcNested | null): Selection | null {
  if (!nested) return null;
  const fields = (nested.kind === 'object' ? nested.fields : nested.rowSet.fields).map((field): SelectedField => ({
    key: field.alias,
    name: field.kind === 'column' ? field.column : field.query.collection,
    arguments: new Map(),
    directives: [],
    selection: field.kind === 'column' ? field.selection : null,
  }));
  return {
    fields,
    byKey: new Map(fields.map((field) => [field.key, field])),
    signature: distinct(fields.map(({ name, selection }) => (selection ? `${name}{${selection.signature}}` : name))),
  };
}

function readRowSet(collection: string, query: unknown, state: NdcReadState, depth: number): NdcRowSet {
  const groups = property(query, 'groups');
  for (const [, aggregate] of entriesOf(query, 'aggregates')) readTarget(aggregate, collection, state, depth);
  readGroups(groups, collection, state, depth);
  return {
    fields: readFields(query, collection, state, depth),
    aggregates: aggregatesOf(entriesOf(query, 'aggregates')),
    dimensions: listProperty(groups, 'dimensions').map((dimension) => readDimension(dimension, state)),
    groupAggregates: aggregatesOf(entriesOf(groups, 'aggregates')),
  };
}

function readFields(owner: unknown, collection: string, state: NdcReadState, depth: number): NdcField[] {
  return entriesOf(owner, 'fields').map(([alias, field]) => readField(alias, field, collection, state, depth));
}

function readField(alias: string, field: unknown, collection: string, state: NdcReadState, depth: number): NdcField {
  enterNode(state, depth);
  switch (property(field, 'type')) {
    case 'relationship': {
      const target = relatedCollection(field, state);
      const query = readQuery(target, field, property(field, 'query'), state, depth + 1);
      return { kind: 'relationship', alias, query };
    }
    case 'column': {
      readColumnArguments(field, collection, state, depth);
      const nested = readNestedField(property(field, 'fields'), collection, state, depth + 1);
      const column = textProperty(field, 'column') ?? alias;
      return { kind: 'column', alias, column, nested, selection: selectionOfNested(nested) };
    }
    default:
      throw new UnreadableNdcError('unknown field');
  }
}

/** All of groups that can ask about a collection; their dimensions and aggregates are part of the row set. */
function readGroups(groups: unknown, collection: string, state: NdcReadState, depth: number): void {
  for (const dimension of listProperty(groups, 'dimensions')) readTarget(dimension, collection, state, depth);
  for (const [, aggregate] of entriesOf(groups, 'aggregates')) readTarget(aggregate, collection, state, depth);
  for (const element of listProperty(property(groups, 'order_by'), 'elements')) {
    readOrder(element, collection, state, depth);
  }
  const predicate = property(groups, 'predicate');
  if (isRecord(predicate)) readExpression(predicate, collection, state, depth + 1);
}

function readDimension(dimension: unknown, state: NdcReadState): NdcDimension {
  const column = textProperty(dimension, 'column_name');
  if (column === undefined) throw new UnreadableNdcError('unknown dimension');
  const last = listProperty(dimension, 'path').at(-1);
  return {
    collection: last === undefined ? null : relatedCollection(last, state),
    column,
    fieldPath: fieldPathOf(dimension),
  };
}

function fieldText(field: NdcField): string {
  if (field.kind === 'relationship') return `->${field.query.text}`;
  return field.selection ? `${field.column}{${field.selection.signature}}` : field.column;
}

function readOrder(element: unknown, collection: string, state: NdcReadState, depth: number): string {
  const direction = property(element, 'order_direction') === 'desc' ? ' desc' : '';
  return readTarget(property(element, 'target'), collection, state, depth).text + direction;
}

function groupText(groups: unknown): string {
  const dimensions = listProperty(groups, 'dimensions').map(targetOf);
  const aggregates = entriesOf(groups, 'aggregates').map(([, aggregate]) => aggregateText(aggregate));
  return `${dimensions.join(',')};${distinct(aggregates)}`;
}

function aggregatesOf(entries: readonly [string, unknown][]): NdcAggregate[] {
  return entries.flatMap(([alias, aggregate]) => {
    const type = textProperty(aggregate, 'type');
    if (type === 'star_count') return [];
    const column = textProperty(aggregate, 'column');
    if (column === undefined || (type !== 'single_column' && type !== 'column_count')) {
      throw new UnreadableNdcError('unknown aggregate');
    }
    return [{ alias, column, fieldPath: fieldPathOf(aggregate), revealsValues: type === 'single_column' }];
  });
}

function fieldPathOf(target: unknown): string[] {
  return listProperty(target, 'field_path').map(String);
}

function argumentText(names: readonly string[]): string {
  return names.length === 0 ? '' : `(${names.join(',')})`;
}

function distinct(texts: readonly string[]): string {
  return [...new Set(texts)].sort().join(' ');
}

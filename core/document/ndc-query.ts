import { entriesOf, isRecord, listProperty, property, textProperty } from './foreign-object.ts';
import {
  type NdcReadState,
  UnreadableNdcError,
  aggregateText,
  enterNode,
  readArguments,
  readExpression,
  targetOf,
} from './ndc-expression.ts';
import type { SelectedField, Selection } from './selection.ts';

/** One `Query` of a request: that of the root, or of a relationship field. */
export interface NdcQuery {
  readonly collection: string;
  /** Normalised, without values and aliases. */
  readonly text: string;
  readonly fields: readonly NdcField[];
  /** Aggregates over one column by the engine's alias; counts of rows are left out. */
  readonly aggregates: readonly NdcAggregate[];
  /** Columns of the dimensions of `groups`, in their order. */
  readonly dimensions: readonly string[];
  readonly groupAggregates: readonly NdcAggregate[];
  readonly isPaged: boolean;
  readonly isFiltered: boolean;
  readonly isSorted: boolean;
}

export interface NdcAggregate {
  readonly alias: string;
  readonly column: string;
  /** A value of the column or computed from its values, as opposed to a count. */
  readonly revealsValues: boolean;
}

/** A field of a row: the engine chooses `alias`, the connector knows `column`. */
export type NdcField =
  | { readonly kind: 'column'; readonly alias: string; readonly column: string; readonly selection: Selection | null }
  | { readonly kind: 'relationship'; readonly alias: string; readonly query: NdcQuery };

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
  const fields = entriesOf(query, 'fields').map(([alias, field]) => readField(alias, field, collection, state, depth));
  const predicate = property(query, 'predicate');
  const filter = isRecord(predicate) ? readExpression(predicate, collection, state, depth + 1) : null;
  const aggregates = entriesOf(query, 'aggregates');
  const groups = property(query, 'groups');
  const order = listProperty(property(query, 'order_by'), 'elements').map(orderText);
  const isPaged = typeof property(query, 'limit') === 'number' || typeof property(query, 'offset') === 'number';
  const parts = [
    argumentText(readArguments(owner, collection, state)),
    `{${distinct(fields.map(fieldText))}}`,
    aggregates.length > 0 && ` aggregates(${distinct(aggregates.map(([, aggregate]) => aggregateText(aggregate)))})`,
    isRecord(groups) && ` groups(${groupText(groups)})`,
    filter !== null && ` where ${filter}`,
    order.length > 0 && ` order by ${order.join(',')}`,
    isPaged && ' paged',
  ];
  return {
    collection,
    text: collection + parts.filter((part) => part !== false).join(''),
    fields,
    aggregates: aggregatesOf(aggregates),
    dimensions: listProperty(groups, 'dimensions').map(dimensionColumn),
    groupAggregates: aggregatesOf(entriesOf(groups, 'aggregates')),
    isPaged,
    isFiltered: filter !== null,
    isSorted: order.length > 0,
  };
}

/** A NestedField as a selection, aliases to columns; null where the whole value is asked for. */
export function readNestedField(
  field: unknown,
  collection: string,
  state: NdcReadState,
  depth: number,
): Selection | null {
  if (!isRecord(field)) return null;
  enterNode(state, depth);
  switch (field['type']) {
    case 'array':
      return readNestedField(field['fields'], collection, state, depth + 1);
    case 'object':
      return selectionOf(entriesOf(field, 'fields'), collection, state, depth);
    case 'collection':
      return selectionOf(entriesOf(field['query'], 'fields'), collection, state, depth);
    default:
      throw new UnreadableNdcError('unknown nested field');
  }
}

function readField(alias: string, field: unknown, collection: string, state: NdcReadState, depth: number): NdcField {
  enterNode(state, depth);
  if (property(field, 'type') === 'relationship') {
    const name = textProperty(field, 'relationship') ?? '?';
    const target = state.relationships.get(name) ?? name;
    return { kind: 'relationship', alias, query: readQuery(target, field, property(field, 'query'), state, depth + 1) };
  }
  return {
    kind: 'column',
    alias,
    column: textProperty(field, 'column') ?? alias,
    selection: readNestedField(property(field, 'fields'), collection, state, depth + 1),
  };
}

function selectionOf(
  entries: readonly [string, unknown][],
  collection: string,
  state: NdcReadState,
  depth: number,
): Selection {
  const fields = entries.map(([alias, field]): SelectedField => {
    const read = readField(alias, field, collection, state, depth + 1);
    return {
      key: alias,
      name: read.kind === 'column' ? read.column : read.query.collection,
      arguments: new Map(),
      directives: [],
      selection: read.kind === 'column' ? read.selection : null,
    };
  });
  return {
    fields,
    byKey: new Map(fields.map((field) => [field.key, field])),
    signature: distinct(fields.map(({ name, selection }) => (selection ? `${name}{${selection.signature}}` : name))),
  };
}

function fieldText(field: NdcField): string {
  if (field.kind === 'relationship') return `->${field.query.text}`;
  return field.selection ? `${field.column}{${field.selection.signature}}` : field.column;
}

function orderText(element: unknown): string {
  const direction = property(element, 'order_direction') === 'desc' ? ' desc' : '';
  return targetOf(property(element, 'target')) + direction;
}

function groupText(groups: unknown): string {
  const dimensions = listProperty(groups, 'dimensions').map(dimensionColumn);
  const aggregates = entriesOf(groups, 'aggregates').map(([, aggregate]) => aggregateText(aggregate));
  return `${dimensions.join(',')};${distinct(aggregates)}`;
}

function dimensionColumn(dimension: unknown): string {
  return textProperty(dimension, 'column_name') ?? '?';
}

function aggregatesOf(entries: readonly [string, unknown][]): NdcAggregate[] {
  return entries.flatMap(([alias, aggregate]) => {
    const column = textProperty(aggregate, 'column');
    const revealsValues = property(aggregate, 'type') === 'single_column';
    return column === undefined ? [] : [{ alias, column, revealsValues }];
  });
}

function argumentText(names: readonly string[]): string {
  return names.length === 0 ? '' : `(${names.join(',')})`;
}

function distinct(texts: readonly string[]): string {
  return [...new Set(texts)].sort().join(' ');
}

import { entriesOf, isRecord, listProperty, property, textProperty } from './foreign-object.ts';

/** A value in an NDC request: given in place, or looked up in each variable set. */
export type NdcValue =
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'variable'; readonly name: string };

/** One comparison or argument of a request. */
export interface NdcArgumentUse {
  readonly collection: string;
  /** Of the argument or the column, with the path to a nested field dotted. */
  readonly name: string;
  /** By which a column is compared, in the connector's words; an argument has none. */
  readonly operator?: string;
  readonly value: NdcValue;
}

/** What reading one request collects on the way; `visited` bounds the work for any input. */
export interface NdcReadState {
  readonly relationships: ReadonlyMap<string, string>;
  readonly collections: Set<string>;
  readonly uses: NdcArgumentUse[];
  visited: number;
}

/** Thrown inside core/document where a request is nested too deep or too large to be read. */
export class UnreadableNdcError extends Error {}

/** A predicate of a kind that is not known here, which may ask about anything. */
class UnknownPredicateError extends UnreadableNdcError {}

const MAX_DEPTH = 64;
const MAX_NODES = 20_000;

export function enterNode(state: NdcReadState, depth: number): void {
  if (depth > MAX_DEPTH || ++state.visited > MAX_NODES) throw new UnreadableNdcError('NDC request beyond the limits');
}

/** `{type: "literal", value}` or `{type: "variable", name}`; comparison values say `scalar` instead of `literal`. */
export function valueOf(value: unknown): NdcValue | undefined {
  switch (property(value, 'type')) {
    case 'literal':
    case 'scalar':
      return { kind: 'literal', value: property(value, 'value') };
    case 'variable':
      return { kind: 'variable', name: textProperty(value, 'name') ?? '' };
    default:
      return undefined;
  }
}

/**
 * The structure of a predicate as text, without values: `and(…)`, `or(…)`, `not(…)`, `column operator ?`, `exists(…)`.
 * Members of `and` and `or` are sorted and stand once. Values go to `state.uses`, collections to `state.collections`.
 */
export function readExpression(expression: unknown, collection: string, state: NdcReadState, depth: number): string {
  enterNode(state, depth);
  const type = textProperty(expression, 'type');
  switch (type) {
    case 'and':
    case 'or': {
      const members = listProperty(expression, 'expressions').map((member) =>
        readExpression(member, collection, state, depth + 1),
      );
      return `${type}(${[...new Set(members)].sort().join(',')})`;
    }
    case 'not':
      return `not(${readExpression(property(expression, 'expression'), collection, state, depth + 1)})`;
    case 'unary_comparison_operator':
      return `${readTarget(comparedOf(expression), collection, state, depth).text} ${textProperty(expression, 'operator') ?? '?'}`;
    case 'binary_comparison_operator':
      return readComparison(expression, collection, state, depth);
    case 'array_comparison':
      return readArrayComparison(expression, collection, state, depth);
    case 'exists':
      return readExists(expression, collection, state, depth);
    default:
      throw new UnknownPredicateError('unknown predicate');
  }
}

/** Under which a column stands in predicates and orders, in aggregates, and in dimensions of groups. */
const COLUMN_KEYS = ['name', 'column', 'column_name'] as const;

/** `column`, with the nested path, or the aggregate a comparison or ordering is about. */
export function targetOf(target: unknown): string {
  if (property(target, 'type') === 'aggregate') return `aggregate ${aggregateText(property(target, 'aggregate'))}`;
  const segments = listProperty(target, 'path').map((step) => textProperty(step, 'relationship') ?? '?');
  const fields = listProperty(target, 'field_path').map(String);
  const column = COLUMN_KEYS.map((key) => textProperty(target, key)).find((name) => name !== undefined);
  return [...segments, column ?? '?', ...fields].join('.');
}

export function aggregateText(aggregate: unknown): string {
  switch (property(aggregate, 'type')) {
    case 'star_count':
      return 'count';
    case 'column_count': {
      const distinct = property(aggregate, 'distinct') === true ? 'distinct ' : '';
      return `count(${distinct}${targetOf(aggregate)})`;
    }
    case 'single_column':
      return `${textProperty(aggregate, 'function') ?? '?'}(${targetOf(aggregate)})`;
    default:
      return '?';
  }
}

/** Registers the arguments of a collection and answers their names, sorted. */
export function readArguments(owner: unknown, collection: string, state: NdcReadState, depth: number): string[] {
  const names: string[] = [];
  for (const [name, argument] of entriesOf(owner, 'arguments')) {
    names.push(name);
    const value = valueOf(argument);
    if (value) state.uses.push({ collection, name, value });
    if (value?.kind === 'literal') readPredicateArgument(value.value, collection, state, depth);
  }
  return names.sort();
}

const EXPRESSION_TYPES: ReadonlySet<unknown> = new Set([
  'and',
  'or',
  'not',
  'exists',
  'unary_comparison_operator',
  'binary_comparison_operator',
  'array_comparison',
]);

/**
 * An argument may be a predicate, which reaches as far as any other. Only the schema tells; a form like one is read, and one
 * that proves to be none is a value.
 */
export function readPredicateArgument(value: unknown, collection: string, state: NdcReadState, depth: number): void {
  if (!EXPRESSION_TYPES.has(property(value, 'type'))) return;
  try {
    readExpression(value, collection, state, depth + 1);
  } catch (error) {
    if (!(error instanceof UnknownPredicateError)) throw error;
  }
}

/** Predicates among the arguments of a column. */
export function readColumnArguments(column: unknown, collection: string, state: NdcReadState, depth: number): void {
  for (const [, argument] of entriesOf(column, 'arguments')) {
    const value = valueOf(argument);
    if (value?.kind === 'literal') readPredicateArgument(value.value, collection, state, depth);
  }
}

/** What a sort key, a dimension, an aggregate or a comparison is about. */
export interface NdcTargetReading {
  /** What `targetOf` says. */
  readonly text: string;
  /** Whose column it is: where its path leads. */
  readonly collection: string;
}

/**
 * Reads the arguments and the predicate of each step of a target's path, and its column's own arguments. A predicate there
 * may ask about any collection, as one of the query itself.
 */
export function readTarget(target: unknown, collection: string, state: NdcReadState, depth: number): NdcTargetReading {
  let reached = collection;
  for (const step of listProperty(target, 'path')) {
    enterNode(state, depth);
    reached = relatedCollection(step, state);
    readArguments(step, reached, state, depth);
    const predicate = property(step, 'predicate');
    if (isRecord(predicate)) readExpression(predicate, reached, state, depth + 1);
  }
  readColumnArguments(target, reached, state, depth);
  readColumnArguments(property(target, 'aggregate'), reached, state, depth);
  return { text: targetOf(target), collection: reached };
}

/** `step` names a relationship: a field, or an element of a path. */
export function relatedCollection(step: unknown, state: NdcReadState): string {
  const name = textProperty(step, 'relationship') ?? '?';
  return state.relationships.get(name) ?? name;
}

/** What is compared: a column, or in a predicate over groups an aggregate. */
function comparedOf(expression: unknown): unknown {
  return property(expression, 'column') ?? property(expression, 'target');
}

function readComparison(expression: unknown, collection: string, state: NdcReadState, depth: number): string {
  const operand = property(expression, 'value');
  const value = valueOf(operand);
  const operator = textProperty(expression, 'operator') ?? '?';
  const target = readCompared(comparedOf(expression), { operator, value }, collection, state, depth);
  const right = value ? '?' : readTarget(operand, collection, state, depth).text;
  return `${target} ${operator} ${right}`;
}

function readArrayComparison(expression: unknown, collection: string, state: NdcReadState, depth: number): string {
  const comparison = property(expression, 'comparison');
  const value = valueOf(property(comparison, 'value'));
  const operator = textProperty(comparison, 'type') ?? '?';
  const target = readCompared(property(expression, 'column'), { operator, value }, collection, state, depth);
  return `${target} ${operator}`;
}

/** What is compared, with the value as a use of the collection that has the column: version 0.1 compares along paths. */
function readCompared(
  compared: unknown,
  { operator, value }: { readonly operator: string; readonly value: NdcValue | undefined },
  collection: string,
  state: NdcReadState,
  depth: number,
): string {
  const target = readTarget(compared, collection, state, depth);
  const name = targetOf(isRecord(compared) ? { ...compared, path: [] } : compared);
  if (value) state.uses.push({ collection: target.collection, name, operator, value });
  return target.text;
}

function readExists(expression: unknown, collection: string, state: NdcReadState, depth: number): string {
  const source = property(expression, 'in_collection');
  const target = existsTarget(source, collection, state, depth);
  const predicate = property(expression, 'predicate');
  const condition = isRecord(predicate) ? readExpression(predicate, target, state, depth + 1) : '';
  return `exists(${target}${condition === '' ? '' : `,${condition}`})`;
}

function existsTarget(source: unknown, collection: string, state: NdcReadState, depth: number): string {
  const unrelated = textProperty(source, 'collection');
  const related = state.relationships.get(textProperty(source, 'relationship') ?? '');
  const target = related ?? unrelated;
  if (target === undefined) {
    readColumnArguments(source, collection, state, depth);
    return `${collection}.${textProperty(source, 'column_name') ?? '?'}`;
  }
  state.collections.add(target);
  readArguments(source, target, state, depth);
  return target;
}

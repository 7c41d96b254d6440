import {
  type OperationType,
  type QueryFeatures,
  type QueryShape,
  queryIdOf,
  SCHEMA_FIELDS,
} from '../domain/query-shape.ts';
import { structureOf } from './argument-value.ts';
import type { UnreadableReason } from './parse-guarded.ts';
import type { CollectedSelection, SelectedField, Selection } from './selection.ts';

/** Argument names by what they do: the original plugin's lists, then DDN's own. */
const PAGINATION: ReadonlySet<string> = new Set([
  'first',
  'last',
  'limit',
  'offset',
  'page',
  'pageSize',
  'after',
  'before',
]);
const FILTERING: ReadonlySet<string> = new Set(['filter', 'where', 'search', 'query', 'conditions', 'args']);
const SORTING: ReadonlySet<string> = new Set(['orderBy', 'sortBy', 'sort', 'order', 'orderByDirection', 'order_by']);
/** DDN's aggregate fields take filter, order and paging inside this one argument. */
const FILTER_INPUT = 'filter_input';

const TYPENAME = '__typename';

export interface OperationFacts {
  readonly operationType: OperationType;
  readonly collected: CollectedSelection;
  /** Characters of the text as sent. */
  readonly queryLength: number;
  /** Declared variables. */
  readonly variables: number;
}

/**
 * The fingerprint of a GraphQL operation. Its text has no literals, aliases, type conditions, formatting or operation
 * name; selections and arguments are sorted, and the same selection under several aliases stands once.
 */
export function graphqlShape({ operationType, collected, queryLength, variables }: OperationFacts): QueryShape {
  const { selection, aliases } = collected;
  const text = `${operationType}${normalise(selection)}`;
  const walk = walkSelection(selection);
  const names = walk.fieldNames.size;
  return {
    id: queryIdOf('graphql', text),
    text,
    operationType,
    rootFields: rootFieldsOf(selection),
    fields: [...walk.leaves].sort(),
    features: {
      queryLength,
      depth: walk.depth,
      fields: names,
      arguments: walk.arguments,
      variables,
      hasPagination: walk.argumentNames.some((name) => PAGINATION.has(name)),
      hasFiltering: walk.argumentNames.some((name) => FILTERING.has(name)),
      hasSorting: walk.argumentNames.some((name) => SORTING.has(name)),
      complexityScore: complexityOf(names, walk.depth, walk.arguments),
      aliases,
      rootFields: rootFieldsOf(selection).length,
      introspection: selection.fields.some((field) => SCHEMA_FIELDS.has(field.name)),
    },
  };
}

/** All documents that could not be read for one reason share a shape: "this role never sent such" still works. */
export function unreadableShape(reason: UnreadableReason, queryLength: number): QueryShape {
  const text = `unreadable(${reason})`;
  return {
    id: queryIdOf('graphql', text),
    text,
    operationType: 'query',
    rootFields: [],
    fields: [],
    features: { ...NO_FEATURES, queryLength },
  };
}

/** 2 × distinct field names + 3 × maximum depth + 1.5 × arguments: the original plugin's score. */
export function complexityOf(fieldNames: number, depth: number, argumentCount: number): number {
  return 2 * fieldNames + 3 * depth + 1.5 * argumentCount;
}

/** Names of the root fields, distinct and sorted, without `__typename`. */
export function rootFieldsOf(selection: Selection): string[] {
  return [...new Set(selection.fields.map((field) => field.name))].filter((name) => name !== TYPENAME).sort();
}

export const NO_FEATURES: QueryFeatures = {
  queryLength: 0,
  depth: 0,
  fields: 0,
  arguments: 0,
  variables: 0,
  hasPagination: false,
  hasFiltering: false,
  hasSorting: false,
  complexityScore: 0,
  aliases: 0,
  rootFields: 0,
  introspection: false,
};

function normalise(selection: Selection): string {
  const fields = new Set(selection.fields.filter((field) => field.name !== TYPENAME).map(normaliseField));
  return `{${[...fields].sort().join(' ')}}`;
}

function normaliseField(field: SelectedField): string {
  const args = [...field.arguments].map(([name, value]) => `${name}:${structureOf(value)}`).sort();
  const directives = field.directives.map((name) => `@${name}`).join('');
  const head = args.length === 0 ? field.name : `${field.name}(${args.join(',')})`;
  return field.selection ? `${head}${directives}${normalise(field.selection)}` : head + directives;
}

interface Walk {
  depth: number;
  arguments: number;
  readonly argumentNames: string[];
  readonly fieldNames: Set<string>;
  readonly leaves: Set<string>;
}

function walkSelection(root: Selection): Walk {
  const walk: Walk = { depth: 0, arguments: 0, argumentNames: [], fieldNames: new Set(), leaves: new Set() };
  // Without a prefix nothing below is recorded as a leaf.
  const visit = (selection: Selection, prefix: string | null, depth: number): void => {
    if (depth > walk.depth) walk.depth = depth;
    for (const field of selection.fields) {
      if (field.name === TYPENAME) continue;
      walk.fieldNames.add(field.name);
      countArguments(field, walk);
      // The fields of the schema itself are no data: `__schema` stands for all of them.
      const isLeaf = !field.selection || SCHEMA_FIELDS.has(field.name);
      const path = prefix === null ? null : prefix + field.name;
      if (isLeaf && path !== null) walk.leaves.add(path);
      if (field.selection) visit(field.selection, isLeaf || path === null ? null : `${path}.`, depth + 1);
    }
  };
  visit(root, '', 1);
  return walk;
}

function countArguments(field: SelectedField, walk: Walk): void {
  for (const [name, value] of field.arguments) {
    walk.arguments++;
    walk.argumentNames.push(name);
    if (name === FILTER_INPUT && value.kind === 'object') walk.argumentNames.push(...value.fields.keys());
  }
}

import {
  type FieldNode,
  type FragmentDefinitionNode,
  type InlineFragmentNode,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionNode,
  type SelectionSetNode,
  print,
  visit,
} from 'graphql';
import type { Variables } from './argument-value.ts';
import {
  DEFAULT_DOCUMENT_LIMITS,
  type DocumentLimits,
  UnreadableError,
  type UnreadableReason,
  parseGuarded,
  selectOperation,
} from './parse-guarded.ts';
import { ROOT_PATH, type SchemaPath, childPath, lookUpPath } from './schema-path.ts';

export interface StripRequest {
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: Variables | null;
  /** Fields to take out, by schema path: `customers.ssn`. */
  readonly paths: readonly string[];
}

export type StripResult =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'stripped'; readonly request: StrippedRequest }
  /** No root field is left. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'unreadable'; readonly reason: UnreadableReason };

/** What a pre-parse 299 sends: all three keys, since the engine inherits none. */
export interface StrippedRequest {
  readonly query: string;
  readonly variables: Variables | null;
  readonly operationName: string | null;
}

/**
 * Takes fields out of a request. A field whose selection runs empty goes with it, and so do variables that nothing
 * uses any more; at the root of a mutation it stays with `__typename`, so that no write is lost in silence. Fragments
 * become inline fragments: one that is spread in two places may lose a field in one of them only. Operations that would
 * not run are left out of the result.
 */
export function stripDocument(request: StripRequest, limits: DocumentLimits = DEFAULT_DOCUMENT_LIMITS): StripResult {
  try {
    const document = parseGuarded(request.query, limits);
    const operation = selectOperation(document, request.operationName);
    const stripper = createStripper(operation.operation, fragmentsOf(document.definitions), request.paths, limits);
    const selectionSet = stripper.strip(operation.selectionSet, ROOT_PATH, 1);
    if (stripper.stripped() === 0) return { kind: 'unchanged' };
    if (!selectionSet || selectionSet.selections.every(isTypename)) return { kind: 'empty' };
    return { kind: 'stripped', request: printOperation({ ...operation, selectionSet }, request.variables) };
  } catch (error) {
    if (error instanceof UnreadableError) return { kind: 'unreadable', reason: error.reason };
    throw error;
  }
}

const TYPENAME_ONLY: SelectionSetNode = {
  kind: Kind.SELECTION_SET,
  selections: [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }],
};

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

function createStripper(
  operation: OperationTypeNode,
  fragments: Fragments,
  paths: readonly string[],
  limits: DocumentLimits,
) {
  const unwanted = new Map(paths.map((path) => [path, true]));
  let visited = 0;
  let stripped = 0;

  /** The selection without unwanted fields, or null where nothing is left. */
  function strip(set: SelectionSetNode, path: SchemaPath, depth: number): SelectionSetNode | null {
    if (depth > limits.maxNesting) throw new UnreadableError('too-deep');
    const selections: SelectionNode[] = [];
    for (const selection of set.selections) {
      if (++visited > limits.maxSelections) throw new UnreadableError('too-large');
      const kept = stripSelection(selection, path, depth);
      if (kept) selections.push(kept);
    }
    return selections.length === 0 ? null : { ...set, selections };
  }

  function stripSelection(node: SelectionNode, path: SchemaPath, depth: number): SelectionNode | null {
    if (node.kind === Kind.FIELD) {
      const isWrite = operation === OperationTypeNode.MUTATION && path === ROOT_PATH;
      return stripField(node, childPath(path, node.name.value), depth, isWrite ? TYPENAME_ONLY : null);
    }
    const inline = node.kind === Kind.INLINE_FRAGMENT ? node : inlined(node.name.value, node.directives);
    const selectionSet = strip(inline.selectionSet, path, depth + 1);
    return selectionSet && { ...inline, selectionSet };
  }

  /** @param whenEmpty what is selected where nothing else is left; null: the field goes as well. */
  function stripField(
    field: FieldNode,
    path: SchemaPath,
    depth: number,
    whenEmpty: SelectionSetNode | null,
  ): FieldNode | null {
    if (lookUpPath(unwanted, path)) {
      stripped++;
      return null;
    }
    if (!field.selectionSet) return field;
    const selectionSet = strip(field.selectionSet, path, depth + 1) ?? whenEmpty;
    return selectionSet && { ...field, selectionSet };
  }

  function inlined(name: string, directives: InlineFragmentNode['directives']): InlineFragmentNode {
    const fragment = fragments.get(name);
    // The engine reports the unknown fragment.
    if (!fragment) throw new UnreadableError('syntax');
    const { typeCondition, selectionSet } = fragment;
    return { kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet, ...(directives && { directives }) };
  }

  return { strip, stripped: () => stripped };
}

function printOperation(operation: OperationDefinitionNode, variables: Variables | null): StrippedRequest {
  const used = new Set<string>();
  visit({ ...operation, variableDefinitions: [] }, { Variable: (node) => void used.add(node.name.value) });
  const variableDefinitions = (operation.variableDefinitions ?? []).filter(({ variable }) =>
    used.has(variable.name.value),
  );
  const values = Object.entries(variables ?? {}).filter(([name]) => used.has(name));
  return {
    query: print({ ...operation, variableDefinitions }),
    variables: variables && Object.fromEntries(values),
    operationName: operation.name?.value ?? null,
  };
}

function fragmentsOf(definitions: readonly { readonly kind: string }[]): Fragments {
  const fragments = (definitions as readonly FragmentDefinitionNode[]).filter(
    (definition) => definition.kind === Kind.FRAGMENT_DEFINITION,
  );
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
}

function isTypename(node: SelectionNode): boolean {
  return node.kind === Kind.FIELD && node.name.value === '__typename';
}

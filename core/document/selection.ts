import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import { type ValueTemplate, templateOf } from './argument-value.ts';
import { type DocumentLimits, UnreadableError } from './parse-guarded.ts';

/** What an operation selects at one level, fragments expanded and fields merged as in the execution of GraphQL. */
export interface Selection {
  readonly fields: readonly SelectedField[];
  /**
   * By the key under which the field stands in the response. Two type conditions may select different fields under one
   * key; the first in the document then names it.
   */
  readonly byKey: ReadonlyMap<string, SelectedField>;
  /** Names selected here and below, sorted: equal for two selections that ask for the same, whatever the aliases. */
  readonly signature: string;
}

export interface SelectedField {
  /** Alias, or the name where there is none. */
  readonly key: string;
  readonly name: string;
  readonly arguments: ReadonlyMap<string, ValueTemplate>;
  /** Names, sorted: `include`, `skip`, … */
  readonly directives: readonly string[];
  /** Null for a leaf. */
  readonly selection: Selection | null;
}

export interface CollectedSelection {
  readonly selection: Selection;
  /** Fields whose alias differs from their name, counted as written. */
  readonly aliases: number;
}

/**
 * @throws UnreadableError where expansion exceeds `maxNesting`, `maxSelections` or `maxPathCharacters`; a cycle of fragments
 *   ends so too.
 */
export function collectSelection(
  document: DocumentNode,
  root: SelectionSetNode,
  limits: DocumentLimits,
): CollectedSelection {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  let visited = 0;
  let aliases = 0;
  let pathCharacters = 0;

  /** @param above characters of the path that the fields stand under */
  function collect(sets: readonly SelectionSetNode[], depth: number, above: number): Selection {
    if (depth > limits.maxNesting) throw new UnreadableError('too-deep');
    const nodes = new Map<string, FieldNode[]>();
    const spread = new Set<string>();
    for (const set of sets) gather(set, nodes, spread, 0);

    const fields: SelectedField[] = [];
    const byKey = new Map<string, SelectedField>();
    for (const same of nodes.values()) {
      const field = toField(same, depth, above);
      fields.push(field);
      if (!byKey.has(field.key)) byKey.set(field.key, field);
    }
    return { fields, byKey, signature: signatureOf(fields) };
  }

  function gather(set: SelectionSetNode, nodes: Map<string, FieldNode[]>, spread: Set<string>, depth: number): void {
    if (depth > limits.maxNesting) throw new UnreadableError('too-deep');
    for (const node of set.selections) {
      if (++visited > limits.maxSelections) throw new UnreadableError('too-large');
      if (node.kind === Kind.FIELD) {
        if (node.alias && node.alias.value !== node.name.value) aliases++;
        const identity = `${keyOf(node)} ${node.name.value}`;
        const same = nodes.get(identity);
        if (same) same.push(node);
        else nodes.set(identity, [node]);
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        gather(node.selectionSet, nodes, spread, depth + 1);
      } else if (!spread.has(node.name.value)) {
        spread.add(node.name.value);
        const fragment = fragments.get(node.name.value);
        if (fragment) gather(fragment.selectionSet, nodes, spread, depth + 1);
      }
    }
  }

  function toField(same: readonly FieldNode[], depth: number, above: number): SelectedField {
    const first = same[0] as FieldNode;
    const path = above + first.name.value.length + 1;
    pathCharacters += path * (1 + (first.arguments?.length ?? 0));
    if (pathCharacters > limits.maxPathCharacters) throw new UnreadableError('too-large');
    const sets = same.flatMap((node) => node.selectionSet ?? []);
    return {
      key: keyOf(first),
      name: first.name.value,
      arguments: new Map((first.arguments ?? []).map((argument) => [argument.name.value, templateOf(argument.value)])),
      directives: directiveNames(first.directives ?? []),
      selection: sets.length === 0 ? null : collect(sets, depth + 1, path),
    };
  }

  const selection = collect([root], 1, 0);
  return { selection, aliases };
}

function signatureOf(fields: readonly SelectedField[]): string {
  const names = fields.map(({ name, selection }) => (selection ? `${name}{${selection.signature}}` : name));
  return [...new Set(names)].sort().join(' ');
}

function keyOf(node: FieldNode): string {
  return node.alias?.value ?? node.name.value;
}

function directiveNames(directives: readonly DirectiveNode[]): string[] {
  return directives.length === 0 ? [] : directives.map((directive) => directive.name.value).sort();
}

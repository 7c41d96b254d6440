import { printCondition } from './print.ts';
import type { ComparisonNode, Node } from './syntax-tree.ts';
import { Timestamp } from './timestamps.ts';

/** What a literal of an index can be: values that `==` compares by `===`. */
export type Primitive = string | number | boolean | null;

/** One simple comparison of a path with literals; false for sure when the path's value is none of them. */
export interface Atom {
  /** `equals`: the path's value is one of the values. `contains`: the path is a list or map that holds the value. */
  readonly kind: 'equals' | 'contains';
  readonly path: Node;
  /** The path's normalised text: the same for the same path. */
  readonly pathText: string;
  readonly values: readonly Primitive[];
}

/**
 * What must hold for a condition to be anything but false: an atom, one of `any` of these, or every one of `all` of
 * these. Since `and`/`or` absorb errors in both orders, "the atoms are false" makes the whole condition false even where
 * another part would fail; so an index over atoms gives exactly what a linear scan gives.
 */
export type AtomTree =
  | { readonly kind: 'atom'; readonly atom: Atom }
  | { readonly kind: 'all' | 'any'; readonly parts: readonly AtomTree[] };

/** The atoms of a condition, or null when it has none that must hold. */
export function atomsOf(node: Node): AtomTree | null {
  if (node.kind === 'comparison') {
    const atom = atomOf(node);
    return atom === null ? null : { kind: 'atom', atom };
  }
  if (node.kind !== 'logical') return null;
  const parts = node.operands.map(atomsOf);
  const found = parts.filter((part) => part !== null);
  // One side without an atom can make an `or` true by itself.
  if (node.operator === 'or' && found.length < parts.length) return null;
  if (found.length === 0) return null;
  return { kind: node.operator === 'or' ? 'any' : 'all', parts: found };
}

function atomOf({ operator, left, right }: ComparisonNode): Atom | null {
  switch (operator) {
    case '==':
      return equalsAtom(left, [right]) ?? equalsAtom(right, [left]);
    case 'in':
      return right.kind === 'list' ? equalsAtom(left, right.items) : containsAtom(right, left);
    default:
      return null;
  }
}

function equalsAtom(path: Node, literals: readonly Node[]): Atom | null {
  const values = literals.map(primitiveOf);
  if (!isFactPath(path) || !values.every((value) => value !== undefined)) return null;
  return { kind: 'equals', path, pathText: printCondition(path), values };
}

function containsAtom(path: Node, literal: Node): Atom | null {
  const value = primitiveOf(literal);
  if (!isFactPath(path) || typeof value !== 'string') return null;
  return { kind: 'contains', path, pathText: printCondition(path), values: [value] };
}

function primitiveOf(node: Node): Primitive | undefined {
  return node.kind === 'literal' && !(node.value instanceof Timestamp) ? node.value : undefined;
}

/** A name of the fact with constant members behind it. */
function isFactPath(node: Node): boolean {
  if (node.kind === 'name') return true;
  if (node.kind === 'member') return isFactPath(node.object);
  return node.kind === 'index' && node.index.kind === 'literal' && isFactPath(node.object);
}

import { compileSearch } from './compile-search.ts';
import { Duration } from './durations.ts';
import type { Evaluation } from './evaluation.ts';
import { FAILURE } from './evaluation.ts';
import { charge, CHARACTERS_PER_WORK, tooLarge } from './part.ts';
import type { Part } from './part.ts';
import type { ComparisonNode, Node } from './syntax-tree.ts';
import { Timestamp } from './timestamps.ts';
import { compareStrings, equals, typeOf, withArticle } from './values.ts';

export function compileComparison(node: ComparisonNode, left: Part, right: Part): Part {
  switch (node.operator) {
    case '==':
      return compileEquality(node, left, right, true);
    case '!=':
      return compileEquality(node, left, right, false);
    case 'in':
      return compileMembership(node, left, right);
    case 'not in':
      return negated(compileMembership(node, left, right));
    case '=~':
      return compilePatternMatch(node, left);
    case '!~':
      return negated(compilePatternMatch(node, left));
    default:
      return compileOrdering(node, left, right, ORDERINGS[node.operator]);
  }
}

function negated(part: Part): Part {
  return (evaluation) => {
    const value = part(evaluation);
    return value === FAILURE ? FAILURE : value !== true;
  };
}

function compileEquality(node: ComparisonNode, left: Part, right: Part, whenEqual: boolean): Part {
  const literal = primitiveLiteral(node.right) ?? primitiveLiteral(node.left);
  if (literal !== null) {
    const operand = primitiveLiteral(node.right) === null ? right : left;
    const { value: wanted } = literal;
    return (evaluation) => {
      const value = operand(evaluation);
      return value === FAILURE ? FAILURE : (value === wanted) === whenEqual;
    };
  }
  return (evaluation) => {
    const a = left(evaluation);
    if (a === FAILURE) return FAILURE;
    const b = right(evaluation);
    if (b === FAILURE) return FAILURE;
    const same = equals(a, b, evaluation);
    return typeof same === 'boolean' ? same === whenEqual : tooLarge(evaluation, same, node.start);
  };
}

function primitiveLiteral(node: Node): { readonly value: unknown } | null {
  return node.kind === 'literal' && !(node.value instanceof Timestamp) ? node : null;
}

type Ordering = (left: number, right: number) => boolean;

const ORDERINGS: Readonly<Record<'<' | '<=' | '>' | '>=', Ordering>> = {
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
};

function compileOrdering(node: ComparisonNode, left: Part, right: Part, holds: Ordering): Part {
  const { operator, start } = node;
  return (evaluation) => {
    const a = left(evaluation);
    if (a === FAILURE) return FAILURE;
    const b = right(evaluation);
    if (b === FAILURE) return FAILURE;
    if (typeof a === 'number' && typeof b === 'number') return holds(a, b);
    if (typeof a === 'string' && typeof b === 'string') {
      const isAffordable = charge(evaluation, Math.min(a.length, b.length) / CHARACTERS_PER_WORK);
      return isAffordable ? holds(compareStrings(a, b), 0) : tooLarge(evaluation, 'too-much', start);
    }
    if (a instanceof Timestamp && b instanceof Timestamp) return holds(a.ms, b.ms);
    if (a instanceof Duration && b instanceof Duration) return holds(a.ms, b.ms);
    return evaluation.fail(`"${operator}" cannot order ${typeOf(a)} and ${typeOf(b)}.`, start);
  };
}

function compileMembership(node: ComparisonNode, left: Part, right: Part): Part {
  const table = literalTable(node.right);
  if (table !== null) {
    return (evaluation) => {
      const value = left(evaluation);
      return value === FAILURE ? FAILURE : table.has(value);
    };
  }
  return (evaluation) => {
    const element = left(evaluation);
    if (element === FAILURE) return FAILURE;
    const container = right(evaluation);
    if (container === FAILURE) return FAILURE;
    if (container === null) return false;
    if (Array.isArray(container)) return isElement(evaluation, element, container, node.start);
    const type = typeOf(container);
    if (type !== 'string' && type !== 'map') {
      return evaluation.fail(`"${node.operator}" cannot look into a ${type}.`, node.start);
    }
    if (element === null) return false;
    if (typeof element !== 'string') {
      return evaluation.fail(
        `"${node.operator}" looks for a string in a ${type}, not for ${withArticle(element)}.`,
        node.start,
      );
    }
    if (type === 'map') return Object.hasOwn(container as object, element);
    return charge(evaluation, (container as string).length / CHARACTERS_PER_WORK)
      ? (container as string).includes(element)
      : tooLarge(evaluation, 'too-much', node.start);
  };
}

/** A list of primitive literals is a set: membership then costs the same for 1,000 elements as for one. */
function literalTable(node: Node): ReadonlySet<unknown> | null {
  if (node.kind !== 'list' || !node.items.every((item) => primitiveLiteral(item) !== null)) return null;
  return new Set(node.items.map((item) => primitiveLiteral(item)?.value));
}

function isElement(evaluation: Evaluation, element: unknown, list: readonly unknown[], position: number): unknown {
  const isPrimitive = typeof element !== 'object' || element === null;
  if (!charge(evaluation, list.length)) return tooLarge(evaluation, 'too-much', position);
  for (const item of list) {
    if ((item ?? null) === element) return true;
    if (isPrimitive) continue;
    const same = equals(item ?? null, element, evaluation);
    if (same === true) return true;
    if (same !== false) return tooLarge(evaluation, same, position);
  }
  return false;
}

function compilePatternMatch(node: ComparisonNode, left: Part): Part {
  const search = compileSearch(node.right, node);
  return (evaluation) => {
    const value = left(evaluation);
    if (value === FAILURE) return FAILURE;
    if (value === null) return false;
    if (typeof value === 'string') return search(evaluation, value);
    return evaluation.fail(`"${node.operator}" searches a string, not ${withArticle(value)}.`, node.start);
  };
}

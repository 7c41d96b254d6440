import { compileSearch } from './compile-search.ts';
import type { Evaluation } from './evaluation.ts';
import { FAILURE } from './evaluation.ts';
import { FUNCTIONS, METHODS } from './functions.ts';
import { charge, CHARACTERS_PER_WORK, tooLarge, WORK_PER_KEY } from './part.ts';
import type { Part } from './part.ts';
import { TYPE_BITS } from './static-types.ts';
import { childrenOf } from './syntax-tree.ts';
import type { CallNode, Node } from './syntax-tree.ts';
import { isMap, typeOf, withArticle } from './values.ts';
import type { TypeName } from './values.ts';

/** @param args the receiver of a method, if any, then the arguments. */
export function compileCall(node: CallNode, args: readonly Part[]): Part {
  if (node.name === 'has' && node.receiver === null) return compileHas(args[0] as Part);
  const called = (node.receiver === null ? FUNCTIONS : METHODS).get(node.name);
  if (called === undefined) throw new Error(`the checker accepted the unknown function "${node.name}"`);
  const [first, second] = args as [Part, Part | undefined];
  const search = node.name === 'matches' ? compileSearch(childrenOf(node)[1] as Node, node) : null;
  const apply = called.apply as (first: unknown, second: unknown) => unknown;
  const accepts = called.parameters.map((parameter) => parameter.type);
  return (evaluation) => {
    const a = first(evaluation);
    if (a === FAILURE) return FAILURE;
    const b = second?.(evaluation);
    if (b === FAILURE) return FAILURE;
    if (!isAccepted(a, accepts[0] as number)) return wrongArgument(evaluation, node, a);
    if (second !== undefined && !isAccepted(b, accepts[1] as number)) return wrongArgument(evaluation, node, b);
    if (!charge(evaluation, workOf(a))) return tooLarge(evaluation, 'too-much', node.start);
    if (search !== null) return search(evaluation, a as string);
    const value = apply(a, b);
    return value === FAILURE
      ? evaluation.fail(`"${node.name}" needs ${called.wants ?? 'another value'}.`, node.start)
      : value;
  };
}

/** What going through a value costs: a list knows its length, a string and a map are gone through. */
function workOf(value: unknown): number {
  if (typeof value === 'string') return value.length / CHARACTERS_PER_WORK;
  return isMap(value) ? Object.keys(value).length * WORK_PER_KEY : 0;
}

function isAccepted(value: unknown, types: number): boolean {
  const type = typeOf(value);
  return type !== 'unsupported' && (TYPE_BITS[type satisfies TypeName] & types) !== 0;
}

function wrongArgument(evaluation: Evaluation, node: CallNode, value: unknown): typeof FAILURE {
  return evaluation.fail(`"${node.name}" does not take ${withArticle(value)}.`, node.start);
}

/** Present and not null; whatever stands in the way of the path, it is then not there. What is unknown may be there. */
function compileHas(path: Part): Part {
  return (evaluation) => {
    const value = path(evaluation);
    if (value === FAILURE) return evaluation.isUndecided ? FAILURE : false;
    return value !== null;
  };
}

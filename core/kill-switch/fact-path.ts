import { childrenOf } from './syntax-tree.ts';
import type { Node } from './syntax-tree.ts';

/** Names from the top of a fact: `session["x-hasura-role"]` is `['session', 'x-hasura-role']`. */
export type FactPath = readonly string[];

/** The path of a node that is a name of the fact with constant members behind it; null for any other. */
export function factPathOf(node: Node): FactPath | null {
  if (node.kind === 'name') return [node.name];
  if (node.kind === 'member') return extend(factPathOf(node.object), node.name);
  if (node.kind !== 'index' || node.index.kind !== 'literal') return null;
  return typeof node.index.value === 'string' ? extend(factPathOf(node.object), node.index.value) : null;
}

/** Everything of a fact that a condition can read; what lies below a path, too. */
export function readPaths(tree: Node): FactPath[] {
  const path = factPathOf(tree);
  return path === null ? childrenOf(tree).flatMap(readPaths) : [path];
}

/** Whether one path is the other, or leads to it: then a change of the one can change what is read at the other. */
export function overlap(left: FactPath, right: FactPath): boolean {
  const shared = Math.min(left.length, right.length);
  for (let at = 0; at < shared; at++) if (left[at] !== right[at]) return false;
  return true;
}

function extend(path: FactPath | null, name: string): FactPath | null {
  return path === null ? null : [...path, name];
}

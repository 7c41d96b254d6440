import { describeType } from './static-types.ts';
import type { StaticType } from './static-types.ts';
import type { Node } from './syntax-tree.ts';
import { Timestamp } from './timestamps.ts';

/** A node for a message: `the number 5`, or its type alone where it is no literal. */
export function describeNode(node: Node, type: StaticType): string {
  if (node.kind !== 'literal' || node.value instanceof Timestamp)
    return `a ${describeType(type)}`.replace('a anything', 'anything');
  if (node.value === null) return 'null';
  const shown = JSON.stringify(node.value);
  return `the ${describeType(type)} ${shown.length > 40 ? `${shown.slice(0, 40)}…` : shown}`;
}

import type { Timestamp } from './timestamps.ts';

/** Half-open range of the condition's text, UTF-16 offsets. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | '=~' | '!~' | 'in' | 'not in';
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';

export interface LiteralNode extends Span {
  readonly kind: 'literal';
  readonly value: string | number | boolean | null | Timestamp;
}
export interface ListNode extends Span {
  readonly kind: 'list';
  readonly items: readonly Node[];
}
/** A top-level name of the fact. */
export interface NameNode extends Span {
  readonly kind: 'name';
  readonly name: string;
}
/** The variable of an enclosing `exists` or `all`; `slot` counts them from the outermost. */
export interface VariableNode extends Span {
  readonly kind: 'variable';
  readonly name: string;
  readonly slot: number;
}
/** The evaluation clock. */
export interface NowNode extends Span {
  readonly kind: 'now';
}
export interface MemberNode extends Span {
  readonly kind: 'member';
  readonly object: Node;
  readonly name: string;
}
export interface IndexNode extends Span {
  readonly kind: 'index';
  readonly object: Node;
  readonly index: Node;
}
export interface NotNode extends Span {
  readonly kind: 'not';
  readonly operand: Node;
}
export interface NegateNode extends Span {
  readonly kind: 'negate';
  readonly operand: Node;
}
/** A chain of one operator is one node, so that its length costs no depth. */
export interface LogicalNode extends Span {
  readonly kind: 'logical';
  readonly operator: 'and' | 'or';
  readonly operands: readonly Node[];
}
export interface ComparisonNode extends Span {
  readonly kind: 'comparison';
  readonly operator: ComparisonOperator;
  readonly left: Node;
  readonly right: Node;
}
export interface ArithmeticNode extends Span {
  readonly kind: 'arithmetic';
  readonly operator: ArithmeticOperator;
  readonly left: Node;
  readonly right: Node;
}
export interface CoalesceNode extends Span {
  readonly kind: 'coalesce';
  readonly left: Node;
  readonly right: Node;
}
export interface ConditionalNode extends Span {
  readonly kind: 'conditional';
  readonly test: Node;
  readonly consequent: Node;
  readonly alternate: Node;
}
/** `name(args)`, or `receiver.name(args)`. */
export interface CallNode extends Span {
  readonly kind: 'call';
  readonly receiver: Node | null;
  readonly name: string;
  readonly nameStart: number;
  readonly args: readonly Node[];
}
export interface QuantifierNode extends Span {
  readonly kind: 'quantifier';
  readonly quantifier: 'exists' | 'all';
  readonly list: Node;
  readonly variable: string;
  readonly slot: number;
  readonly body: Node;
}

export type Node =
  | LiteralNode
  | ListNode
  | NameNode
  | VariableNode
  | NowNode
  | MemberNode
  | IndexNode
  | NotNode
  | NegateNode
  | LogicalNode
  | ComparisonNode
  | ArithmeticNode
  | CoalesceNode
  | ConditionalNode
  | CallNode
  | QuantifierNode;

/** The direct parts of a node, in the order of the text. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'literal':
    case 'name':
    case 'variable':
    case 'now':
      return [];
    case 'list':
      return node.items;
    case 'member':
      return [node.object];
    case 'index':
      return [node.object, node.index];
    case 'not':
    case 'negate':
      return [node.operand];
    case 'logical':
      return node.operands;
    case 'comparison':
    case 'arithmetic':
    case 'coalesce':
      return [node.left, node.right];
    case 'conditional':
      return [node.test, node.consequent, node.alternate];
    case 'call':
      return node.receiver === null ? node.args : [node.receiver, ...node.args];
    case 'quantifier':
      return [node.list, node.body];
  }
}

/** A literal, or a list of nothing but literals: its value is known when the condition is created. */
export function isConstant(node: Node): node is LiteralNode | ListNode {
  return node.kind === 'literal' || (node.kind === 'list' && node.items.every(isConstant));
}

import { compilePart } from './compile.ts';
import type { CheckedCondition } from './condition.ts';
import { Duration } from './durations.ts';
import { Evaluation, FAILURE } from './evaluation.ts';
import { printCondition } from './print.ts';
import { childrenOf } from './syntax-tree.ts';
import type { Node } from './syntax-tree.ts';
import { printTimestamp, Timestamp } from './timestamps.ts';

/** What one part of a condition is for a fact. */
export interface Explanation {
  /** The part, normalised. */
  readonly text: string;
  /** Its place in the author's text, half-open UTF-16 offsets. */
  readonly start: number;
  readonly end: number;
  /** A JSON value; timestamps as RFC 3339, durations as seconds with an `s`. Null also where there is an error. */
  readonly value: unknown;
  readonly error: string | null;
  /** Its operands, without literals; none below `exists` and `all`, whose bodies have a value per element. */
  readonly parts: readonly Explanation[];
}

/** Says for each sub-expression what it is, so that a reader sees why a rule matches or does not. */
export function explainCondition(checked: CheckedCondition, fact: unknown, now: number): Explanation {
  return explain(checked.tree, fact, now);
}

function explain(node: Node, fact: unknown, now: number): Explanation {
  const evaluation = new Evaluation(fact, now);
  const value = compilePart(node)(evaluation);
  const parts = node.kind === 'quantifier' ? [node.list] : childrenOf(node);
  return {
    text: printCondition(node),
    start: node.start,
    end: node.end,
    value: value === FAILURE ? null : shown(value),
    error: value === FAILURE ? evaluation.message : null,
    parts: parts.filter((part) => part.kind !== 'literal').map((part) => explain(part, fact, now)),
  };
}

function shown(value: unknown): unknown {
  if (value instanceof Timestamp) return printTimestamp(value);
  return value instanceof Duration ? `${value.ms / 1_000}s` : value;
}

import { UNKNOWN } from '../domain/request-facts.ts';
import { compileArithmetic, compileNegate } from './compile-arithmetic.ts';
import { compileCall } from './compile-call.ts';
import { compileComparison } from './compile-comparison.ts';
import { compileConditional, compileLogical, compileNot, compileQuantifier } from './compile-logic.ts';
import { Evaluation, EvaluationFailure, FAILURE } from './evaluation.ts';
import type { IsOverdue } from './evaluation.ts';
import type { Part } from './part.ts';
import { childrenOf, isConstant } from './syntax-tree.ts';
import type { IndexNode, ListNode, MemberNode, Node } from './syntax-tree.ts';
import { Timestamp } from './timestamps.ts';
import { isMap, ownValue, typeOf, withArticle } from './values.ts';
import type { FactMap } from './values.ts';

/** A condition ready to be asked, as often as there are facts. */
export interface CompiledCondition {
  /**
   * @param fact a JSON value; own keys only are read, and anything but a map holds no names.
   * @param now epoch milliseconds, what `now` means.
   * @param isOverdue ends a long evaluation with a failure.
   */
  evaluate(fact: unknown, now: number, isOverdue?: IsOverdue): boolean | EvaluationFailure;
}

/** Compiles a checked syntax tree to closures. Never throws for a tree that the checker accepted. */
export function compileTree(tree: Node): CompiledCondition {
  const run = compilePart(tree);
  return {
    evaluate: (fact, now, isOverdue) => {
      const evaluation = new Evaluation(fact, now, isOverdue);
      return outcome(run(evaluation), evaluation, tree);
    },
  };
}

function outcome(value: unknown, evaluation: Evaluation, tree: Node): boolean | EvaluationFailure {
  if (value === true) return true;
  if (value === false || value === null) return false;
  if (value === FAILURE) return new EvaluationFailure(evaluation.message, evaluation.position, evaluation.isUndecided);
  return new EvaluationFailure(`The condition is ${typeOf(value)}, neither true nor false.`, tree.start);
}

/** Compiles one node of a checked tree, and with it those below. */
export function compilePart(node: Node): Part {
  switch (node.kind) {
    case 'literal': {
      const { value } = node;
      return () => value;
    }
    case 'list':
      return compileList(node);
    case 'name': {
      const { name, start } = node;
      return (evaluation) => {
        const { fact } = evaluation;
        const value = fact[name];
        // Reading first and asking for ownership only of what is there keeps the common absent name fast.
        if (value === undefined || !Object.hasOwn(fact, name)) return null;
        return value === UNKNOWN ? evaluation.failUnknown(name, start) : value;
      };
    }
    case 'variable': {
      const { slot } = node;
      return ({ slots }) => slots[slot];
    }
    case 'now':
      return ({ now }) => new Timestamp(now);
    case 'member':
      return compileMember(node);
    case 'index':
      return compileIndex(node);
    case 'not':
      return compileNot(compilePart(node.operand), node.start);
    case 'negate':
      return compileNegate(compilePart(node.operand), node.start);
    case 'logical':
      return compileLogical(node, node.operands.map(compilePart));
    case 'comparison':
      return compileComparison(node, compilePart(node.left), compilePart(node.right));
    case 'arithmetic':
      return compileArithmetic(node, compilePart(node.left), compilePart(node.right));
    case 'coalesce': {
      const [left, right] = [compilePart(node.left), compilePart(node.right)];
      return (evaluation) => left(evaluation) ?? right(evaluation);
    }
    case 'conditional':
      return compileConditional(
        compilePart(node.test),
        compilePart(node.consequent),
        compilePart(node.alternate),
        node.test.start,
      );
    case 'call':
      return compileCall(node, childrenOf(node).map(compilePart));
    case 'quantifier':
      return compileQuantifier(node, compilePart(node.list), compilePart(node.body));
  }
}

function compileList(node: ListNode): Part {
  const items = node.items.map(compilePart);
  const run: Part = (evaluation) => {
    const values: unknown[] = [];
    for (const item of items) {
      const value = item(evaluation);
      if (value === FAILURE) return FAILURE;
      values.push(value);
    }
    return values;
  };
  if (!isConstant(node)) return run;
  const values = run(new Evaluation(null, 0));
  return () => values;
}

function compileMember(node: MemberNode): Part {
  const { name, start } = node;
  const object = compilePart(node.object);
  return (evaluation) => {
    const value = object(evaluation);
    if (value === null || value === FAILURE) return value;
    if (isMap(value)) return readOwn(evaluation, value, name, start);
    return evaluation.fail(`"${name}" cannot be read of ${withArticle(value)}.`, start);
  };
}

function compileIndex(node: IndexNode): Part {
  const { start } = node.index;
  const object = compilePart(node.object);
  const index = compilePart(node.index);
  return (evaluation) => {
    const value = object(evaluation);
    if (value === null || value === FAILURE) return value;
    const key = index(evaluation);
    if (key === FAILURE) return FAILURE;
    if (Array.isArray(value)) {
      if (Number.isInteger(key)) return (value[key as number] as unknown) ?? null;
      return evaluation.fail(`A list is indexed by an integer, not ${withArticle(key)}.`, start);
    }
    if (!isMap(value)) return evaluation.fail(`An element cannot be read of ${withArticle(value)}.`, node.start);
    if (typeof key === 'string') return readOwn(evaluation, value, key, start);
    return evaluation.fail(`A map is indexed by a string, not ${withArticle(key)}.`, start);
  };
}

function readOwn(evaluation: Evaluation, map: FactMap, key: string, position: number): unknown {
  const value = ownValue(map, key);
  return value === UNKNOWN ? evaluation.failUnknown(key, position) : value;
}

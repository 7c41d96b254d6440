import type { Stage } from '../domain/decision.ts';
import { checkTypes } from './check.ts';
import { compileTree, compilePart } from './compile.ts';
import type { CompiledCondition } from './compile.ts';
import { Evaluation, FAILURE } from './evaluation.ts';
import { ConditionFault, describeFault } from './fault.ts';
import type { ConditionError } from './fault.ts';
import type { FactSchema } from './fact-schema.ts';
import { parseCondition } from './parse.ts';
import { printCondition } from './print.ts';
import { meetingStages } from './rule-stage.ts';
import type { Node } from './syntax-tree.ts';

/** A condition that may be stored and compiled. */
export interface CheckedCondition {
  /** As its author wrote it. */
  readonly text: string;
  /** The same condition in one form, for diff, search and hash. */
  readonly normalised: string;
  readonly tree: Node;
  /** Top-level names of the fact that it reads, distinct, in the order of the text. */
  readonly names: readonly string[];
  /** Where all these names are known; null when the schema does not say, and so everywhere. */
  readonly stages: readonly Stage[] | null;
}

export type ConditionCheck =
  | { readonly ok: true; readonly condition: CheckedCondition }
  | { readonly ok: false; readonly error: ConditionError };

/** Reads and checks a condition; whatever the text, it never throws and takes a time linear in its length. */
export function checkCondition(text: string, options: { readonly schema?: FactSchema | null } = {}): ConditionCheck {
  try {
    return { ok: true, condition: check(text, options.schema ?? null) };
  } catch (error) {
    if (error instanceof ConditionFault) return { ok: false, error: describeFault(text, error) };
    throw error;
  }
}

function check(text: string, schema: FactSchema | null): CheckedCondition {
  const tree = parseCondition(text);
  const { names, constantCalls } = checkTypes(tree, schema);
  for (const call of constantCalls) refuseFailingCall(call);
  return {
    text,
    normalised: printCondition(tree),
    tree,
    names: [...new Set(names.map((node) => node.name))],
    stages: meetingStages(names, schema),
  };
}

/** A call on literals has the same value for every fact: if it fails, it fails here. */
function refuseFailingCall(call: Node): void {
  const evaluation = new Evaluation(null, 0);
  if (compilePart(call)(evaluation) === FAILURE) throw new ConditionFault(evaluation.message, evaluation.position);
}

export function compileCondition(checked: CheckedCondition): CompiledCondition {
  return compileTree(checked.tree);
}

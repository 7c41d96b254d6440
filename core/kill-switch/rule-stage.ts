import type { Stage } from '../domain/decision.ts';
import { type RuleAction, TRAFFIC, type Traffic } from '../domain/kill-switch-rule.ts';
import { ConditionFault } from './fault.ts';
import type { FactSchema } from './fact-schema.ts';
import type { NameNode } from './syntax-tree.ts';

/** Where a rule is asked, and what that covers. */
export interface Enforcement {
  readonly stages: readonly Stage[];
  readonly coverage: readonly Traffic[];
}

/**
 * Where all the names of a condition are known, or null when none is tied to a stage.
 *
 * @throws ConditionFault at the first name that no stage knows together with those before it.
 */
export function meetingStages(names: readonly NameNode[], schema: FactSchema | null): readonly Stage[] | null {
  let meeting: readonly Stage[] | null = null;
  let before: string | null = null;
  for (const { name, start } of names) {
    const stages = schema?.facts.get(name)?.stages;
    if (stages === undefined) continue;
    const shared: readonly Stage[] = meeting === null ? stages : intersect(meeting, stages);
    if (shared.length === 0) {
      throw new ConditionFault(
        `"${name}" is known at ${stages.join(' and ')} only, never together with "${before}": make two rules of it.`,
        start,
      );
    }
    [meeting, before] = [shared, name];
  }
  return meeting;
}

/** Where an action can be carried out, preferred by the traffic it reaches. */
const ACTION_STAGES: Readonly<Record<RuleAction['type'], readonly Stage[]>> = {
  // Pre-parse is the fast path of GraphQL; the NDC hook sees what SQL and JSON:API ask as well.
  block: ['pre-parse', 'pre-ndc-request'],
  respond: ['pre-parse', 'pre-ndc-request'],
  strip: ['pre-parse'],
  mask: ['pre-response', 'pre-ndc-response'],
  log: ['pre-parse', 'pre-ndc-request'],
};

/**
 * Where a rule with these names and this action is asked. Empty stages: the action cannot be carried out where the names
 * are known, and the rule must be refused.
 *
 * @param known stages at which the condition's and the exception's names are known; null: everywhere.
 */
export function enforcementOf(action: RuleAction, known: readonly Stage[] | null): Enforcement {
  const possible = ACTION_STAGES[action.type];
  // A stored body answers GraphQL or NDC, not both: where the names leave it open, it is GraphQL's.
  const free: readonly Stage[] = action.type === 'respond' ? ['pre-parse'] : possible;
  const stages = known === null ? free : intersect(possible, unambiguous(known));
  const seesNdc = stages.some(isNdc);
  return { stages, coverage: seesNdc ? TRAFFIC : stages.length === 0 ? [] : ['graphql'] };
}

/**
 * Both GraphQL and NDC know `arguments`, by other names: without a name that tells which is meant, they are GraphQL's. A
 * condition on the arguments of one must not be asked of the other, where they are all absent.
 */
function unambiguous(known: readonly Stage[]): readonly Stage[] {
  const ofGraphql = known.filter((stage) => !isNdc(stage));
  return ofGraphql.length > 0 ? ofGraphql : known;
}

function isNdc(stage: Stage): boolean {
  return stage === 'pre-ndc-request' || stage === 'pre-ndc-response';
}

export function intersect(left: readonly Stage[], right: readonly Stage[]): readonly Stage[] {
  return left.filter((stage) => right.includes(stage));
}

import type { Stage } from '../domain/decision.ts';
import { LANGUAGE_VERSION } from '../domain/kill-switch-rule.ts';
import type { KillSwitchRule, Traffic } from '../domain/kill-switch-rule.ts';
import type { Instant } from '../domain/time.ts';
import { atomsOf } from './atoms.ts';
import type { AtomTree } from './atoms.ts';
import type { CompiledCondition } from './compile.ts';
import { checkCondition, compileCondition } from './condition.ts';
import type { CheckedCondition } from './condition.ts';
import { FACT_SCHEMAS } from './ddn-facts.ts';
import { readPaths } from './fact-path.ts';
import type { FactPath } from './fact-path.ts';
import type { FactSchema } from './fact-schema.ts';
import { ConditionFault, describeFault } from './fault.ts';
import type { ConditionError } from './fault.ts';
import { enforcementOf, intersect } from './rule-stage.ts';
import { compileSchedule } from './rule-schedule.ts';
import type { ScheduleTest } from './rule-schedule.ts';

/** A rule ready to be asked. */
export interface CompiledRule {
  readonly rule: KillSwitchRule;
  readonly condition: CompiledCondition;
  readonly except: CompiledCondition | null;
  /** The condition's normalised text, for diff and search. */
  readonly normalised: string;
  /** Where it is asked; null: its namespace has no stages, and it is asked always. */
  readonly stages: readonly Stage[] | null;
  /** Which traffic it reaches; empty for a namespace without stages. */
  readonly coverage: readonly Traffic[];
  /** Whether an instant is inside the rule's weekly windows; null: it has none, and always applies. */
  readonly isScheduled: ScheduleTest | null;
  /** What of a fact the condition and the exception can read. */
  readonly reads: readonly FactPath[];
  /** What must hold for a match; null: the rule cannot be indexed. */
  readonly atoms: AtomTree | null;
}

/** Which part of the rule is refused, and why; the position is in that part's text. */
export interface RuleError extends ConditionError {
  readonly field: 'condition' | 'except' | 'action' | 'schedule' | 'languageVersion';
}

export type RuleCompilation =
  | { readonly ok: true; readonly compiled: CompiledRule }
  | { readonly ok: false; readonly error: RuleError };

/**
 * Checks and compiles a rule; never throws for what a rule may hold.
 *
 * @param schema the namespace's fact schema; by default the one that comes with the product, if any.
 */
export function compileRule(
  rule: KillSwitchRule,
  schema: FactSchema | null = FACT_SCHEMAS.get(rule.namespace) ?? null,
): RuleCompilation {
  if (rule.languageVersion > LANGUAGE_VERSION) {
    const message = `The rule is written in version ${rule.languageVersion} of the condition language; here it is ${LANGUAGE_VERSION}.`;
    return refusedWhole(rule, 'languageVersion', message);
  }
  const condition = checkCondition(rule.condition, { schema });
  if (!condition.ok) return refused('condition', condition.error);
  const except = rule.except === null ? null : checkCondition(rule.except, { schema });
  if (except?.ok === false) return refused('except', except.error);
  return assemble(rule, condition.condition, except?.condition ?? null, schema);
}

function refused(field: RuleError['field'], error: ConditionError): RuleCompilation {
  return { ok: false, error: { field, ...error } };
}

function assemble(
  rule: KillSwitchRule,
  condition: CheckedCondition,
  except: CheckedCondition | null,
  schema: FactSchema | null,
): RuleCompilation {
  const known = stagesTogether(condition.stages, except?.stages ?? null);
  if (known?.length === 0) {
    return refusedWhole(
      rule,
      'except',
      'The exception uses names that are never known together with those of the condition.',
    );
  }
  const hasStages = schema !== null && [...schema.facts.values()].some((fact) => fact.stages !== undefined);
  const { stages, coverage } = enforcementOf(rule.action, known);
  if (hasStages && stages.length === 0) {
    return refusedWhole(
      rule,
      'action',
      `"${rule.action.type}" cannot be carried out at ${known?.join(' and ')}, where the names of the condition are known.`,
    );
  }
  // A rule that an older server or snapshot delivers has no such field.
  const schedule = rule.schedule ?? null;
  const isScheduled = schedule === null ? null : compileSchedule(schedule);
  if (schedule !== null && isScheduled === null) {
    return refusedWhole(rule, 'schedule', `Unknown time zone "${schedule.zone}".`);
  }
  return {
    ok: true,
    compiled: {
      rule,
      condition: compileCondition(condition),
      except: except === null ? null : compileCondition(except),
      normalised: condition.normalised,
      stages: hasStages ? stages : null,
      coverage: hasStages ? coverage : [],
      isScheduled,
      reads: [condition, except].flatMap((part) => (part === null ? [] : readPaths(part.tree))),
      atoms: atomsOf(condition.tree),
    },
  };
}

function stagesTogether(left: readonly Stage[] | null, right: readonly Stage[] | null): readonly Stage[] | null {
  if (left === null || right === null) return left ?? right;
  return intersect(left, right);
}

function refusedWhole(
  rule: KillSwitchRule,
  field: Exclude<RuleError['field'], 'condition'>,
  message: string,
): RuleCompilation {
  const text = field === 'except' ? (rule.except ?? '') : rule.condition;
  return refused(field, describeFault(text, new ConditionFault(message, 0)));
}

/** Whether the rule is to be asked now: active or in dry run, within its half-open validity and its weekly windows. */
export function isEngaged({ rule, isScheduled }: CompiledRule, now: Instant): boolean {
  if (rule.status !== 'active' && rule.status !== 'dry_run') return false;
  if (rule.validFrom !== null && now < rule.validFrom) return false;
  if (rule.validTo !== null && now >= rule.validTo) return false;
  return isScheduled === null || isScheduled(now);
}

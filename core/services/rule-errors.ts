import { type Clock, type Instant, MINUTE, SECOND } from '../domain/time.ts';
import type { EvaluationCount } from './rule-evaluations.ts';

export interface RuleErrorsDeps {
  readonly clock: Clock;
  /** Called once when a rule begins to fail too often. */
  onAlarm(alarm: RuleErrorAlarm): void;
}

export interface RuleErrorAlarm {
  /** `namespace.key`. */
  readonly rule: string;
  /** Of the last five minutes in this process. */
  readonly evaluated: number;
  readonly failed: number;
}

export interface RuleErrors {
  /** Takes the counts since the last call, and looks whose share of failures is too large. */
  add(counts: readonly EvaluationCount[]): void;
  /** Rules that fail too often at present, as `namespace.key`. */
  readonly erroring: readonly string[];
}

const WINDOW_MS = 5 * MINUTE;
/** The window moves by steps of this. */
const SLOT_MS = 30 * SECOND;
/** Share of the evaluations of a window that may fail. */
const ALLOWED_SHARE = 0.01;
/** An alarm ends below half of it: a share that wavers around the limit is one alarm. */
const CALM_SHARE = ALLOWED_SHARE / 2;

interface Counts {
  evaluated: number;
  failed: number;
}

/**
 * Watches how often the evaluation of each rule fails, in this process and over five minutes. A condition that can't be
 * evaluated matches nothing, or everything: its author must hear of it while it matters, and not with every request.
 */
export function createRuleErrors({ clock, onAlarm }: RuleErrorsDeps): RuleErrors {
  /** Oldest first. */
  let slots: { readonly start: Instant; readonly byRule: Map<string, Counts> }[] = [];
  let erroring: readonly string[] = [];

  function note(counts: readonly EvaluationCount[], now: Instant): void {
    const start = Math.floor(now / SLOT_MS) * SLOT_MS;
    slots = slots.filter((slot) => slot.start > start - WINDOW_MS);
    if (counts.length === 0) return;
    let slot = slots.at(-1);
    if (slot?.start !== start) slots.push((slot = { start, byRule: new Map() }));
    for (const { namespace, ruleKey, evaluated, failed } of counts) {
      const label = `${namespace}.${ruleKey}`;
      const sofar = slot.byRule.get(label);
      if (sofar === undefined) slot.byRule.set(label, { evaluated, failed });
      else [sofar.evaluated, sofar.failed] = [sofar.evaluated + evaluated, sofar.failed + failed];
    }
  }

  /** Of the rules that failed at all: the others need no sum. */
  function failing(): Map<string, Counts> {
    const sums = new Map<string, Counts>();
    for (const { byRule } of slots) {
      for (const [rule, { failed }] of byRule) if (failed > 0) sums.set(rule, { evaluated: 0, failed: 0 });
    }
    for (const [rule, sum] of sums) {
      for (const { byRule } of slots) {
        const { evaluated = 0, failed = 0 } = byRule.get(rule) ?? {};
        [sum.evaluated, sum.failed] = [sum.evaluated + evaluated, sum.failed + failed];
      }
    }
    return sums;
  }

  return {
    add(counts) {
      note(counts, clock.now());
      const before = new Set(erroring);
      const now: string[] = [];
      for (const [rule, { evaluated, failed }] of failing()) {
        if (failed <= (before.has(rule) ? CALM_SHARE : ALLOWED_SHARE) * evaluated) continue;
        now.push(rule);
        if (!before.has(rule)) onAlarm({ rule, evaluated, failed });
      }
      erroring = now.sort();
    },
    get erroring() {
      return erroring;
    },
  };
}

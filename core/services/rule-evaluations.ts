import type { Stage } from '../domain/decision.ts';
import { DDN_NAMESPACE } from '../domain/kill-switch-rule.ts';
import { HOUR, type Instant } from '../domain/time.ts';
import type { CompiledRule } from '../kill-switch/compile-rule.ts';
import { sourceOf, type Tally } from './tally.ts';

/** How often the condition of a rule was run for a fact, at one stage. */
export interface EvaluationCount {
  readonly stage: Stage;
  readonly ruleKey: string;
  readonly evaluated: number;
}

export interface RuleEvaluations {
  /** What counts one evaluation at the stage. */
  counterAt(stage: Stage): (rule: CompiledRule) => void;
  /** The counts since the last call. */
  take(): readonly EvaluationCount[];
}

/**
 * Counts evaluations in memory until they are taken. Some rules are evaluated for every request, so that a count is one
 * look-up and an increment: what a row of the tally needs besides is put together when the counts are taken.
 */
export function createRuleEvaluations(): RuleEvaluations {
  const byStage = new Map<Stage, StageCounts>();

  function at(stage: Stage): StageCounts {
    let counts = byStage.get(stage);
    if (counts === undefined) {
      counts = new StageCounts();
      byStage.set(stage, counts);
    }
    return counts;
  }

  return {
    counterAt: (stage) => at(stage).count,
    take: () =>
      [...byStage].flatMap(([stage, counts]) =>
        counts.take().map(([ruleKey, evaluated]) => ({ stage, ruleKey, evaluated })),
      ),
  };
}

/**
 * Adds counts to the tally in rows of their own, one per rule, source and hour: a rule without an index is evaluated for
 * every request, and a row per minute and role of each such rule would outgrow the log.
 */
export function addEvaluations(tally: Pick<Tally, 'add'>, counts: readonly EvaluationCount[], now: Instant): void {
  const at = Math.floor(now / HOUR) * HOUR;
  for (const { stage, ruleKey, evaluated } of counts) {
    const key = { at, source: sourceOf(stage), role: '', queryId: '', ruleKey: `${DDN_NAMESPACE}.${ruleKey}` };
    tally.add(key, { evaluated });
  }
}

class StageCounts {
  #byKey = new Map<string, { evaluated: number }>();

  readonly count = ({ rule }: CompiledRule): void => {
    const count = this.#byKey.get(rule.key);
    if (count === undefined) this.#byKey.set(rule.key, { evaluated: 1 });
    else count.evaluated++;
  };

  take(): [ruleKey: string, evaluated: number][] {
    const taken = this.#byKey;
    this.#byKey = new Map();
    return [...taken].map(([ruleKey, { evaluated }]) => [ruleKey, evaluated]);
  }
}

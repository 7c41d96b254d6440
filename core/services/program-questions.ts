import type { Decision } from '../domain/decision.ts';
import { DDN_NAMESPACE } from '../domain/kill-switch-rule.ts';
import type { Clock } from '../domain/time.ts';
import { CANARY_NAMESPACE } from '../kill-switch/canary.ts';
import { evaluateRuleFlag, type FlagEvaluation } from '../kill-switch/flag.ts';
import type { KillSwitchService } from './kill-switch-service.ts';
import { addDecision, HOLDERS, sourceOf, type Tally } from './tally.ts';

/**
 * What programs ask about facts of their own namespaces, by `/validate`, `/kill-switch/evaluate` and OFREP: answered from
 * memory and counted as the hooks' questions are, since the program acts on the answer. Facts of the namespace `ddn` come
 * from the engine: whoever asks about one here tries something out, and is not counted.
 */
export interface ProgramQuestions {
  /** The answer to a fact. Never throws; an unknown namespace matches nothing. */
  decide(namespace: string, fact: object): Decision;
  /** One rule by its key; undefined where no such rule is in force. */
  flag(namespace: string, key: string, fact: object): FlagEvaluation | undefined;
  /**
   * A program was in touch that evaluates the rules of the namespace itself, and tells nobody what matches: no hits then
   * do not mean that nothing matches.
   */
  noteHolder(namespace: string): void;
}

export interface ProgramQuestionsDeps {
  readonly killSwitch: Pick<KillSwitchService, 'answer' | 'evaluate' | 'noteEvaluation' | 'ruleSet'>;
  readonly tally: Pick<Tally, 'add'>;
  readonly clock: Clock;
  /** Hears of each decision that counts. */
  onDecided(decision: Pick<Decision, 'matched' | 'wouldMatch' | 'errors'>): void;
}

export function createProgramQuestions({
  killSwitch,
  tally,
  clock,
  onDecided,
}: ProgramQuestionsDeps): ProgramQuestions {
  /** Names come from callers: only namespaces that have rules get counters. */
  const isCounted = (namespace: string): boolean =>
    namespace !== DDN_NAMESPACE && namespace !== CANARY_NAMESPACE && killSwitch.ruleSet(namespace).rules.size > 0;

  function count(namespace: string, decision: Pick<Decision, 'matched' | 'wouldMatch' | 'errors'>): void {
    addDecision(tally, { at: clock.now(), source: sourceOf('program'), role: '', namespace }, decision);
    onDecided(decision);
  }

  return {
    decide(namespace, fact) {
      if (!isCounted(namespace)) return killSwitch.evaluate(namespace, fact);
      const decision = killSwitch.answer(namespace, fact);
      count(namespace, decision);
      return decision;
    },
    flag(namespace, key, fact) {
      const ruleSet = killSwitch.ruleSet(namespace);
      const flag = evaluateRuleFlag(ruleSet, key, fact, clock.now());
      const compiled = ruleSet.rules.get(key);
      if (flag === undefined || compiled === undefined || flag.outcome === 'disabled') return flag;
      if (!isCounted(namespace)) return flag;
      killSwitch.noteEvaluation(compiled, flag.message !== null);
      count(namespace, {
        matched: flag.engaged ? [key] : [],
        wouldMatch: [],
        errors: flag.message === null ? [] : [{ key, message: flag.message }],
      });
      return flag;
    },
    noteHolder(namespace) {
      if (!isCounted(namespace)) return;
      const key = { at: clock.now(), source: HOLDERS, role: '', queryId: '', ruleKey: `${namespace}.*` };
      tally.add(key, { requests: 1 });
    },
  };
}

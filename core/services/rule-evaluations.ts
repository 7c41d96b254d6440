import type { CompiledRule } from '../kill-switch/compile-rule.ts';
import type { Decision } from '../domain/decision.ts';
import { HOUR, type Instant } from '../domain/time.ts';
import { type Asker, sourceOf, type Tally } from './tally.ts';

/** How often the condition of a rule was run for a fact, and how often in vain, by who asked. */
export interface EvaluationCount {
  readonly asker: Asker;
  readonly namespace: string;
  readonly ruleKey: string;
  readonly evaluated: number;
  readonly failed: number;
}

export interface RuleEvaluations {
  /** What counts one evaluation of a rule of the namespace. */
  counterOf(asker: Asker, namespace: string): (rule: CompiledRule) => void;
  /** Counts what failed of one decision. */
  noteFailures(asker: Asker, namespace: string, errors: Decision['errors']): void;
  /** The counts since the last call. */
  take(): readonly EvaluationCount[];
}

/**
 * Counts evaluations in memory until they are taken. Some rules are evaluated for every request, so that a count is one
 * look-up and an increment: what a row of the tally needs besides is put together when the counts are taken.
 */
export function createRuleEvaluations(): RuleEvaluations {
  const byAsker = new Map<Asker, Map<string, NamespaceCounts>>();

  function countsOf(asker: Asker, namespace: string): NamespaceCounts {
    let byNamespace = byAsker.get(asker);
    if (byNamespace === undefined) byAsker.set(asker, (byNamespace = new Map()));
    let counts = byNamespace.get(namespace);
    if (counts === undefined) byNamespace.set(namespace, (counts = new NamespaceCounts()));
    return counts;
  }

  return {
    counterOf: (asker, namespace) => countsOf(asker, namespace).count,
    noteFailures(asker, namespace, errors) {
      // A rule may fail in its condition and in its exception at once.
      for (const key of new Set(errors.map((error) => error.key))) countsOf(asker, namespace).fail(key);
    },
    take: () =>
      [...byAsker].flatMap(([asker, byNamespace]) =>
        [...byNamespace].flatMap(([namespace, counts]) =>
          [...counts.take()].map(([ruleKey, { evaluated, failed }]) => ({
            asker,
            namespace,
            ruleKey,
            evaluated,
            failed,
          })),
        ),
      ),
  };
}

/**
 * Adds counts to the tally in rows of their own, one per rule, source and hour: a rule without an index is evaluated for
 * every request, and a row per minute and role of each such rule would outgrow the log.
 */
export function addEvaluations(tally: Pick<Tally, 'add'>, counts: readonly EvaluationCount[], now: Instant): void {
  const at = Math.floor(now / HOUR) * HOUR;
  for (const { asker, namespace, ruleKey, evaluated } of counts) {
    const key = { at, source: sourceOf(asker), role: '', queryId: '', ruleKey: `${namespace}.${ruleKey}` };
    tally.add(key, { evaluated });
  }
}

interface RuleCount {
  evaluated: number;
  failed: number;
}

class NamespaceCounts {
  #byKey = new Map<string, RuleCount>();

  readonly count = ({ rule }: CompiledRule): void => {
    this.#of(rule.key).evaluated++;
  };

  fail(key: string): void {
    this.#of(key).failed++;
  }

  take(): ReadonlyMap<string, RuleCount> {
    const taken = this.#byKey;
    this.#byKey = new Map();
    return taken;
  }

  #of(key: string): RuleCount {
    let count = this.#byKey.get(key);
    if (count === undefined) this.#byKey.set(key, (count = { evaluated: 0, failed: 0 }));
    return count;
  }
}

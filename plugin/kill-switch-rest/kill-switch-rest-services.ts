import type { Decision } from '../../core/domain/decision.ts';
import type { RuleSet } from '../../core/kill-switch/rule-index.ts';
import type { RulesApplied } from '../../core/services/kill-switch-service.ts';
import type { ProgramQuestions } from '../../core/services/program-questions.ts';
import type { RuleFilter, RulesState } from '../../core/services/ports/rules.ts';
import type { Transaction } from '../../core/services/ports/store.ts';
import type { VerbTable } from '../../core/services/verbs/verb.ts';
import type { PluginServices } from '../plugin-services.ts';
import type { SharedSecret } from '../secret.ts';

/** What the kill switch's own routes need from the application. */
export interface KillSwitchRestServices extends Pick<PluginServices, 'clock' | 'log' | 'authenticate'> {
  readonly verbs: VerbTable;
  /** For what only asks: one state of the data, in the time of the reader, and nothing can be written. */
  snapshot<T>(run: (tx: Transaction) => Promise<T>): Promise<T>;
  transaction<T>(run: (tx: Transaction) => Promise<T>): Promise<T>;
  readonly rules: {
    list(filter: RuleFilter): Promise<RulesState>;
    revision(): Promise<number>;
  };
  /** The rules that this process enforces. */
  readonly enforced: {
    readonly revision: number;
    ruleSet(namespace: string): RuleSet;
    /** Without any effect. */
    evaluate(namespace: string, fact: object): Decision;
    subscribe(listener: (applied: RulesApplied) => void): () => void;
  };
  readonly programs: ProgramQuestions;
}

export interface KillSwitchRestOptions {
  /** Null only on a listener that is bound to loopback. */
  readonly secret: SharedSecret | null;
}

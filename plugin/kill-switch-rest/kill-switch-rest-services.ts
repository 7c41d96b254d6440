import type { RulesApplied } from '../../core/services/kill-switch-service.ts';
import type { RuleFilter, RulesState, Transaction } from '../../core/services/ports.ts';
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
    subscribe(listener: (applied: RulesApplied) => void): () => void;
  };
}

export interface KillSwitchRestOptions {
  /** Null only on a listener that is bound to loopback. */
  readonly secret: SharedSecret | null;
}

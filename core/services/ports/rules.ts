import type { Uuid } from '../../domain/ids.ts';
import type { KillSwitchRule, RuleStatus } from '../../domain/kill-switch-rule.ts';
import type { Instant } from '../../domain/time.ts';
import type { RuleFindings } from '../../kill-switch/rule-reach.ts';

export interface RulesPort {
  /** Value of the counter that every change of a rule increments. */
  revision(): Promise<number>;
  /** Rules that can match: active and dry-run ones, of one snapshot. */
  enforceable(): Promise<RulesState>;
  /**
   * At most `limit` rules changed after a revision, the changes longest ago first, whatever their status now; `revision`
   * is that of the last of these changes. Fewer: there are no others.
   */
  changedSince(revision: number, limit: number): Promise<RulesState>;
  /** Rules as people list them, by namespace and key; all filters apply together. */
  list(filter: RuleFilter): Promise<RulesState>;
  /** At most `limit` rules without what compiling finds out, by id, after the one with the id given. */
  undescribed(after: string, limit: number): Promise<readonly KillSwitchRule[]>;
  /** Adds what compiling found out about a rule, unless it changed since. No change of the rule: its revision stays. */
  describe(rule: KillSwitchRule, findings: RuleFindings): Promise<void>;
  /** Replaces what the built-in canary rule compares: a change like any other, without a row of audit. */
  writeCanary(nonce: string): Promise<void>;
  /** What the canary compares at present; null before the first self-test. */
  canary(): Promise<string | null>;
}

/** Rules, with the revision of which they are the state. */
export interface RulesState {
  readonly revision: number;
  readonly rules: readonly KillSwitchRule[];
}

export interface RuleFilter {
  readonly namespace?: string;
  readonly statuses?: readonly RuleStatus[];
  /** Only rules changed after this revision. */
  readonly since?: number;
}

export const RULE_CHANGES = [
  'create',
  'update',
  'activate',
  'deactivate',
  'archive',
  'extend',
  'expire',
  'guard',
] as const;

export interface RuleChange {
  readonly change: (typeof RULE_CHANGES)[number];
  readonly actor: string;
  readonly surface: string;
  readonly at: Instant;
  readonly reason: string | null;
  readonly before: KillSwitchRule | null;
  readonly after: KillSwitchRule;
}

export interface RuleRepository {
  byId(id: Uuid): Promise<KillSwitchRule | undefined>;
  byKey(namespace: string, key: string): Promise<KillSwitchRule | undefined>;
  /** Waits for the changes before: what is read after it stays as it is until the transaction ends. */
  lock(): Promise<void>;
  /** Increments the revision counter; its row lock puts concurrent changes in one order. */
  nextRevision(): Promise<number>;
  /** Inserts or replaces the rule and appends the audit row. */
  save(change: RuleChange): Promise<void>;
  /** Active rules with a re-check whose validity ends at or before the instant. */
  dueForRecheck(at: Instant): Promise<readonly KillSwitchRule[]>;
}

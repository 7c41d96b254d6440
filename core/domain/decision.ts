import type { MaskSpec, RuleAction } from './kill-switch-rule.ts';
import type { Instant } from './time.ts';

/** Where in a request the kill switch is asked. */
export type Stage = 'pre-parse' | 'pre-response' | 'pre-ndc-request' | 'pre-ndc-response';

/** What the rules of a namespace say about one fact. */
export interface Decision {
  /** The one rule that decides a terminal action (`block` or `respond`), or null to continue. */
  readonly terminal: TerminalDecision | null;
  /** Union over the applying `strip` rules; empty when a terminal action decides. */
  readonly strip: readonly string[];
  /** Union over the applying `mask` rules, without stripped paths; empty when a terminal action decides. */
  readonly mask: readonly MaskSpec[];
  /** Key of the first rule whose strip or mask applies; absent where none does. */
  readonly changedBy?: string;
  /** Keys of all active rules that match. */
  readonly matched: readonly string[];
  /** Keys of dry-run rules that match: they would have acted. */
  readonly wouldMatch: readonly string[];
  readonly errors: readonly { readonly key: string; readonly message: string }[];
  /** Revision of the rules that were asked. */
  readonly revision: number;
  /** The rules could not be refreshed lately. */
  readonly stale: boolean;
  /** The time was up before every rule was asked. */
  readonly unfinished?: true;
}

export interface TerminalDecision {
  readonly action: Extract<RuleAction, { type: 'block' | 'respond' }>;
  readonly ruleKey: string;
  readonly message: string;
  /** When the rule's validity ends, if it does. */
  readonly until: Instant | null;
}

export const CONTINUE: Omit<Decision, 'revision' | 'stale'> = {
  terminal: null,
  strip: [],
  mask: [],
  matched: [],
  wouldMatch: [],
  errors: [],
};

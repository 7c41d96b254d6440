import type { Uuid } from './ids.ts';
import type { Instant } from './time.ts';

export const RULE_STATUSES = ['draft', 'dry_run', 'active', 'inactive', 'archived'] as const;
export type RuleStatus = (typeof RULE_STATUSES)[number];

/** What a matching rule does; the wire answers per hook are in `plugin`. */
export type RuleAction =
  | { readonly type: 'block'; readonly message?: string; readonly quiet?: boolean }
  | { readonly type: 'respond'; readonly body: unknown }
  | { readonly type: 'strip'; readonly paths: readonly string[] }
  | { readonly type: 'mask'; readonly masks: readonly MaskSpec[] }
  | { readonly type: 'log' };

export const RULE_ACTIONS = [
  'block',
  'respond',
  'strip',
  'mask',
  'log',
] as const satisfies readonly RuleAction['type'][];

export type MaskSpec =
  | { readonly path: string; readonly mask: 'null' }
  | { readonly path: string; readonly mask: 'fixed'; readonly text: string }
  | { readonly path: string; readonly mask: 'keep_last'; readonly count: number }
  | { readonly path: string; readonly mask: 'hash' };

/** A kill-switch rule as stored. It matches a fact when `condition` is true and `except` is not. */
export interface KillSwitchRule {
  readonly id: Uuid;
  /** Slug, unique per namespace: the stable name for people, metrics and clients. */
  readonly key: string;
  /** The seed's `identifier`; `ddn` is ours and has a closed fact dictionary. */
  readonly namespace: string;
  readonly description: string | null;
  readonly reason: string | null;
  readonly condition: string;
  readonly except: string | null;
  readonly action: RuleAction;
  /** Higher wins. */
  readonly priority: number;
  readonly status: RuleStatus;
  /** Half-open validity `[validFrom, validTo)`, checked at evaluation: expiry needs no delivery. */
  readonly validFrom: Instant | null;
  readonly validTo: Instant | null;
  readonly origin: string;
  /** Value of the global revision counter at the last change. */
  readonly revision: number;
  readonly createdBy: string;
  readonly createdAt: Instant;
  readonly updatedBy: string;
  readonly updatedAt: Instant;
}

export const DDN_NAMESPACE = 'ddn';

import type { Stage } from './decision.ts';
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
  /** The condition in one spelling, for comparison and search; null where it was not compiled yet. */
  readonly normalisedCondition: string | null;
  /** Null for a namespace without hooks, or where the rule was not compiled yet. */
  readonly reach: RuleReach | null;
  /** Higher wins. */
  readonly priority: number;
  readonly status: RuleStatus;
  /** Half-open validity `[validFrom, validTo)`, checked at evaluation: expiry needs no delivery. */
  readonly validFrom: Instant | null;
  readonly validTo: Instant | null;
  /** When in the week it applies; null: always. */
  readonly schedule: RuleSchedule | null;
  /** How long it may stay active: sets `validTo` when it is activated. Null: until it is lifted. */
  readonly maxDurationSeconds: number | null;
  /** What happens at `validTo`; null: it expires. */
  readonly recheck: RuleRecheck | null;
  /** What a condition that cannot be evaluated means. */
  readonly onError: 'no_match' | 'match';
  /** Falls back to `dry_run` when it would act on more traffic than this; null: unguarded. */
  readonly guard: RuleGuard | null;
  /** Applies only where the service says it is this environment; null: everywhere. */
  readonly environment: string | null;
  /** Longest lag of a client that polls, in seconds. */
  readonly refreshSeconds: number;
  readonly ticket: string | null;
  readonly owner: string | null;
  readonly tags: readonly string[];
  /** Version of the condition language; an instance that does not know it keeps the rule's previous version. */
  readonly languageVersion: number;
  /** Activated in an emergency: without a dry run and for an hour at most. */
  readonly emergency: boolean;
  /** First time in dry run; null: never, it was activated without one. */
  readonly dryRunAt: Instant | null;
  /** `manual`, `api`, `alert:<id>` or `anomaly:<id>`. */
  readonly origin: string;
  /** Value of the global revision counter at the last change. */
  readonly revision: number;
  readonly createdBy: string;
  readonly createdAt: Instant;
  readonly updatedBy: string;
  readonly updatedAt: Instant;
  readonly activatedBy: string | null;
  readonly activatedAt: Instant | null;
}

/** Which of the engine's endpoints a rule sees: JSON:API and SQL run no GraphQL hook. */
export const TRAFFIC = ['graphql', 'sql', 'jsonapi'] as const;
export type Traffic = (typeof TRAFFIC)[number];

/** What a rule does not cover although one might think so. */
export const COVERAGE_GAPS = ['GRAPHQL_ONLY', 'RELATIONAL_SQL', 'WEBSOCKET_CLIENTS'] as const;
export type CoverageGap = (typeof COVERAGE_GAPS)[number];

/** Where a rule of the namespace `ddn` is asked, and what that covers. */
export interface RuleReach {
  readonly stages: readonly Stage[];
  readonly coverage: readonly Traffic[];
  readonly gaps: readonly CoverageGap[];
}

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Weekly windows by the clock of one time zone; the rule applies inside any of them. */
export interface RuleSchedule {
  /** IANA name, such as Europe/Vienna. */
  readonly zone: string;
  readonly windows: readonly RuleWindow[];
}

/** Half-open `[from, to)` in minutes of the day, 0–1440; `to` ≤ `from` ends on the following day. */
export interface RuleWindow {
  readonly days: readonly Weekday[];
  readonly from: number;
  readonly to: number;
}

/** At `validTo`: extend while the cause persists, else lift. */
export interface RuleRecheck {
  /** `matches`: the rule still matched since the last look; `findings`: such findings still came. */
  readonly cause: 'matches' | 'findings';
  /** Kinds of findings; empty: any. */
  readonly kinds: readonly string[];
  readonly extendSeconds: number;
  readonly maxExtensions: number;
  /** Extensions so far. */
  readonly extensions: number;
}

/** A rule that acts on a larger share of the requests of a window is taken for a mistake. */
export interface RuleGuard {
  /** 0–1. */
  readonly maxShare: number;
  readonly windowSeconds: number;
  /** Requests that a window must have before its share counts. */
  readonly minRequests: number;
}

export const LANGUAGE_VERSION = 1;

/** What a rule is unless its author says otherwise. */
export const RULE_DEFAULTS = {
  normalisedCondition: null,
  reach: null,
  schedule: null,
  maxDurationSeconds: null,
  recheck: null,
  onError: 'no_match',
  guard: null,
  environment: null,
  refreshSeconds: 30,
  ticket: null,
  owner: null,
  tags: [],
  languageVersion: LANGUAGE_VERSION,
  emergency: false,
  dryRunAt: null,
  activatedBy: null,
  activatedAt: null,
} as const satisfies Partial<KillSwitchRule>;

export const DDN_NAMESPACE = 'ddn';

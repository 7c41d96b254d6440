import { ANALYST_FAULTS, type AnalystFaultKind, type SkipReason, type TokenUsage } from '../domain/analyst-opinion.ts';

/** Totals since the start of the process, for metrics. Names of kinds are closed sets: safe as labels. */
export interface AnalystCounters {
  /** Analyses with a reason to ask. */
  offered: number;
  /** Of these, answered by an earlier question on the same shape and kinds: no call. */
  repeated: number;
  asked: number;
  answered: number;
  readonly skipped: Record<SkipReason, number>;
  readonly failed: Record<AnalystFaultKind, number>;
  readonly tokens: Record<keyof TokenUsage, number>;
  /** In the currency of the configured prices; 0 without. */
  cost: number;
  count(usage: TokenUsage, cost: number | null): void;
}

const SKIP_REASONS = [
  'off',
  'opted_out',
  'not_suspicious',
  'over_budget',
  'open_circuit',
  'misconfigured',
  'queue_full',
  'too_large',
  'stopping',
] as const satisfies readonly SkipReason[];

export function createAnalystCounters(): AnalystCounters {
  const zeros = <K extends string>(names: readonly K[]): Record<K, number> =>
    Object.fromEntries(names.map((name) => [name, 0])) as Record<K, number>;
  return {
    offered: 0,
    repeated: 0,
    asked: 0,
    answered: 0,
    skipped: zeros(SKIP_REASONS),
    failed: zeros(ANALYST_FAULTS),
    tokens: zeros(['input', 'output', 'cacheWrite', 'cacheRead']),
    cost: 0,
    count(usage, cost) {
      this.tokens.input += usage.input;
      this.tokens.output += usage.output;
      this.tokens.cacheWrite += usage.cacheWrite;
      this.tokens.cacheRead += usage.cacheRead;
      this.cost += cost ?? 0;
    },
  };
}

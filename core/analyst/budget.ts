import { DAY, HOUR, type Instant } from '../domain/time.ts';

/** What may be spent; null: no bound of that kind. Cost is in the currency of the configured prices. */
export interface BudgetLimits {
  readonly tokensPerHour: number | null;
  readonly tokensPerDay: number | null;
  readonly costPerDay: number | null;
}

/** Prices per million tokens, in any one currency. */
export interface Prices {
  readonly input: number;
  readonly output: number;
  readonly cacheWrite: number;
  readonly cacheRead: number;
}

export interface Spending {
  /** Id of the call, so that a call known here and read from the store counts once. */
  readonly id: string;
  readonly at: Instant;
  readonly tokens: number;
  readonly cost: number;
}

export interface SpentSoFar {
  readonly tokensLastHour: number;
  readonly tokensLastDay: number;
  readonly costLastDay: number;
}

export interface Budget {
  /** Sets aside what a call may cost at most; false: it would exceed a limit, and nothing is set aside. */
  reserve(call: Spending): boolean;
  /** Replaces the reservation by what was really used; 0 tokens for a call that never reached the provider. */
  settle(call: Spending): void;
  /** Takes over what the store knows of the last day: calls of other processes and from before a restart. */
  load(calls: readonly Spending[]): void;
  spent(now: Instant): SpentSoFar;
  /** True when not even a small call fits. */
  exhausted(now: Instant): boolean;
}

/** A call below this is not worth calling the budget open. */
const SMALLEST_CALL_TOKENS = 1_000;

/** Sliding windows of an hour and a day over single calls: never more than the limit in any hour, not just on the clock's. */
export function createBudget(limits: BudgetLimits): Budget {
  const calls = new Map<string, Spending>();

  function spent(now: Instant): SpentSoFar {
    let [tokensLastHour, tokensLastDay, costLastDay] = [0, 0, 0];
    for (const [id, call] of calls) {
      if (call.at <= now - DAY) {
        calls.delete(id);
        continue;
      }
      tokensLastDay += call.tokens;
      costLastDay += call.cost;
      if (call.at > now - HOUR) tokensLastHour += call.tokens;
    }
    return { tokensLastHour, tokensLastDay, costLastDay };
  }

  function fits(now: Instant, tokens: number, cost: number): boolean {
    const sofar = spent(now);
    return (
      within(sofar.tokensLastHour + tokens, limits.tokensPerHour) &&
      within(sofar.tokensLastDay + tokens, limits.tokensPerDay) &&
      within(sofar.costLastDay + cost, limits.costPerDay)
    );
  }

  return {
    reserve(call) {
      if (!fits(call.at, call.tokens, call.cost)) return false;
      calls.set(call.id, call);
      return true;
    },
    settle(call) {
      if (call.tokens === 0) calls.delete(call.id);
      else calls.set(call.id, call);
    },
    load(stored) {
      for (const call of stored) if (!calls.has(call.id)) calls.set(call.id, call);
    },
    spent,
    exhausted: (now) => !fits(now, SMALLEST_CALL_TOKENS, Number.MIN_VALUE),
  };
}

function within(amount: number, limit: number | null): boolean {
  return limit === null || amount <= limit;
}

/** Cost of a call, or null without prices. */
export function costOf(
  usage: { readonly input: number; readonly output: number; readonly cacheWrite: number; readonly cacheRead: number },
  prices: Prices | null,
): number | null {
  if (prices === null) return null;
  const { input, output, cacheWrite, cacheRead } = prices;
  return (
    (usage.input * input + usage.output * output + usage.cacheWrite * cacheWrite + usage.cacheRead * cacheRead) /
    1_000_000
  );
}

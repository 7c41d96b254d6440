import { LRUCache } from 'lru-cache';
import { DAY, type Instant } from '../domain/time.ts';
import type { RecurrencePort } from './ports/anomalies.ts';

/** Which findings recur: what was found on different days is not an incident but how the data is. */
export interface Recurrence {
  /**
   * Of these patterns (core/detection/finding-pattern.ts), those found on three days, the day of `at` counted.
   *
   * @param within findings as an open transaction sees them, for who must not wait for another connection
   */
  recurring(patterns: readonly string[], at: Instant, within?: RecurrencePort): Promise<ReadonlySet<string>>;
  /** Counts findings that were stored. */
  note(patterns: readonly string[], at: Instant): void;
}

/** As for everything else that is held back (core/detection/patterns/sample.ts). */
const RELEASE_DAYS = 3;
/** Earlier findings don't count: something this seldom is no habit. */
const HORIZON_MS = 30 * DAY;
const PATTERNS_KEPT = 5_000;

export function createRecurrence(findings: RecurrencePort): Recurrence {
  const known = new LRUCache<string, number[]>({ max: PATTERNS_KEPT });
  const dayOf = (at: Instant): number => Math.floor(at / DAY);
  const within = (days: readonly number[], at: Instant): number[] =>
    days.filter((day) => Math.abs(day - dayOf(at)) * DAY <= HORIZON_MS);

  /** The first and the last day stand for those between them, of which the store says nothing. */
  async function load(port: RecurrencePort, patterns: readonly string[], at: Instant): Promise<void> {
    const unknown = patterns.filter((pattern) => !known.has(pattern));
    if (unknown.length === 0) return;
    const spans = await port.spansOf(unknown, at - HORIZON_MS);
    for (const pattern of unknown) {
      const span = spans.get(pattern);
      known.set(pattern, span ? [...new Set([dayOf(span.first), dayOf(span.last)])] : []);
    }
  }

  return {
    async recurring(patterns, at, port = findings) {
      await load(port, patterns, at);
      return new Set(
        patterns.filter(
          (pattern) => new Set([...within(known.get(pattern) ?? [], at), dayOf(at)]).size >= RELEASE_DAYS,
        ),
      );
    },
    note(patterns, at) {
      for (const pattern of patterns) {
        const days = known.get(pattern);
        if (days && !days.includes(dayOf(at)))
          known.set(pattern, [...within(days, at), dayOf(at)].slice(-RELEASE_DAYS));
      }
    },
  };
}

import { DAY, HOUR, type Instant } from '../../../domain/time.ts';
import { BoundedMap } from '../../bounded-map.ts';
import { DRIFT_LEVEL, MIN_RECENT, smallPValueExcess, smallPValueTest } from './drift.ts';
import type { SmallPValueExcess } from './drift.ts';

/** The records of one response, as the model of a baseline scored them. */
export interface ScoredDelivery {
  readonly at: Instant;
  /** Whoever asked: a user, or the role where there is none. */
  readonly caller: string;
  readonly pValues: ArrayLike<number>;
}

export interface DriftEvidence {
  /** Latest records looked at, at most `RECORDS_PER_DELIVERY` of each response. */
  readonly records: number;
  /** Of them, those with p ≤ α. */
  readonly flagged: number;
  /** What drifts where few are flagged: how many lie as far out as few of those learnt. */
  readonly excess: SmallPValueExcess;
  /** Of the one-sided Kolmogorov–Smirnov test of their p-values (drift.ts), with n the number of responses. */
  readonly p: number;
}

/** Notices that what arrives no longer fits the model, and whether that is so for everybody who asks. */
export interface DriftWatch {
  /** What shows drift if this delivery begins it; null before, and while it goes on. */
  begins(delivery: ScoredDelivery): DriftEvidence | null;
  /** @param patterns of the findings about its flagged records (core/detection/finding-pattern.ts) */
  note(delivery: ScoredDelivery, patterns?: readonly string[]): void;
  /** When the drift that goes on was noticed; null while there is none. */
  readonly since: Instant | null;
  /**
   * Whether the data changed, rather than that somebody sends odd data: more than ten times the rate is flagged, and that in
   * the latest response of most callers of a day, for an hour where they are three or more, else for two days; and whether
   * what was found is part of it: others had the pattern that day, too, where others are concerned.
   */
  isGeneral(at: Instant, pattern: string): boolean;
  /** Another model scores from now on: drift ends when that one fits. */
  restart(): void;
}

/** Enough for the tests, which want MIN_RECENT. */
const RECENT_RECORDS = 400;
/** One response is not the data: it counts for a fifth of what decides, however long. */
const RECORDS_PER_DELIVERY = MIN_RECENT / 5;
const RATES_ABOVE = 10;
const FEWEST_AFFECTED = 5;
const LASTING_MS = 2 * DAY;
const SHARED_MS = HOUR;
const FEWEST_CALLERS = 3;
const CALLERS_KEPT = 64;
const PATTERNS_KEPT = 256;
/** Whatever one caller alone brings while the data changes is not the change. */
const FEWEST_SHARING = 2;

interface Scored {
  readonly pValues: readonly number[];
  readonly flagged: number;
}

/** @param alpha rate of ordinary records that are flagged, 0–1. */
export function createDriftWatch(alpha: number): DriftWatch {
  const limit = Math.min(0.5, RATES_ABOVE * alpha);
  const callers = new BoundedMap<{ at: Instant; affected: boolean }>(CALLERS_KEPT);
  /** When each caller last had a pattern, by pattern. */
  const sightings = new BoundedMap<Map<string, Instant>>(PATTERNS_KEPT);
  let recent: readonly Scored[] = [];
  let since: Instant | null = null;
  /** Since when too many are flagged: drift may have begun before, with records that only lean one way. */
  let flaggedSince: Instant | null = null;

  const isAffected = ({ pValues, flagged }: Scored): boolean => flagged > limit * pValues.length;

  function scored({ pValues }: ScoredDelivery): Scored {
    // Evenly spread over the response, so that its order doesn't decide.
    const step = Math.max(1, pValues.length / RECORDS_PER_DELIVERY);
    const taken = Array.from(
      { length: Math.min(pValues.length, RECORDS_PER_DELIVERY) },
      (_, i) => pValues[Math.floor(i * step)] as number,
    );
    return { pValues: taken, flagged: taken.filter((p) => p <= alpha).length };
  }

  function latestWith(delivery: ScoredDelivery): readonly Scored[] {
    const all = [...recent, scored(delivery)];
    let records = recordsOf(all);
    let from = 0;
    for (const { pValues } of all) {
      if (records - pValues.length < RECENT_RECORDS) break;
      records -= pValues.length;
      from++;
    }
    return all.slice(from);
  }

  const isFlaggedTooOften = (latest: readonly Scored[]): boolean =>
    recordsOf(latest) >= MIN_RECENT &&
    flaggedOf(latest) > limit * recordsOf(latest) &&
    latest.filter(isAffected).length >= FEWEST_AFFECTED;

  /** Null while the records fit the model, or are too few to say. */
  function evidenceOf(latest: readonly Scored[]): DriftEvidence | null {
    const records = recordsOf(latest);
    if (records < MIN_RECENT) return null;
    // Records of one response may all be alike: the responses are what is independent, so D counts by their number.
    const pValues = latest.flatMap((delivery) => delivery.pValues);
    const p = smallPValueTest(pValues) ** (latest.length / records);
    if (p >= DRIFT_LEVEL && !isFlaggedTooOften(latest)) return null;
    return { records, flagged: flaggedOf(latest), excess: smallPValueExcess(pValues), p };
  }

  function see(pattern: string, { caller, at }: ScoredDelivery): void {
    const seenBy = sightings.use(pattern, () => new Map());
    // The latest ones are enough to know that there are several.
    seenBy.delete(caller);
    seenBy.set(caller, at);
    if (seenBy.size > FEWEST_SHARING) seenBy.delete(seenBy.keys().next().value as string);
  }

  const sharing = (pattern: string, at: Instant): number =>
    [...(sightings.peek(pattern)?.values() ?? [])].filter((last) => at - last < DAY).length;

  return {
    begins: (delivery) => (since === null ? evidenceOf(latestWith(delivery)) : null),
    note(delivery, patterns = []) {
      recent = latestWith(delivery);
      const caller = callers.use(delivery.caller, () => ({ at: delivery.at, affected: false }));
      caller.at = delivery.at;
      caller.affected = isAffected(scored(delivery));
      for (const pattern of patterns) see(pattern, delivery);
      if (evidenceOf(recent) !== null) since ??= delivery.at;
      else if (recordsOf(recent) >= MIN_RECENT) since = null;
      if (isFlaggedTooOften(recent)) flaggedSince ??= delivery.at;
      else if (recordsOf(recent) >= MIN_RECENT) flaggedSince = null;
    },
    get since() {
      return since;
    },
    isGeneral(at, pattern) {
      if (flaggedSince === null || !isFlaggedTooOften(recent)) return false;
      const ofTheDay = [...callers.entries.values()].filter((caller) => at - caller.at < DAY);
      const affected = ofTheDay.filter((caller) => caller.affected).length;
      if (affected <= ofTheDay.length / 2 || sharing(pattern, at) < Math.min(affected, FEWEST_SHARING)) return false;
      return at - flaggedSince >= (affected >= FEWEST_CALLERS ? SHARED_MS : LASTING_MS);
    },
    restart() {
      recent = [];
    },
  };
}

const recordsOf = (deliveries: readonly Scored[]): number =>
  deliveries.reduce((sum, { pValues }) => sum + pValues.length, 0);
const flaggedOf = (deliveries: readonly Scored[]): number => deliveries.reduce((sum, { flagged }) => sum + flagged, 0);

import type { Instant } from '../../domain/time.ts';
import { DAY } from '../../domain/time.ts';

/**
 * How often each of a bounded number of names was seen, least recently seen forgotten first, and the number seen
 * exactly once, from which the chance of something new follows.
 */
export interface SeenTable {
  readonly capacity: number;
  /** Times seen; `REPORTED` for a name seen once and reported as new. */
  readonly counts: Map<string, number>;
  seenOnce: number;
  /** Different days on which names were reported, since such names were last taken for usual. */
  readonly reportedDays: number[];
}

const REPORTED = -1;
/** News that were reported on so many different days are the habit of the role, not an attack. */
const RELEASE_DAYS = 3;

export function createSeenTable(capacity: number): SeenTable {
  return { capacity, counts: new Map(), seenOnce: 0, reportedDays: [] };
}

/**
 * Counts a name. One that was reported as new is known from then on, but says nothing about how often news come until
 * the third day of reports: an attacker can't make himself quiet, a role that took up ad-hoc queries becomes so.
 */
export function noteSeen(table: SeenTable, name: string, at: Instant, reported: boolean): void {
  const before = table.counts.get(name) ?? 0;
  const after = before === 0 ? (reported ? REPORTED : 1) : before === REPORTED ? 2 : before + 1;
  if (before === 1) table.seenOnce--;
  if (after === 1) table.seenOnce++;
  table.counts.delete(name);
  table.counts.set(name, after);
  if (table.counts.size > table.capacity) forgetOldest(table);
  if (after === REPORTED) noteReport(table, Math.floor(at / DAY));
}

/**
 * Probability that the next request shows a name never seen, estimated as the share of names seen once among all
 * requests (Good, 1953; Turing's estimate of the unseen mass).
 */
export function chanceOfNews(table: SeenTable, requests: number): number {
  return requests === 0 ? 1 : table.seenOnce / requests;
}

function noteReport(table: SeenTable, day: number): void {
  if (!table.reportedDays.includes(day)) table.reportedDays.push(day);
  if (table.reportedDays.length < RELEASE_DAYS) return;
  table.reportedDays.length = 0;
  for (const [name, count] of table.counts) {
    if (count !== REPORTED) continue;
    table.counts.set(name, 1);
    table.seenOnce++;
  }
}

function forgetOldest(table: SeenTable): void {
  for (const [name, count] of table.counts) {
    table.counts.delete(name);
    if (count === 1) table.seenOnce--;
    return;
  }
}

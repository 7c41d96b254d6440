/**
 * How often each of a bounded number of names was seen, least recently seen forgotten first, and the number seen
 * exactly once, from which the chance of something new follows.
 */
export interface SeenTable {
  readonly capacity: number;
  readonly counts: Map<string, number>;
  seenOnce: number;
}

export function createSeenTable(capacity: number): SeenTable {
  return { capacity, counts: new Map(), seenOnce: 0 };
}

/** Counts a name. One that was reported as new counts as known at once: it says nothing about how often news come. */
export function noteSeen(table: SeenTable, name: string, reported: boolean): void {
  const before = table.counts.get(name) ?? 0;
  const after = before === 0 && reported ? 2 : before + 1;
  if (before === 1) table.seenOnce--;
  if (after === 1) table.seenOnce++;
  table.counts.delete(name);
  table.counts.set(name, after);
  if (table.counts.size > table.capacity) forgetOldest(table);
}

/**
 * Probability that the next request shows a name never seen, estimated as the share of names seen once among all
 * requests (Good, 1953; Turing's estimate of the unseen mass).
 */
export function chanceOfNews(table: SeenTable, requests: number): number {
  return requests === 0 ? 1 : table.seenOnce / requests;
}

function forgetOldest(table: SeenTable): void {
  for (const [name, count] of table.counts) {
    table.counts.delete(name);
    if (count === 1) table.seenOnce--;
    return;
  }
}

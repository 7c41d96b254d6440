/** Fewer equal pairs than these decide nothing, had they been expected. */
const MIN_EXPECTED = 5;
/** Share of the expected pairs up to which a column is a key: of a table that changes meanwhile a page may repeat a row. */
const REPEATED_SHARE = 0.1;

/**
 * Whether the values of a column are a key of the dataset: they don't repeat within a response although chance would have
 * repeated them. The same hundred products read again and again are few values over a window, but each response holds a
 * product once; a status or a foreign key stands in several of its records. Of two records of one response a share of
 * Σ c(c − 1) / n(n − 1) would be equal, were they drawn from all records (Simpson's index, 1949).
 *
 * `groups[i]` is the response of record i; undefined values are left out.
 */
export function isKey(values: readonly (string | undefined)[], groups: ArrayLike<number>): boolean {
  const overall = new Map<string, number>();
  const within = new Map<number, Map<string, number>>();
  values.forEach((value, i) => {
    if (value === undefined) return;
    count(overall, value);
    let response = within.get(groups[i] as number);
    if (!response) within.set(groups[i] as number, (response = new Map()));
    count(response, value);
  });
  const all = pairsOf(overall);
  let pairs = 0;
  let equal = 0;
  for (const response of within.values()) {
    const own = pairsOf(response);
    pairs += own.pairs;
    equal += own.equal;
  }
  const expected = all.pairs === 0 ? 0 : (pairs * all.equal) / all.pairs;
  return expected >= MIN_EXPECTED && equal <= REPEATED_SHARE * expected;
}

function count(counts: Map<string, number>, value: string): void {
  counts.set(value, (counts.get(value) ?? 0) + 1);
}

function pairsOf(counts: ReadonlyMap<string, number>): { readonly pairs: number; readonly equal: number } {
  let records = 0;
  let equal = 0;
  for (const times of counts.values()) {
    records += times;
    equal += (times * (times - 1)) / 2;
  }
  return { pairs: (records * (records - 1)) / 2, equal };
}

import type { Decision, Stage } from '../domain/decision.ts';
import { storableText } from '../domain/text.ts';
import type { Instant } from '../domain/time.ts';
import { MINUTE } from '../domain/time.ts';
import type { TallyPort, TallyRow } from './ports/tally.ts';

type Counts = Pick<
  TallyRow,
  'requests' | 'records' | 'anomalies' | 'errors' | 'evaluated' | 'enforced' | 'wouldEnforce'
>;
export type TallyKey = { readonly at: Instant } & Pick<TallyRow, 'source' | 'role' | 'queryId' | 'ruleKey'>;

export interface Tally {
  add(key: TallyKey, counts: Partial<Counts>): void;
  /**
   * Writes what has gathered; what can't be written now stays for the next flush. A row that the database refuses is
   * dropped: it must not keep the others from being counted.
   */
  flush(): Promise<void>;
}

/** Who asks the rules: a hook, or a program about a fact of its own. */
export type Asker = Stage | 'program';

/** Where the tally says that the one who asks saw the request. */
export const sourceOf = (asker: Asker): string =>
  asker === 'program' ? asker : asker.startsWith('pre-ndc') ? 'ndc' : 'graphql';

/** The source under which programs are noted that hold a namespace's rules themselves, as the rule `<namespace>.*`. */
export const HOLDERS = 'client';

/** Counts what the rules of a namespace said about one fact. */
export function addDecision(
  tally: Pick<Tally, 'add'>,
  { namespace, ...seen }: Pick<TallyKey, 'at' | 'source' | 'role'> & { readonly namespace: string },
  { matched, wouldMatch, errors }: Pick<Decision, 'matched' | 'wouldMatch' | 'errors'>,
): void {
  const add = (key: string, counts: Partial<Counts>) =>
    tally.add({ ...seen, queryId: '', ruleKey: `${namespace}.${key}` }, counts);
  for (const key of matched) add(key, { enforced: 1 });
  for (const key of wouldMatch) add(key, { wouldEnforce: 1 });
  for (const { key } of errors) add(key, { errors: 1 });
}

/** Keys held between two flushes; beyond it the role and the shape of further keys are folded into one "other". */
const MAX_KEYS = 20_000;
/** The column's length; two longer roles that begin alike are one row. */
const MAX_ROLE_CHARACTERS = 128;
/** More rows than this refused in one flush: something else than the rows is wrong. */
const MAX_DROPPED = 100;

/**
 * Counts in memory, added to the store's per-minute tally at every flush: never a write per request (design D9).
 *
 * @param onDropped told of each row that the database refuses by itself
 */
export function createTally(port: TallyPort, onDropped: (row: TallyRow, error: unknown) => void): Tally {
  let rows = new Map<string, TallyRow>();

  function add(key: TallyKey, counts: Partial<Counts>): void {
    const full = rows.size >= MAX_KEYS;
    const minute = Math.floor(key.at / MINUTE) * MINUTE;
    const role = full ? 'other' : storableText(key.role, MAX_ROLE_CHARACTERS);
    const queryId = full ? '' : key.queryId;
    const id = `${minute} ${key.source} ${queryId} ${key.ruleKey} ${role}`;
    const before = rows.get(id);
    rows.set(id, {
      minute,
      source: key.source,
      role,
      queryId,
      ruleKey: key.ruleKey,
      requests: (before?.requests ?? 0) + (counts.requests ?? 0),
      records: (before?.records ?? 0) + (counts.records ?? 0),
      anomalies: (before?.anomalies ?? 0) + (counts.anomalies ?? 0),
      errors: (before?.errors ?? 0) + (counts.errors ?? 0),
      evaluated: (before?.evaluated ?? 0) + (counts.evaluated ?? 0),
      enforced: (before?.enforced ?? 0) + (counts.enforced ?? 0),
      wouldEnforce: (before?.wouldEnforce ?? 0) + (counts.wouldEnforce ?? 0),
    });
  }

  return {
    add,
    async flush() {
      if (rows.size === 0) return;
      const flushed = rows;
      rows = new Map();
      const batches = [[...flushed.values()]];
      let dropped = 0;
      for (let batch = batches.pop(); batch; batch = batches.pop()) {
        try {
          await port.add(batch);
        } catch (error) {
          if (!port.isRefusal(error) || dropped >= MAX_DROPPED) {
            for (const { minute, ...row } of [batch, ...batches].flat()) add({ at: minute, ...row }, row);
            throw error;
          }
          const middle = batch.length >> 1;
          if (middle > 0) batches.push(batch.slice(0, middle), batch.slice(middle));
          else {
            dropped += 1;
            onDropped(batch[0] as TallyRow, error);
          }
        }
      }
    },
  };
}

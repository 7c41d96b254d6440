import type { Kysely } from 'kysely';
import type { TallyRow } from '../../core/services/ports/tally.ts';
import type { Codec } from './codec.ts';
import { insertOrMerge } from './dialect-statements.ts';
import type { Tables } from './tables.ts';

const ROWS_PER_STATEMENT = 200;

/** Adds counts to the per-minute tally; the caller gives the rows of one flush, each key once. */
export async function addToTally(kysely: Kysely<Tables>, codec: Codec, rows: readonly TallyRow[]): Promise<void> {
  for (let i = 0; i < rows.length; i += ROWS_PER_STATEMENT) {
    const chunk = rows.slice(i, i + ROWS_PER_STATEMENT).map((row) => ({
      minute: codec.instant(row.minute),
      source: row.source,
      role: row.role,
      query_id: row.queryId,
      rule_key: row.ruleKey,
      requests: row.requests,
      records: row.records,
      anomalies: row.anomalies,
      errors: row.errors,
      evaluated: row.evaluated,
      enforced: row.enforced,
      would_enforce: row.wouldEnforce,
    }));
    await insertOrMerge(kysely, 'traffic_metrics', chunk, ['minute', 'source', 'role', 'query_id', 'rule_key'], {
      add: ['requests', 'records', 'anomalies', 'errors', 'evaluated', 'enforced', 'would_enforce'],
    });
  }
}

import { type Kysely, sql } from 'kysely';
import type { TallyRow } from '../../core/services/ports.ts';
import type { Codec } from './codec.ts';
import type { Tables } from './tables.ts';

/** Adds counts to the per-minute tally; the caller gives the rows of one flush, each key once. */
export async function addToTally(kysely: Kysely<Tables>, codec: Codec, rows: readonly TallyRow[]): Promise<void> {
  for (let i = 0; i < rows.length; i += 200) {
    await kysely
      .insertInto('traffic_metrics')
      .values(
        rows.slice(i, i + 200).map((row) => ({
          minute: codec.instant(row.minute),
          source: row.source,
          role: row.role.slice(0, 128),
          query_id: row.queryId,
          rule_key: row.ruleKey,
          requests: row.requests,
          records: row.records,
          anomalies: row.anomalies,
          errors: row.errors,
          enforced: row.enforced,
          would_enforce: row.wouldEnforce,
        })),
      )
      .onConflict((conflict) =>
        conflict.columns(['minute', 'source', 'role', 'query_id', 'rule_key']).doUpdateSet({
          requests: sql<number>`traffic_metrics.requests + excluded.requests`,
          records: sql<number>`traffic_metrics.records + excluded.records`,
          anomalies: sql<number>`traffic_metrics.anomalies + excluded.anomalies`,
          errors: sql<number>`traffic_metrics.errors + excluded.errors`,
          enforced: sql<number>`traffic_metrics.enforced + excluded.enforced`,
          would_enforce: sql<number>`traffic_metrics.would_enforce + excluded.would_enforce`,
        }),
      )
      .execute();
  }
}

import type { Kysely } from 'kysely';
import type { RetentionCutoffs, RetentionKind, RetentionRepository } from '../../core/services/ports/retention.ts';
import type { Codec } from './codec.ts';
import type { Tables } from './tables.ts';

export function createRetentionRepository(
  kysely: Kysely<Tables>,
  codec: Codec,
  sampleSize: number,
): RetentionRepository {
  const steps = {
    requests: ({ log }, limit) =>
      idsThenDelete(
        'request_log',
        kysely.selectFrom('request_log').select('id').where('at', '<', codec.instant(log)).orderBy('at').limit(limit),
      ),
    traffic_counts: async ({ log }) => {
      const gone = await kysely
        .deleteFrom('traffic_metrics')
        .where('minute', '<', codec.instant(log))
        .executeTakeFirst();
      return Number(gone.numDeletedRows);
    },
    // What the analyst said about them, and the prompts, are kept as long as they are.
    anomalies: async ({ anomalies }, limit) =>
      (await oldRows('anomaly_analyses', anomalies, limit)) + (await oldRows('analyst_opinions', anomalies, limit)),
    baselines: ({ history }, limit) =>
      idsThenDelete(
        'historical_data',
        kysely
          .selectFrom('historical_data')
          .select('id')
          .where('last_updated', '<', codec.instant(history))
          .limit(limit),
      ),
    models: ({ models }, limit) =>
      idsThenDelete(
        'trained_models',
        kysely
          .selectFrom('trained_models')
          .select('id')
          .where('status', '!=', 'active')
          .where('last_updated', '<', codec.instant(models))
          .limit(limit),
      ),
    // Quarantined ones stay as long as the finding that somebody may call expected.
    samples: async ({ anomalies }, limit) => (await deleteQuarantined(anomalies, limit)) + (await sweepSamples(limit)),
    query_shapes: ({ log }, limit) => deleteUnusedShapes(log, limit),
  } satisfies Record<RetentionKind, (cutoffs: RetentionCutoffs, limit: number) => Promise<number>>;

  type Identified =
    | 'request_log'
    | 'anomaly_analyses'
    | 'analyst_opinions'
    | 'historical_data'
    | 'trained_models'
    | 'history_blocks';

  const oldRows = (table: 'anomaly_analyses' | 'analyst_opinions', before: number, limit: number): Promise<number> =>
    idsThenDelete(
      table,
      kysely
        .selectFrom(table)
        .select('id')
        .where('timestamp', '<', codec.instant(before))
        .orderBy('timestamp')
        .limit(limit),
    );

  /** Ids first: a delete with a limit of its own is not portable. */
  async function idsThenDelete(table: Identified, query: { execute(): Promise<{ id: string }[]> }): Promise<number> {
    const ids = (await query.execute()).map((row) => row.id);
    if (ids.length > 0) await kysely.deleteFrom(table).where('id', 'in', ids).execute();
    return ids.length;
  }

  const deleteQuarantined = (before: number, limit: number): Promise<number> =>
    idsThenDelete(
      'history_blocks',
      kysely
        .selectFrom('history_blocks')
        .select('id')
        .where('quarantined', '=', codec.flag(true))
        .where('at', '<', codec.instant(before))
        .limit(limit),
    );

  /**
   * Blocks that lost against the sample of both their rungs. The k-th best block bounds the sample of k records, since
   * every block holds at least one; a shape with fewer blocks keeps them all.
   */
  async function sweepSamples(limit: number): Promise<number> {
    const large = await kysely
      .selectFrom('history_blocks')
      .select(['shape_baseline_id', 'dataset_baseline_id'])
      .where('quarantined', '=', codec.flag(false))
      .groupBy(['shape_baseline_id', 'dataset_baseline_id'])
      .having((having) => having.fn.countAll(), '>', sampleSize)
      .limit(10)
      .execute();
    let swept = 0;
    for (const { shape_baseline_id: shape, dataset_baseline_id: dataset } of large) {
      const cut = Math.max(await cutOf('shape_baseline_id', shape), await cutOf('dataset_baseline_id', dataset));
      if (cut === Infinity) continue;
      swept += await idsThenDelete(
        'history_blocks',
        kysely
          .selectFrom('history_blocks')
          .select('id')
          .where('shape_baseline_id', '=', shape)
          .where('quarantined', '=', codec.flag(false))
          .where('best_priority', '>', cut)
          .limit(limit),
      );
    }
    return swept;
  }

  async function cutOf(column: 'shape_baseline_id' | 'dataset_baseline_id', id: string): Promise<number> {
    const row = await kysely
      .selectFrom('history_blocks')
      .select('best_priority')
      .where(column, '=', id)
      .where('quarantined', '=', codec.flag(false))
      .orderBy('best_priority')
      .offset(sampleSize - 1)
      .limit(1)
      .executeTakeFirst();
    return row?.best_priority ?? Infinity;
  }

  async function deleteUnusedShapes(before: number, limit: number): Promise<number> {
    const rows = await kysely
      .selectFrom('query_patterns as shape')
      .select('shape.query_id')
      .where('shape.created_at', '<', codec.instant(before))
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom('request_log').select('id').whereRef('request_log.query_id', '=', 'shape.query_id'))),
      )
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('anomaly_analyses').select('id').whereRef('anomaly_analyses.query_id', '=', 'shape.query_id'),
          ),
        ),
      )
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('historical_data').select('id').whereRef('historical_data.query_id', '=', 'shape.query_id'),
          ),
        ),
      )
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('analyst_opinions').select('id').whereRef('analyst_opinions.query_id', '=', 'shape.query_id'),
          ),
        ),
      )
      .limit(limit)
      .execute();
    const ids = rows.map((row) => row.query_id);
    if (ids.length > 0) await kysely.deleteFrom('query_patterns').where('query_id', 'in', ids).execute();
    return ids.length;
  }

  return {
    async deleteBefore(cutoffs, limit) {
      const counts = {} as Record<RetentionKind, number>;
      // Children before the shapes they point to.
      for (const [kind, step] of Object.entries(steps)) counts[kind as RetentionKind] = await step(cutoffs, limit);
      return counts;
    },
  };
}

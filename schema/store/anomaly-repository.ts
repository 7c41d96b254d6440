import type { Kysely, Selectable } from 'kysely';
import { formatInstant } from '../../core/domain/time.ts';
import type { AnomalyRepository, BaselineRepository, LabelPort, ReleasedRecords } from '../../core/services/ports.ts';
import type { Codec } from './codec.ts';
import type { Tables } from './tables.ts';

export function createAnomalyRepository(kysely: Kysely<Tables>, codec: Codec): AnomalyRepository {
  const instant = (raw: unknown) => (raw === null ? null : formatInstant(codec.readInstant(raw)));
  const published = ({ pattern: _pattern, ...row }: Selectable<Tables['anomaly_records']>) => ({
    ...row,
    timestamp: instant(row.timestamp),
    labelled_at: instant(row.labelled_at),
    acknowledged_at: instant(row.acknowledged_at),
  });
  return {
    async row(id) {
      const row = await kysely.selectFrom('anomaly_records').selectAll().where('id', '=', id).executeTakeFirst();
      return row && published(row);
    },
    async rowsOf(observationId) {
      const rows = await kysely
        .selectFrom('anomaly_records')
        .innerJoin('anomaly_analyses', 'anomaly_analyses.id', 'anomaly_records.analysis_id')
        .selectAll('anomaly_records')
        .where('anomaly_analyses.observation_id', '=', observationId)
        .orderBy('anomaly_records.id')
        .execute();
      return rows.map(published);
    },
    fieldRows: (id) =>
      kysely.selectFrom('anomaly_fields').selectAll().where('record_id', '=', id).orderBy('rank').execute(),
    async giveFeedback(id, { label, acknowledgement, note }) {
      const changes = {
        ...(label && { label: label.value, labelled_by: label.by.slice(0, 191), labelled_at: codec.instant(label.at) }),
        ...(acknowledgement && {
          acknowledged_by: acknowledgement.by.slice(0, 191),
          acknowledged_at: codec.instant(acknowledgement.at),
        }),
        ...(note !== undefined && note !== null && { note }),
      };
      if (Object.keys(changes).length === 0) return;
      await kysely.updateTable('anomaly_records').set(changes).where('id', '=', id).execute();
    },
    async releaseQuarantine(id) {
      const blocks = await kysely
        .selectFrom('anomaly_records')
        .innerJoin('anomaly_analyses', 'anomaly_analyses.id', 'anomaly_records.analysis_id')
        .innerJoin('history_blocks', 'history_blocks.observation_id', 'anomaly_analyses.observation_id')
        .innerJoin('historical_data', 'historical_data.id', 'history_blocks.dataset_baseline_id')
        .select([
          'history_blocks.id',
          'history_blocks.record_count',
          'history_blocks.shape_baseline_id',
          'history_blocks.dataset_baseline_id',
        ])
        .where('anomaly_records.id', '=', id)
        .whereRef('historical_data.dataset', '=', 'anomaly_records.dataset')
        .where('history_blocks.quarantined', '=', codec.flag(true))
        .execute();
      if (blocks.length === 0) return [];
      await kysely
        .updateTable('history_blocks')
        .set({ quarantined: codec.flag(false) })
        .where(
          'id',
          'in',
          blocks.map((block) => block.id),
        )
        .execute();
      const counts = new Map<string, number>();
      for (const block of blocks) {
        for (const baseline of [block.shape_baseline_id, block.dataset_baseline_id])
          counts.set(baseline, (counts.get(baseline) ?? 0) + block.record_count);
      }
      return countAsLearnt(kysely, counts);
    },
  };
}

/** Adds to the counts of baselines, in one order of keys for all instances. */
async function countAsLearnt(
  kysely: Kysely<Tables>,
  counts: ReadonlyMap<string, number>,
): Promise<readonly ReleasedRecords[]> {
  const baselines = await kysely
    .selectFrom('historical_data')
    .select(['id', 'baseline_key'])
    .where('id', 'in', [...counts.keys()])
    .orderBy('baseline_key')
    .execute();
  const released: ReleasedRecords[] = [];
  for (const { id, baseline_key: baselineKey } of baselines) {
    const records = counts.get(id) ?? 0;
    await kysely
      .updateTable('historical_data')
      .set((row) => ({ record_count: row('record_count', '+', records) }))
      .where('id', '=', id)
      .execute();
    released.push({ baselineKey, records });
  }
  return released;
}

export function createLabelPort(kysely: Kysely<Tables>): LabelPort {
  return {
    async latest(limit) {
      const rows = await kysely
        .selectFrom('anomaly_records')
        .select(['pattern', 'label'])
        .where('labelled_at', 'is not', null)
        .orderBy('labelled_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.flatMap(({ pattern, label }) =>
        pattern === null || (label !== 'confirmed' && label !== 'expected') ? [] : [{ pattern, label }],
      );
    },
  };
}

export function createBaselineRepository(kysely: Kysely<Tables>): BaselineRepository {
  return {
    async clearHistory(query) {
      const ids =
        'queryId' in query
          ? [query.queryId as string]
          : (
              await kysely
                .selectFrom('query_patterns')
                .select('query_id')
                .where('query_hash', '=', query.queryHash)
                .execute()
            ).map((row) => row.query_id);
      if (ids.length === 0) return 0;
      const known = await kysely
        .selectFrom('historical_data')
        .select('record_count')
        .where('query_id', 'in', ids)
        .execute();
      // Samples and models go with their baseline (on delete cascade).
      await kysely.deleteFrom('historical_data').where('query_id', 'in', ids).execute();
      return known.reduce((sum, baseline) => sum + baseline.record_count, 0);
    },
  };
}

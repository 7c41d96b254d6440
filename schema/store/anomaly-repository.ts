import type { Kysely, Selectable } from 'kysely';
import { formatInstant } from '../../core/domain/time.ts';
import type { AnomalyRepository, BaselineRepository } from '../../core/services/ports.ts';
import type { Codec } from './codec.ts';
import type { Tables } from './tables.ts';

export function createAnomalyRepository(kysely: Kysely<Tables>, codec: Codec): AnomalyRepository {
  const instant = (raw: unknown) => (raw === null ? null : formatInstant(codec.readInstant(raw)));
  const published = (row: Selectable<Tables['anomaly_records']>) => ({
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
      const record = await kysely
        .selectFrom('anomaly_records')
        .innerJoin('anomaly_analyses', 'anomaly_analyses.id', 'anomaly_records.analysis_id')
        .select('anomaly_analyses.observation_id')
        .where('anomaly_records.id', '=', id)
        .executeTakeFirst();
      if (!record) return 0;
      const blocks = await kysely
        .selectFrom('history_blocks')
        .select(['id', 'record_count'])
        .where('observation_id', '=', record.observation_id)
        .where('quarantined', '=', codec.flag(true))
        .execute();
      if (blocks.length === 0) return 0;
      const ids = blocks.map((block) => block.id);
      await kysely
        .updateTable('history_blocks')
        .set({ quarantined: codec.flag(false) })
        .where('id', 'in', ids)
        .execute();
      return blocks.reduce((sum, block) => sum + block.record_count, 0);
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

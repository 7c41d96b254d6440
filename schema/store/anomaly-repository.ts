import type { Kysely, Selectable } from 'kysely';
import { formatInstant } from '../../core/domain/time.ts';
import type {
  AnomalyRepository,
  BaselineRepository,
  LabelPort,
  MovedRecords,
  RecurrencePort,
} from '../../core/services/ports/anomalies.ts';
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
      const blocks = await blocksOfFindings(kysely)
        .where('anomaly_records.id', '=', id)
        .where('history_blocks.quarantined', '=', codec.flag(true))
        .execute();
      return moveBlocks(kysely, blocks, { quarantined: codec.flag(false), released_by: id }, 1);
    },
    async withdrawReleased(id) {
      const finding = await kysely
        .selectFrom('anomaly_records')
        .select('pattern')
        .where('id', '=', id)
        .executeTakeFirst();
      if (!finding || finding.pattern === null) return [];
      const blocks = await blocksOfFindings(kysely)
        .where('anomaly_records.pattern', '=', finding.pattern)
        .whereRef('history_blocks.released_by', '=', 'anomaly_records.id')
        .execute();
      return moveBlocks(kysely, blocks, { quarantined: codec.flag(true), released_by: null }, -1);
    },
  };
}

/** Blocks of the observations in which findings about data were made, those of the finding's dataset. */
const blocksOfFindings = (kysely: Kysely<Tables>) =>
  kysely
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
    .whereRef('historical_data.dataset', '=', 'anomaly_records.dataset');

interface MovedBlock {
  readonly id: string;
  readonly record_count: number;
  readonly shape_baseline_id: string;
  readonly dataset_baseline_id: string;
}

/** Marks blocks as given and adds their records to the counts of both baselines, or (`sign` −1) takes them away. */
async function moveBlocks(
  kysely: Kysely<Tables>,
  blocks: readonly MovedBlock[],
  state: { readonly quarantined: boolean; readonly released_by: string | null },
  sign: 1 | -1,
): Promise<readonly MovedRecords[]> {
  if (blocks.length === 0) return [];
  await kysely
    .updateTable('history_blocks')
    .set(state)
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
  // In one order of keys for all instances.
  const baselines = await kysely
    .selectFrom('historical_data')
    .select(['id', 'baseline_key'])
    .where('id', 'in', [...counts.keys()])
    .orderBy('baseline_key')
    .execute();
  const moved: MovedRecords[] = [];
  for (const { id, baseline_key: baselineKey } of baselines) {
    const records = counts.get(id) ?? 0;
    await kysely
      .updateTable('historical_data')
      .set((row) => ({ record_count: row('record_count', '+', sign * records) }))
      .where('id', '=', id)
      .execute();
    moved.push({ baselineId: id, baselineKey, records });
  }
  return moved;
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

export function createRecurrencePort(kysely: Kysely<Tables>, codec: Codec): RecurrencePort {
  return {
    async spansOf(patterns, since) {
      const rows = await kysely
        .selectFrom('anomaly_records')
        .select((select) => ['pattern', select.fn.min('timestamp').as('first'), select.fn.max('timestamp').as('last')])
        .where('pattern', 'in', patterns)
        .where('timestamp', '>=', codec.instant(since))
        .groupBy('pattern')
        .execute();
      return new Map(
        rows.map(({ pattern, first, last }) => [
          pattern as string,
          { first: codec.readInstant(first), last: codec.readInstant(last) },
        ]),
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

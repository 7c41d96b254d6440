import type { Kysely, Selectable } from 'kysely';
import type { OperationType, QueryId, QueryShape } from '../../core/domain/query-shape.ts';
import type { HistoryRecord, KnownBaseline, QueryPort } from '../../core/services/ports/queries.ts';
import type { Codec } from './codec.ts';
import type { StoredBlock } from './history-window.ts';
import type { Tables } from './tables.ts';

export function createQueryPort(kysely: Kysely<Tables>, codec: Codec): QueryPort {
  return {
    async find(query) {
      const patterns = kysely.selectFrom('query_patterns').selectAll();
      const found =
        'queryId' in query
          ? patterns.where('query_id', '=', query.queryId)
          : patterns.where('query_hash', '=', query.queryHash);
      const row = await found.orderBy('created_at', 'desc').executeTakeFirst();
      return row && { queryHash: row.query_hash, operationName: row.operation_name, shape: shapeFrom(row, codec) };
    },

    async baselines(queryId) {
      const rows = await kysely
        .selectFrom('historical_data')
        .leftJoin('trained_models', (join) =>
          join
            .onRef('trained_models.baseline_id', '=', 'historical_data.id')
            .on('trained_models.status', '=', 'active'),
        )
        .select([
          'historical_data.dataset as dataset',
          'historical_data.scope as scope',
          'historical_data.record_count as record_count',
          'trained_models.version as version',
          'trained_models.features_count as features',
          'trained_models.records_count as records',
          'trained_models.created_at as trained_at',
        ])
        .where('historical_data.query_id', '=', queryId)
        .orderBy('historical_data.record_count', 'desc')
        .execute();
      return rows.map((row): KnownBaseline => ({
        dataset: row.dataset,
        scope: row.scope,
        recordCount: row.record_count,
        model:
          row.version === null
            ? null
            : {
                version: row.version,
                features: row.features ?? 0,
                records: row.records ?? 0,
                trainedAt: codec.readInstant(row.trained_at),
              },
      }));
    },

    async history(queryId, { limit, offset }) {
      const blocks = await kysely
        .selectFrom('history_blocks')
        .innerJoin('historical_data', 'historical_data.id', 'history_blocks.shape_baseline_id')
        .select(['history_blocks.at as at', 'history_blocks.records as records', 'history_blocks.raw as raw'])
        .where('historical_data.query_id', '=', queryId)
        .where('history_blocks.quarantined', '=', codec.flag(false))
        .orderBy('history_blocks.at', 'desc')
        .orderBy('history_blocks.id', 'desc')
        // Every block holds at least one record: these blocks are enough for the page.
        .limit(limit + offset)
        .execute();
      const records = blocks.flatMap((block) => recordsOf(block, codec));
      return records.slice(offset, offset + limit);
    },
  };
}

function recordsOf(block: { at: unknown; records: unknown; raw: unknown }, codec: Codec): HistoryRecord[] {
  const at = codec.readInstant(block.at);
  const raw = codec.readJson(block.raw) as unknown[] | null;
  if (raw !== null) return raw.map((data) => ({ data, at }));
  const { columns, records } = codec.readJson(block.records) as StoredBlock['records'];
  return records.map(([, ...features]) => ({
    data: Object.fromEntries(columns.map((path, index) => [path, features[index]])),
    at,
  }));
}

/** The shape as it was when its row was written. */
export function shapeFrom(row: Selectable<Tables['query_patterns']>, codec: Codec): QueryShape {
  const rootFields = codec.readJson(row.root_fields) as string[];
  return {
    id: row.query_id as QueryId,
    text: row.query_text,
    operationType: row.operation_type as OperationType,
    rootFields,
    fields: codec.readJson(row.fields) as string[],
    features: {
      queryLength: row.query_length,
      depth: row.depth,
      fields: row.field_count,
      arguments: row.argument_count,
      variables: row.variable_count,
      aliases: row.alias_count,
      rootFields: rootFields.length,
      hasPagination: codec.readFlag(row.has_pagination),
      hasFiltering: codec.readFlag(row.has_filtering),
      hasSorting: codec.readFlag(row.has_sorting),
      introspection: codec.readFlag(row.introspection),
      complexityScore: row.complexity_score,
    },
  };
}

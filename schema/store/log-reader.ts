import type { Kysely } from 'kysely';
import type { LoggedObservation, LogPort } from '../../core/services/ports.ts';
import type { QueryId, Source } from '../../core/domain/query-shape.ts';
import type { Codec } from './codec.ts';
import type { Tables } from './tables.ts';

/** Hooks that see a response; pre-parse and pre-ndc-request rows are refusals. */
const OBSERVING = ['pre-response', 'pre-ndc-response', 'rest'] as const;

export function createLogPort(kysely: Kysely<Tables>, codec: Codec): LogPort {
  return {
    async recent(limit) {
      const rows = await kysely
        .selectFrom('request_log')
        .select(['at', 'source', 'role', 'user_id', 'query_id', 'record_count', 'anomalous'])
        .where('hook', 'in', OBSERVING)
        .where('verdict', '=', 'allowed')
        .orderBy('at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      const shapes = await loadShapes(kysely, codec, new Set(rows.map((row) => row.query_id)));
      return rows.reverse().flatMap((row): LoggedObservation[] => {
        const shape = shapes.get(row.query_id);
        if (!shape) return [];
        return [
          {
            ...shape,
            at: codec.readInstant(row.at),
            source: row.source as Source,
            role: row.role,
            userId: row.user_id,
            records: row.record_count,
            anomalous: codec.readFlag(row.anomalous),
          },
        ];
      });
    },
  };
}

type Shape = Pick<LoggedObservation, 'queryId' | 'rootFields' | 'fields' | 'features'>;

async function loadShapes(kysely: Kysely<Tables>, codec: Codec, ids: ReadonlySet<string>): Promise<Map<string, Shape>> {
  const shapes = new Map<string, Shape>();
  const wanted = [...ids];
  for (let i = 0; i < wanted.length; i += 500) {
    const rows = await kysely.selectFrom('query_patterns').selectAll().where('query_id', 'in', wanted.slice(i, i + 500)).execute();
    for (const row of rows) {
      shapes.set(row.query_id, {
        queryId: row.query_id as QueryId,
        rootFields: codec.readJson(row.root_fields) as string[],
        fields: codec.readJson(row.fields) as string[],
        features: {
          queryLength: row.query_length,
          depth: row.depth,
          fields: row.field_count,
          arguments: row.argument_count,
          variables: row.variable_count,
          aliases: row.alias_count,
          rootFields: (codec.readJson(row.root_fields) as string[]).length,
          hasPagination: codec.readFlag(row.has_pagination),
          hasFiltering: codec.readFlag(row.has_filtering),
          hasSorting: codec.readFlag(row.has_sorting),
          introspection: codec.readFlag(row.introspection),
          complexityScore: row.complexity_score,
        },
      });
    }
  }
  return shapes;
}

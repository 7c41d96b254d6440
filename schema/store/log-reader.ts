import type { Kysely } from 'kysely';
import type { LoggedRequest } from '../../core/detection/patterns/logged-request.ts';
import type { FindingKind } from '../../core/domain/finding.ts';
import type { Source } from '../../core/domain/query-shape.ts';
import type { LogPort } from '../../core/services/ports/request-log.ts';
import type { Codec } from './codec.ts';
import { shapeFrom } from './query-repository.ts';
import type { Tables } from './tables.ts';

/** Hooks that see a response; pre-parse and pre-ndc-request rows are refusals. */
const OBSERVING = ['pre-response', 'pre-ndc-response', 'rest'] as const;

export function createLogPort(kysely: Kysely<Tables>, codec: Codec): LogPort {
  return {
    async recent(limit) {
      const rows = await kysely
        .selectFrom('request_log')
        .select(['id', 'at', 'source', 'role', 'user_id', 'query_id', 'record_count', 'new_entities', 'anomalous'])
        .where('hook', 'in', OBSERVING)
        .where('verdict', '=', 'allowed')
        .orderBy('at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      const shapes = await loadShapes(kysely, codec, new Set(rows.map((row) => row.query_id)));
      const flagged = await loadFlags(
        kysely,
        rows.filter((row) => codec.readFlag(row.anomalous)).map((row) => row.id),
      );
      return rows.reverse().flatMap((row): LoggedRequest[] => {
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
            ...(row.new_entities !== null && { newEntities: row.new_entities }),
            flagged: flagged.get(row.id) ?? [],
          },
        ];
      });
    },
  };
}

type Shape = Pick<LoggedRequest, 'queryId' | 'rootFields' | 'fields' | 'features'>;

/** Kinds each observation was flagged for. */
async function loadFlags(
  kysely: Kysely<Tables>,
  observationIds: readonly string[],
): Promise<Map<string, FindingKind[]>> {
  const flags = new Map<string, FindingKind[]>();
  for (const ids of chunksOf(observationIds)) {
    const rows = await kysely
      .selectFrom('anomaly_analyses')
      .innerJoin('anomaly_records', 'anomaly_records.analysis_id', 'anomaly_analyses.id')
      .select(['anomaly_analyses.observation_id as observation', 'anomaly_records.kind as kind'])
      .where('anomaly_analyses.observation_id', 'in', ids)
      // What was labelled expected teaches, and so does its like.
      .where((where) =>
        where.not(
          where.exists(
            where
              .selectFrom('anomaly_records as labelled')
              .select('labelled.id')
              .whereRef('labelled.pattern', '=', 'anomaly_records.pattern')
              .where('labelled.labelled_at', 'is not', null)
              .where('labelled.label', '=', 'expected'),
          ),
        ),
      )
      .execute();
    for (const { observation, kind } of rows) {
      flags.set(observation, [...(flags.get(observation) ?? []), kind as FindingKind]);
    }
  }
  return flags;
}

async function loadShapes(kysely: Kysely<Tables>, codec: Codec, ids: ReadonlySet<string>): Promise<Map<string, Shape>> {
  const shapes = new Map<string, Shape>();
  for (const chunk of chunksOf([...ids])) {
    const rows = await kysely.selectFrom('query_patterns').selectAll().where('query_id', 'in', chunk).execute();
    for (const row of rows) {
      const { rootFields, fields, features } = shapeFrom(row, codec);
      shapes.set(row.query_id, { queryId: row.query_id, rootFields, fields, features });
    }
  }
  return shapes;
}

const IDS_PER_STATEMENT = 500;

function chunksOf(ids: readonly string[]): string[][] {
  const chunks: string[][] = [];
  for (let i = 0; i < ids.length; i += IDS_PER_STATEMENT) chunks.push(ids.slice(i, i + IDS_PER_STATEMENT));
  return chunks;
}

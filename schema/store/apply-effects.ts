import type { Kysely } from 'kysely';
import type { Effects } from '../../core/domain/effects.ts';
import type { Finding, SeenKey } from '../../core/domain/finding.ts';
import { allFindings } from '../../core/domain/analysis.ts';
import { storableText } from '../../core/domain/text.ts';
import type { Codec } from './codec.ts';
import { insertNew, insertOrMerge } from './dialect-statements.ts';
import { analysisRows, historicalDataRow, historyBlockRows, queryPatternRow, requestLogRow } from './effect-rows.ts';
import { runInsert } from './insert-text.ts';
import type { Tables } from './tables.ts';

/** Statements stay below every dialect's limit of bound parameters. */
const ROWS_PER_STATEMENT = 200;
/** And below the 16 MiB that MariaDB takes by default (max_allowed_packet), whatever of it is escaped or not ASCII. */
const CHARACTERS_PER_STATEMENT = 3 * 1024 * 1024;

/**
 * Applies a batch inside an open transaction and returns the ids of the observations that were new. Tables and keys
 * are touched in one fixed order, so that two instances hardly ever deadlock each other: InnoDB locks gaps between keys, too.
 */
export async function applyEffects(
  kysely: Kysely<Tables>,
  codec: Codec,
  batch: readonly Effects[],
  knownShapes: ReadonlySet<string>,
): Promise<Set<string>> {
  await insertShapes(kysely, codec, batch, knownShapes);
  const fresh = await insertLog(kysely, codec, batch);
  const news = batch.filter((effects) => fresh.has(effects.observation.id));
  const holds = await claimFirstSeen(kysely, codec, news);
  await teach(kysely, codec, news);
  await insertAnalyses(kysely, codec, news, holds);
  return fresh;
}

async function insertShapes(
  kysely: Kysely<Tables>,
  codec: Codec,
  batch: readonly Effects[],
  known: ReadonlySet<string>,
): Promise<void> {
  const rows = new Map<string, ReturnType<typeof queryPatternRow>>();
  for (const { observation } of batch) {
    if (!known.has(observation.shape.id)) rows.set(observation.shape.id, queryPatternRow(observation, codec));
  }
  const sorted = [...rows.values()].sort((a, b) => compare(a.query_id, b.query_id));
  for (const chunk of chunksOf(sorted)) await insertNew(kysely, 'query_patterns', chunk, ['query_id']);
}

/** A delivery key that is already there makes the whole observation a duplicate. */
async function insertLog(kysely: Kysely<Tables>, codec: Codec, batch: readonly Effects[]): Promise<Set<string>> {
  const byKey = new Map(batch.map((effects) => [effects.observation.deliveryKey, effects]));
  const rows = [...byKey.values()].map((effects) => requestLogRow(effects, codec));
  rows.sort((a, b) => compare(a.delivery_key, b.delivery_key));
  const fresh = new Set<string>();
  for (const chunk of chunksOf(rows)) {
    for (const { id } of await insertNew(kysely, 'request_log', chunk, ['delivery_key'])) fresh.add(id);
  }
  return fresh;
}

/** Inserts what is seen for the first time; a finding whose key was there already does not hold. */
async function claimFirstSeen(
  kysely: Kysely<Tables>,
  codec: Codec,
  batch: readonly Effects[],
): Promise<(finding: Finding) => boolean> {
  const claims = new Map<string, { key: SeenKey; at: number; finding: Finding }>();
  for (const { analysis, observation } of batch) {
    if (!analysis) continue;
    for (const finding of allFindings(analysis)) {
      if (!finding.firstSeen) continue;
      const id = seenId(finding.firstSeen);
      if (!claims.has(id)) claims.set(id, { key: finding.firstSeen, at: observation.at, finding });
    }
  }
  if (claims.size === 0) return () => true;
  const rows = [...claims.entries()]
    .sort(([a], [b]) => compare(a, b))
    .map(([, { key, at }]) => ({ ...storedKey(key), first_seen_at: codec.instant(at) }));
  const won = new Set<Finding>();
  for (const chunk of chunksOf(rows)) {
    for (const key of await insertNew(kysely, 'seen_keys', chunk, ['kind', 'scope', 'value']))
      won.add((claims.get(seenId(key)) as { finding: Finding }).finding);
  }
  return (finding) => finding.firstSeen === undefined || won.has(finding);
}

const storedKey = (key: SeenKey): SeenKey => ({
  kind: storableText(key.kind, 32),
  scope: storableText(key.scope, 191),
  value: storableText(key.value, 191),
});

const seenId = (key: SeenKey): string => JSON.stringify(Object.values(storedKey(key)));

async function teach(kysely: Kysely<Tables>, codec: Codec, batch: readonly Effects[]): Promise<void> {
  const baselines = new Map<string, ReturnType<typeof historicalDataRow>>();
  const blocks: ReturnType<typeof historyBlockRows> = [];
  for (const { observation, lessons } of batch) {
    for (const lesson of lessons) {
      for (const baseline of [lesson.ladder.shape, lesson.ladder.dataset]) {
        const row = historicalDataRow(baseline, lesson, observation.at, codec);
        const sum = baselines.get(row.id);
        if (sum) row.record_count += sum.record_count;
        baselines.set(row.id, row);
      }
      blocks.push(...historyBlockRows(lesson, observation, codec));
    }
  }
  const rows = [...baselines.values()].sort((a, b) => compare(a.baseline_key, b.baseline_key));
  for (const chunk of chunksOf(rows)) {
    await insertOrMerge(kysely, 'historical_data', chunk, ['baseline_key'], {
      add: ['record_count'],
      replace: ['last_updated'],
    });
  }
  for (const chunk of chunksOf(blocks, blockSize)) {
    await runInsert(kysely as never, 'history_blocks', chunk, () => kysely.insertInto('history_blocks').values(chunk));
  }
}

async function insertAnalyses(
  kysely: Kysely<Tables>,
  codec: Codec,
  batch: readonly Effects[],
  holds: (finding: Finding) => boolean,
): Promise<void> {
  const parts = batch.flatMap(({ analysis }) => (analysis ? analysisRows(analysis, codec, holds) : []));
  if (parts.length === 0) return;
  for (const chunk of chunksOf(parts.map((part) => part.analysis)))
    await kysely.insertInto('anomaly_analyses').values(chunk).execute();
  for (const chunk of chunksOf(parts.flatMap((part) => part.records)))
    await kysely.insertInto('anomaly_records').values(chunk).execute();
  for (const chunk of chunksOf(parts.flatMap((part) => part.fields)))
    await kysely.insertInto('anomaly_fields').values(chunk).execute();
  for (const chunk of chunksOf(parts.flatMap((part) => part.statistics)))
    await kysely.insertInto('field_statistics').values(chunk).execute();
  for (const chunk of chunksOf(parts.flatMap((part) => part.recommendations)))
    await kysely.insertInto('recommendations').values(chunk).execute();
}

function chunksOf<T>(rows: readonly T[], sizeOf: (row: T) => number = () => 0): T[][] {
  const chunks: T[][] = [];
  let size = 0;
  for (const row of rows) {
    size += sizeOf(row);
    const last = chunks.at(-1);
    if (last && last.length < ROWS_PER_STATEMENT && size <= CHARACTERS_PER_STATEMENT) last.push(row);
    else {
      chunks.push([row]);
      size = sizeOf(row);
    }
  }
  return chunks;
}

/** Both are text by now, see `Codec.json`. */
const blockSize = ({ records, raw }: { records: unknown; raw: unknown }): number =>
  (records as string).length + ((raw as string | null)?.length ?? 0);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

import type { Kysely } from 'kysely';
import { findingsOf } from '../../core/analyst/opinion.ts';
import type { AnalystOpinion } from '../../core/domain/analyst-opinion.ts';
import { type Finding, FINDING_KINDS, type FindingKind } from '../../core/domain/finding.ts';
import { uuidv7 } from '../../core/domain/ids.ts';
import type { QueryId } from '../../core/domain/query-shape.ts';
import { type Severity, severityRank } from '../../core/domain/severity.ts';
import { DAY, type Instant } from '../../core/domain/time.ts';
import type { AnalystStatus, AnalystStore, AskedQuestion } from '../../core/services/analyst-ports.ts';
import { type Codec, CODECS } from './codec.ts';
import type { Database } from './database.ts';
import { insertOrMerge } from './dialect-statements.ts';
import type { Tables } from './tables.ts';

type AskedObservation = AskedQuestion['observations'][number];

const RISK_LEVEL: Record<Severity, string> = { low: 'LOW', medium: 'MEDIUM', high: 'HIGH', critical: 'HIGH' };
/** A process that wrote no state for this long is gone. */
const STATUS_KEPT_MS = DAY;
/** Spending and earlier questions are read back up to here; budgets keep the true number far below. */
const MAX_ROWS = 10_000;

/** @param instance name of this process in `analyst_status`. */
export function createAnalystStore(database: Database, instance: string): AnalystStore {
  const { kysely } = database;
  const codec: Codec = CODECS[database.dialect];

  return {
    save: (asked) =>
      database.fork().transactional(async (em) => {
        const tx = em.getKysely<Tables>();
        await tx.insertInto('analyst_opinions').values(opinionRow(asked, codec)).execute();
        if (asked.opinion) await insertFindings(tx, codec, asked, asked.opinion);
      }),

    async saveStatus(status, now) {
      const row = statusRow(status, now, codec);
      const old = codec.instant(now - STATUS_KEPT_MS);
      await kysely.deleteFrom('analyst_status').where('updated_at', '<', old).execute();
      await insertOrMerge(kysely, 'analyst_status', [{ instance: instance.slice(0, 100), ...row }], ['instance'], {
        replace: Object.keys(row) as (keyof typeof row)[],
      });
    },

    async spendingSince(at) {
      const rows = await kysely
        .selectFrom('analyst_opinions')
        .select(['id', 'timestamp', 'input_tokens', 'output_tokens', 'cache_write_tokens', 'cache_read_tokens', 'cost'])
        .where('timestamp', '>', codec.instant(at))
        .orderBy('timestamp', 'desc')
        .limit(MAX_ROWS)
        .execute();
      return rows.map((row) => ({
        id: row.id,
        at: codec.readInstant(row.timestamp),
        tokens: row.input_tokens + row.output_tokens + row.cache_write_tokens + row.cache_read_tokens,
        cost: row.cost ?? 0,
      }));
    },

    async askedSince(at) {
      const rows = await kysely
        .selectFrom('analyst_opinions')
        .select(['query_id', 'kinds', 'timestamp'])
        .where('timestamp', '>', codec.instant(at))
        .where('status', '=', 'answered')
        .orderBy('timestamp', 'desc')
        .limit(MAX_ROWS)
        .execute();
      return rows.map((row) => ({
        subject: { queryId: row.query_id as QueryId, kinds: codec.readJson(row.kinds) as FindingKind[] },
        at: codec.readInstant(row.timestamp),
      }));
    },

    async latestOpinion(queryId, since) {
      const row = await kysely
        .selectFrom('analyst_opinions')
        .select('opinion')
        .where('query_id', '=', queryId)
        .where('timestamp', '>', codec.instant(since))
        .where('status', '=', 'answered')
        .orderBy('timestamp', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row ? (codec.readJson(row.opinion) as AnalystOpinion) : undefined;
    },

    async labelledFindings(queryId, limit) {
      const records = await kysely
        .selectFrom('anomaly_records')
        .innerJoin('anomaly_analyses', 'anomaly_analyses.id', 'anomaly_records.analysis_id')
        .select(['anomaly_records.id', 'kind', 'severity', 'label', 'anomaly_records.dataset as about'])
        .where('anomaly_analyses.query_id', '=', queryId)
        .where('label', 'is not', null)
        .orderBy('labelled_at', 'desc')
        .limit(limit)
        .execute();
      if (records.length === 0) return [];
      const fields = await kysely
        .selectFrom('anomaly_fields')
        .select(['record_id', 'field_name'])
        .where(
          'record_id',
          'in',
          records.map(({ id }) => id),
        )
        .orderBy('rank')
        .execute();
      const byRecord = Map.groupBy(fields, (field) => field.record_id);
      return records.map(({ id, kind, severity, label, about }) => ({
        kind,
        severity,
        dataset: about,
        label: label as 'confirmed' | 'expected',
        fields: (byRecord.get(id) ?? []).map((field) => field.field_name),
      }));
    },
  };
}

function opinionRow(asked: AskedQuestion, codec: Codec) {
  const { opinion, usage } = asked;
  const first = asked.observations[0] as AskedObservation;
  return {
    id: asked.id,
    timestamp: codec.instant(asked.at),
    query_id: asked.subject.queryId,
    observation_id: first.id,
    role: first.observation.principal.role.slice(0, 191),
    reason: asked.reason,
    kinds: codec.json(asked.subject.kinds),
    status: asked.status,
    message: asked.message,
    anomalies_detected: opinion && codec.flag(opinion.anomaliesDetected),
    typical: opinion && codec.flag(opinion.queryPattern.typical),
    summary: opinion?.summary ?? null,
    opinion: opinion && codec.json<unknown>(opinion),
    draft_condition: opinion?.draftRule?.condition ?? null,
    draft_refused: opinion?.draftRule?.refused ?? null,
    draft_alert: opinion?.draftAlert ? codec.json<unknown>(opinion.draftAlert) : null,
    model: asked.model.slice(0, 100),
    prompt_version: asked.promptVersion,
    prompt_system: asked.system,
    prompt: asked.user,
    estimated_tokens: asked.estimatedTokens,
    input_tokens: usage.input,
    output_tokens: usage.output,
    cache_write_tokens: usage.cacheWrite,
    cache_read_tokens: usage.cacheRead,
    cost: asked.cost,
    latency_ms: asked.latencyMs,
    provider_request_id: asked.requestId?.slice(0, 100) ?? null,
  };
}

function statusRow(status: AnalystStatus, now: Instant, codec: Codec) {
  return {
    state: status.state,
    since: codec.instant(status.since),
    updated_at: codec.instant(now),
    model: status.model?.slice(0, 100) ?? null,
    prompt_version: status.promptVersion,
    queue_length: status.queueLength,
    calls_running: status.callsRunning,
    tokens_last_hour: status.tokensLastHour,
    tokens_last_day: status.tokensLastDay,
    cost_last_day: status.costLastDay,
    tokens_per_hour: status.tokensPerHour,
    tokens_per_day: status.tokensPerDay,
    cost_per_day: status.costPerDay,
    last_call_at: codec.instantOrNull(status.lastCallAt),
    last_fault: status.lastFault,
    last_fault_message: status.lastFaultMessage,
    retry_at: codec.instantOrNull(status.retryAt),
  };
}

/** What the opinion says, beside what statistics found: in their analysis of the same part, or in one of its own. */
async function insertFindings(
  tx: Kysely<Tables>,
  codec: Codec,
  asked: AskedQuestion,
  opinion: AnalystOpinion,
): Promise<void> {
  for (const [position, observed] of asked.observations.entries()) {
    // What is said about the query as such stands once, with the first of the requests.
    const findings = findingsOf(opinion, observed.id).filter(
      ({ subject }) => position === 0 || subject.kind === 'record',
    );
    const parts = Map.groupBy(findings, ({ subject }) => ('dataset' in subject ? subject.dataset : null));
    let advised = position > 0;
    for (const [dataset, own] of parts) {
      const analysisId = await analysisOf(tx, codec, observed, dataset);
      await tx
        .insertInto('anomaly_records')
        .values(own.map((finding) => recordRow(finding, analysisId, observed, opinion.at, codec)))
        .execute();
      if (advised || opinion.queryPattern.recommendations.length === 0) continue;
      advised = true;
      const advice = opinion.queryPattern.recommendations.map((description) => ({
        id: uuidv7(opinion.at),
        analysis_id: analysisId,
        description,
      }));
      await tx.insertInto('recommendations').values(advice).execute();
    }
  }
}

async function analysisOf(
  tx: Kysely<Tables>,
  codec: Codec,
  observed: AskedObservation,
  dataset: string | null,
): Promise<string> {
  const stored = dataset === null ? null : dataset.slice(0, 255);
  const found = await tx
    .selectFrom('anomaly_analyses')
    .select('id')
    .where('observation_id', '=', observed.id)
    .where('dataset', stored === null ? 'is' : '=', stored)
    .executeTakeFirst();
  if (found) return found.id;
  const row = analysisRow(observed, stored, codec);
  await tx.insertInto('anomaly_analyses').values(row).execute();
  return row.id;
}

/** An analysis in which statistics found nothing and the model did: the verdict at the configured rate stays no. */
function analysisRow({ observation, recordCounts }: AskedObservation, dataset: string | null, codec: Codec) {
  const counts = [...recordCounts.values()];
  return {
    id: uuidv7(observation.receivedAt),
    observation_id: observation.id,
    timestamp: codec.instant(observation.at),
    query_id: observation.shape.id,
    query_hash: observation.queryHash,
    source: observation.source,
    dataset,
    operation_name: observation.operationName?.slice(0, 255) ?? null,
    role: observation.principal.role.slice(0, 191),
    user_id: observation.principal.userId?.slice(0, 191) ?? null,
    trace_id: observation.traceId?.slice(0, 64) ?? null,
    request_id: observation.requestId?.slice(0, 255) ?? null,
    processed_records:
      (dataset === null ? undefined : recordCounts.get(dataset)) ?? counts.reduce((sum, count) => sum + count, 0),
    anomalous_records_count: 0,
    historical_data_size: 0,
    analysis_mode: 'comparative',
    baseline: 'none',
    model_version: null,
    anomalies_detected: codec.flag(false),
    status: 'completed',
  };
}

function recordRow(finding: Finding, analysisId: string, { observation }: AskedObservation, at: Instant, codec: Codec) {
  const { subject } = finding;
  return {
    id: uuidv7(at),
    analysis_id: analysisId,
    timestamp: codec.instant(observation.at),
    kind: finding.kind,
    category: finding.category ?? FINDING_KINDS[finding.kind].category,
    severity: finding.severity,
    severity_rank: severityRank(finding.severity),
    risk_level: RISK_LEVEL[finding.severity],
    dataset: 'dataset' in subject ? subject.dataset.slice(0, 255) : null,
    record_index: subject.kind === 'record' ? subject.index : -1,
    reason: finding.reason,
    score: null,
    p_value: null,
    label: null,
    labelled_by: null,
    labelled_at: null,
    note: null,
    acknowledged_by: null,
    acknowledged_at: null,
  };
}

import type { Kysely } from 'kysely';
import type { Baseline } from '../../core/domain/baseline.ts';
import { uuidv7 } from '../../core/domain/ids.ts';
import { type Clock, formatInstant } from '../../core/domain/time.ts';
import type { TrainingCause } from '../../core/domain/training-cause.ts';
import type {
  BaselineStanding,
  HistoryPort,
  ModelPort,
  ModelVersions,
  StoredModel,
  TrainedModel,
} from '../../core/services/ports/models.ts';
import type { Codec } from './codec.ts';
import { insertNew } from './dialect-statements.ts';
import { baselineId } from './effect-rows.ts';
import type { Tables } from './tables.ts';
import type { Trainer } from './trainer.ts';
import { createTrainingClaims } from './training-claims.ts';
import { unzippedModel } from './unzipped-model.ts';

const KEYS_PER_STATEMENT = 500;

export function createHistoryPort(kysely: Kysely<Tables>): HistoryPort {
  return {
    async standings(baselines) {
      const standings = new Map<string, BaselineStanding>();
      for (let from = 0; from < baselines.length; from += KEYS_PER_STATEMENT) {
        const rows = await kysely
          .selectFrom('historical_data')
          .leftJoin('trained_models', (join) =>
            join
              .onRef('trained_models.baseline_id', '=', 'historical_data.id')
              .on('trained_models.status', '=', 'active'),
          )
          .select(['historical_data.baseline_key', 'historical_data.record_count', 'trained_models.version'])
          .where(
            'historical_data.id',
            'in',
            baselines.slice(from, from + KEYS_PER_STATEMENT).map((baseline) => baselineId(baseline)),
          )
          .execute();
        for (const { baseline_key, record_count, version } of rows)
          standings.set(baseline_key, { recordCount: record_count, activeVersion: version ?? 0 });
      }
      return standings;
    },
    async stateOf(baseline) {
      const id = baselineId(baseline);
      const counts = await countsOf(kysely, id);
      if (!counts) return undefined;
      const { learntCount: recordCount, latestVersion } = counts;
      return { recordCount, latestVersion, model: latestVersion > 0 ? await activeModel(kysely, id) : null };
    },
  };
}

async function activeModel(kysely: Kysely<Tables>, id: string): Promise<StoredModel | null> {
  const row = await kysely
    .selectFrom('trained_models')
    .select(['version', 'learnt_count', 'model'])
    .where('baseline_id', '=', id)
    .where('status', '=', 'active')
    .orderBy('version', 'desc')
    .executeTakeFirst();
  if (!row) return null;
  return {
    version: row.version,
    learntCount: row.learnt_count,
    model: await unzippedModel(row.model),
  };
}

export interface ModelPortDeps {
  readonly kysely: Kysely<Tables>;
  readonly codec: Codec;
  readonly trainer: Trainer;
  readonly clock: Clock;
  readonly minimumRecords: number;
  readonly maximumRecords: number;
  transaction<T>(run: (kysely: Kysely<Tables>) => Promise<T>): Promise<T>;
  onRenewalFault(error: unknown): void;
}

export function createModelPort(deps: ModelPortDeps): ModelPort {
  const claims = createTrainingClaims(deps);
  return {
    async train(baseline, version, cause) {
      const id = baselineId(baseline);
      const before = await countsOf(deps.kysely, id);
      if (before === undefined || before.latestVersion >= version) return undefined;
      const claim = await claims.take(id);
      if (claim === null) return 'elsewhere';
      try {
        // Another instance may have ended its training between the question and the claim.
        const { learntCount, latestVersion } = (await countsOf(deps.kysely, id)) ?? before;
        if (latestVersion >= version) return undefined;
        return await trainAndStore(deps, { baseline, version, cause, learntCount });
      } finally {
        await claim.release();
      }
    },
  };
}

async function trainAndStore(
  { codec, clock, trainer, minimumRecords, maximumRecords, transaction }: ModelPortDeps,
  {
    baseline,
    version,
    cause,
    learntCount,
  }: {
    readonly baseline: Baseline;
    readonly version: number;
    readonly cause: TrainingCause;
    readonly learntCount: number;
  },
): Promise<TrainedModel | undefined> {
  const id = baselineId(baseline);
  const trainedAt = clock.now();
  const result = await trainer.train({
    baselineId: id,
    baselineKey: baseline.key,
    rung: baseline.queryId === null ? 'dataset' : 'shape',
    version,
    trainedAt,
    minimumRecords,
    maximumRecords,
  });
  if (result === null) return undefined;
  const won = await transaction(async (tx) => {
    const row = {
      id: uuidv7(trainedAt),
      baseline_id: id,
      version,
      status: 'active',
      features_count: result.featuresCount,
      records_count: result.recordsCount,
      learnt_count: learntCount,
      cause,
      created_at: codec.instant(trainedAt),
      last_updated: codec.instant(trainedAt),
      model: Buffer.from(result.stored),
    };
    // The claim may have been lost meanwhile: one model per version, and all use it.
    const inserted = await insertNew(tx, 'trained_models', [row], ['baseline_id', 'version']);
    if (inserted.length === 0) return false;
    await tx
      .updateTable('trained_models')
      .set({ status: 'superseded', last_updated: codec.instant(trainedAt) })
      .where('baseline_id', '=', id)
      .where('version', '<', version)
      .where('status', '=', 'active')
      .execute();
    return true;
  });
  return won ? { version, learntCount, model: result.model, cut: result.cut } : undefined;
}

interface BaselineCounts {
  /** Records learnt so far. */
  readonly learntCount: number;
  /** Highest version ever trained; 0 while there is none. */
  readonly latestVersion: number;
}

async function countsOf(kysely: Kysely<Tables>, id: string): Promise<BaselineCounts | undefined> {
  const row = await kysely
    .selectFrom('historical_data')
    .leftJoin('trained_models', 'trained_models.baseline_id', 'historical_data.id')
    .select((select) => ['historical_data.record_count', select.fn.max('trained_models.version').as('latest')])
    .where('historical_data.id', '=', id)
    .groupBy('historical_data.record_count')
    .executeTakeFirst();
  return row && { learntCount: row.record_count, latestVersion: row.latest ?? 0 };
}

export function createModelVersions(kysely: Kysely<Tables>, codec: Codec): ModelVersions {
  const models = (baselineId: string) =>
    kysely.selectFrom('trained_models').select(MODEL_COLUMNS).where('baseline_id', '=', baselineId);
  const active = (baselineId: string) =>
    models(baselineId).where('status', '=', 'active').orderBy('version', 'desc').executeTakeFirst();

  async function published(baselineId: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    const row = await active(baselineId);
    return (
      row && {
        ...row,
        created_at: formatInstant(codec.readInstant(row.created_at)),
        last_updated: formatInstant(codec.readInstant(row.last_updated)),
      }
    );
  }

  return {
    async exists(baselineId) {
      const row = await kysely
        .selectFrom('historical_data')
        .select('id')
        .where('id', '=', baselineId)
        .executeTakeFirst();
      return row !== undefined;
    },
    async rollBack(baselineId, at) {
      const current = await active(baselineId);
      const before =
        current &&
        (await models(baselineId)
          .where('version', '<', current.version)
          .where('status', '=', 'superseded')
          .orderBy('version', 'desc')
          .executeTakeFirst());
      if (!before) return undefined;
      const change = (id: string, to: { readonly status: string; readonly learnt_count?: number }) =>
        kysely
          .updateTable('trained_models')
          .set({ ...to, last_updated: codec.instant(at) })
          .where('id', '=', id)
          .execute();
      await change(current.id, { status: 'rolled_back' });
      // Counted from its own training, another would be due at once, on the very sample that was rolled back from.
      await change(before.id, {
        status: 'active',
        learnt_count: (await countsOf(kysely, baselineId))?.learntCount ?? 0,
      });
      return published(baselineId);
    },
    async expire(baselineId, at) {
      const current = await active(baselineId);
      if (!current) return undefined;
      await kysely
        .updateTable('trained_models')
        .set({ learnt_count: 0, last_updated: codec.instant(at) })
        .where('id', '=', current.id)
        .execute();
      return published(baselineId);
    },
  };
}

/** What is published of a model: everything but the model itself. */
const MODEL_COLUMNS = [
  'id',
  'baseline_id',
  'version',
  'status',
  'features_count',
  'records_count',
  'learnt_count',
  'cause',
  'created_at',
  'last_updated',
] as const;

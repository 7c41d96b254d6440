import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Effects, WriteOutcome } from '../../core/domain/effects.ts';
import type { Clock } from '../../core/domain/time.ts';
import type { Store, Transaction } from '../../core/services/ports/store.ts';
import type { TallyPort } from '../../core/services/ports/tally.ts';
import {
  createAnomalyRepository,
  createBaselineRepository,
  createLabelPort,
  createRecurrencePort,
} from './anomaly-repository.ts';
import { applyEffects } from './apply-effects.ts';
import { type Codec, CODECS } from './codec.ts';
import type { QueryRunner } from '../query/query-runner.ts';
import type { ReadRows } from '../readers/reader.ts';
import type { Database } from './database.ts';
import { insertNew } from './dialect-statements.ts';
import { isAwayForWriting } from '../database-away.ts';
import { callerFault } from './database-faults.ts';
import { createEffectsWriter, type Writer, type WriterLimits } from './effects-writer.ts';
import { createLogPort } from './log-reader.ts';
import { createEvidenceReader } from './evidence-reader.ts';
import { createInstancePort } from './instance-repository.ts';
import { createHistoryPort, createModelPort, createModelVersions } from './model-repository.ts';
import { createQueryPort } from './query-repository.ts';
import { createResultRunner } from './result-runner.ts';
import { createRetentionRepository } from './retention-repository.ts';
import { createRuleRepository, createRulesPort } from './rule-repository.ts';
import { snapshotKysely } from './snapshot-kysely.ts';
import type { Tables } from './tables.ts';
import { addToTally } from './tally-writer.ts';
import { createTokenPort } from './token-repository.ts';
import { createTrainer } from './trainer.ts';

/** A transaction of this store: what services see, and what the query engine needs to read inside it. */
export interface StoreTransaction extends Transaction {
  readonly kysely: Kysely<Tables>;
  readonly runner: QueryRunner;
}

export interface OpenStore extends Store {
  transaction<T>(run: (tx: StoreTransaction) => Promise<T>): Promise<T>;
  /** The repositories over one snapshot of a reader, for what only reads; `afterCommit` is refused. */
  reading(rows: ReadRows): Transaction;
  readonly tally: TallyPort;
  readonly writer: Writer;
  /** A value every instance on this database shares: the given one is stored if there is none. */
  sharedSecret(name: string): Promise<string>;
  /** One cheap statement: rejects while the database does not answer. */
  ping(): Promise<void>;
  /** Ends the training that goes on; no other begins. */
  endTraining(): Promise<void>;
  close(): Promise<void>;
}

export interface StoreDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly minimumRecords: number;
  readonly maximumRecords: number;
  onCulprit(effects: Effects, error: unknown): void;
  onOutage(away: boolean, error?: unknown): void;
  /** The claim of a training that goes on could not be renewed. */
  onRenewalFault?(error: unknown): void;
  /** For what is selected of a procedure's result; see `result-runner.ts` for the default. */
  readonly resultTimeoutMs?: number;
  readonly writerLimits?: Partial<WriterLimits>;
}

/** Shapes known to be stored, so that their row is not offered again with every request. */
const MAX_KNOWN_SHAPES = 20_000;

export function createStore(deps: StoreDeps): OpenStore {
  const { database } = deps;
  const { kysely } = database;
  const codec: Codec = CODECS[database.dialect];
  const knownShapes = new Set<string>();

  const inTransaction = <T>(run: (tx: Kysely<Tables>) => Promise<T>): Promise<T> =>
    database.fork().transactional((em) => run(em.getKysely<Tables>()));

  const apply = async (batch: readonly Effects[]): Promise<Set<string>> => {
    const fresh = await inTransaction((tx) => applyEffects(tx, codec, batch, knownShapes));
    if (knownShapes.size > MAX_KNOWN_SHAPES) knownShapes.clear();
    for (const { observation } of batch) knownShapes.add(observation.shape.id);
    return fresh;
  };

  const writer = createEffectsWriter({
    apply,
    onCulprit: deps.onCulprit,
    onOutage: deps.onOutage,
    ...(deps.writerLimits && { limits: deps.writerLimits }),
  });
  const trainer = createTrainer(database.location);

  const resultRunner = (tx: Kysely<Tables>): QueryRunner =>
    createResultRunner(tx, database.dialect, database.statementTime, deps.resultTimeoutMs);
  const repositories = (tx: Kysely<Tables>, isReading: boolean) => ({
    rules: createRuleRepository(tx, codec, database.dialect, isReading),
    evidence: createEvidenceReader(tx, codec),
    instances: createInstancePort(tx, codec),
    anomalies: createAnomalyRepository(tx, codec),
    recurrence: createRecurrencePort(tx, codec),
    baselines: createBaselineRepository(tx),
    modelVersions: createModelVersions(tx, codec),
    retention: createRetentionRepository(tx, codec, deps.maximumRecords),
    queries: createQueryPort(tx, codec),
    history: createHistoryPort(tx),
    effects: {
      // Shapes it inserts are not known before the commit: that they are stored is for the writer to learn.
      async submit(effects: Effects): Promise<WriteOutcome> {
        const fresh = await applyEffects(tx, codec, [effects], knownShapes);
        return fresh.has(effects.observation.id) ? 'committed' : 'duplicate';
      },
    },
  });

  return {
    async transaction(run) {
      const after: (() => void | Promise<void>)[] = [];
      const result = await inTransaction((tx) =>
        run({
          ...repositories(tx, false),
          kysely: tx,
          runner: resultRunner(tx),
          afterCommit: (action) => after.push(action),
        }),
      ).catch((error: unknown) => {
        throw callerFault(error);
      });
      for (const action of after) await action();
      return result;
    },
    reading: (rows) => ({
      ...repositories(snapshotKysely(database.dialect, rows), true),
      afterCommit: () => {
        throw new Error('What only reads commits nothing.');
      },
    }),
    history: createHistoryPort(kysely),
    models: createModelPort({
      kysely,
      codec,
      trainer,
      clock: deps.clock,
      minimumRecords: deps.minimumRecords,
      maximumRecords: deps.maximumRecords,
      transaction: inTransaction,
      onRenewalFault: (error) => deps.onRenewalFault?.(error),
    }),
    log: createLogPort(kysely, codec),
    labels: createLabelPort(kysely),
    recurrence: createRecurrencePort(kysely, codec),
    rules: createRulesPort({ kysely, codec, dialect: database.dialect, transaction: inTransaction }),
    instances: createInstancePort(kysely, codec),
    tokens: createTokenPort(kysely, codec),
    queries: createQueryPort(kysely, codec),
    tally: {
      add: (rows) => inTransaction((tx) => addToTally(tx, codec, rows)),
      isRefusal: (error) => !isAwayForWriting(error),
    },
    writer,
    async sharedSecret(name) {
      await insertNew(kysely, 'settings', [{ name, value: randomBytes(32).toString('hex') }], ['name']);
      const row = await kysely
        .selectFrom('settings')
        .select('value')
        .where('name', '=', name)
        .executeTakeFirstOrThrow();
      return row.value;
    },
    async ping() {
      await kysely.selectFrom('kill_switch_revision').select('value').executeTakeFirstOrThrow();
    },
    endTraining: () => trainer.close(),
    async close() {
      await trainer.close();
      await database.close();
    },
  };
}

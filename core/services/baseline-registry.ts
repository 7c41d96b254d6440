import { LRUCache } from 'lru-cache';
import { createDriftWatch, type DriftWatch } from '../detection/records/changes/drift-watch.ts';
import { retrainReason } from '../detection/records/changes/drift.ts';
import { unknownColumns } from '../detection/records/model/encoder.ts';
import { parseModel } from '../detection/records/model/model-format.ts';
import type { FeatureBatch } from '../detection/records/features/record-features.ts';
import type { RecordModel } from '../detection/records/model/record-model.ts';
import { createTypeWatch, type TypeWatch } from '../detection/records/changes/type-watch.ts';
import type { Baseline } from '../domain/baseline.ts';
import type { TrainingCause } from '../domain/training-cause.ts';
import type {
  BaselineStanding,
  BaselineState,
  HistoryPort,
  ModelPort,
  StoredModel,
  TrainedModel,
} from './ports/models.ts';

/** What the process holds of a baseline between requests. */
export interface BaselineEntry {
  readonly baseline: Baseline;
  /** Records learnt so far, by this process's knowledge: what others learn is heard of at each `refresh`. */
  recordCount: number;
  model: RecordModel | null;
  /** Version of `model` as it was stored, also where it could not be read; 0 without. */
  activeVersion: number;
  /** Highest version ever trained. */
  latestVersion: number;
  /** `recordCount` when the model was trained: what retraining is measured from. */
  trainedAtCount: number;
  /** Records with a larger sampling priority can't enter the sample and need not be written. */
  cut: number;
  training: boolean;
  /** Another instance trains the next version: `takeOver` looks for it, or trains if it never comes. */
  awaited: TrainingCause | null;
  /** Whether a request asked for its verdict since the last training: a model that nobody asks is not trained. */
  consulted: boolean;
  /** Records since the last training whose response had a column that the model doesn't know. */
  newColumnRecords: number;
  /** Columns whose values were of another type since the last training. */
  types: TypeWatch;
  /** p-values of the latest records that were scored by the model and learnt, oldest first, bounded. */
  recentPValues: number[];
  /** Whether what arrives, learnt or not, still fits the model. */
  readonly drift: DriftWatch;
}

export interface BaselineRegistryDeps {
  readonly history: HistoryPort;
  readonly models: ModelPort;
  readonly minimumRecords: number;
  /** Rate of ordinary records that are flagged, 0–1. */
  readonly alpha: number;
  /** Bytes of models held in memory; the least recently used baseline is forgotten first. */
  readonly maxBytes?: number;
  onTrained?(baseline: Baseline, version: number, cause: TrainingCause): void;
  onFault(what: string, error: unknown): void;
}

export interface BaselineRegistry {
  /**
   * Loads on first use, from memory afterwards.
   *
   * @param within history as an open transaction sees it: what is loaded from there is not kept in memory, since the
   *   transaction may be undone, and waits for nobody who waits for that transaction
   */
  entryOf(baseline: Baseline, within?: Pick<HistoryPort, 'stateOf'>): BaselineEntry | Promise<BaselineEntry>;
  /**
   * Counts what was learnt, with its p-values where the model of this baseline scored it, compares the columns of `batch`
   * with those of the model, and starts training in the background when it is due.
   */
  learnt(entry: BaselineEntry, records: number, pValues: Float64Array | null, batch?: FeatureBatch): void;
  /** Counts records that left quarantine for the history of a baseline. */
  released(baselineKey: string, records: number): void;
  /** Counts records that left the history of a baseline: what was trained with them is trained anew at the next request. */
  withdrawn(baselineKey: string, records: number): void;
  /**
   * Forgets models that are no longer the active ones, or were missing: another instance trained or rolled back. Hears what
   * the others have learnt, which may make a training due here.
   */
  refresh(): Promise<void>;
  /** The same for models that another instance is training, and trains those of one that died. To be called often. */
  takeOver(): Promise<void>;
  /** Forgets what is in memory: the stored state changed under it. */
  forget(): void;
  /** Baselines in memory whose data drifts. */
  drifting(): number;
  /** Resolves when no training is under way. */
  settled(): Promise<void>;
  /** Begins no training any more; resolves when the one that goes on has come to its end. */
  close(): Promise<void>;
}

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
const ENTRY_BYTES = 1_000;
/** A model in memory is its stored bytes, read where they lie, and objects about as large as the JSON among them. */
const bytesOf = (model: StoredModel | null): number => ENTRY_BYTES + (model?.model.byteLength ?? 0);

/** Baselines without a model, the latest ones, that are looked up at once: others see more of their traffic. */
const MAX_ASKING = 1_000;
/** A new column is looked at once it came with so many records: of fewer nothing can be learnt. */
const NEW_COLUMN_RECORDS = 30;
const UNTAUGHT: BaselineStanding = { recordCount: 0, activeVersion: 0 };
/** Enough for the uniformity test of drift, which wants 200. */
const RECENT_RECORDS = 400;

export function createBaselineRegistry(deps: BaselineRegistryDeps): BaselineRegistry {
  const entries = new LRUCache<string, BaselineEntry>({ maxSize: deps.maxBytes ?? DEFAULT_MAX_BYTES });
  const loading = new Map<string, Promise<BaselineEntry>>();
  let lastTraining: Promise<void> = Promise.resolve();
  let closed = false;

  function entryOf(baseline: Baseline, within?: Pick<HistoryPort, 'stateOf'>): BaselineEntry | Promise<BaselineEntry> {
    const entry = entries.get(baseline.key);
    if (entry) return entry;
    if (within) return within.stateOf(baseline).then((state) => entryFrom(baseline, state));
    const pending = loading.get(baseline.key);
    if (pending) return pending;
    const started = load(baseline).finally(() => loading.delete(baseline.key));
    loading.set(baseline.key, started);
    return started;
  }

  async function load(baseline: Baseline): Promise<BaselineEntry> {
    const state = await deps.history.stateOf(baseline);
    const entry = entryFrom(baseline, state);
    entries.set(baseline.key, entry, { size: bytesOf(state?.model ?? null) });
    trainWhenDue(entry);
    return entry;
  }

  function entryFrom(baseline: Baseline, state: BaselineState | undefined): BaselineEntry {
    const model = state?.model ? readModel(state.model) : null;
    return {
      baseline,
      recordCount: state?.recordCount ?? 0,
      model,
      activeVersion: state?.model?.version ?? 0,
      latestVersion: state?.latestVersion ?? 0,
      // In place of a refused model another one is due at once.
      trainedAtCount: model === null ? 0 : (state?.model?.learntCount ?? 0),
      cut: Infinity,
      training: false,
      awaited: null,
      consulted: false,
      newColumnRecords: 0,
      types: createTypeWatch(),
      recentPValues: [],
      drift: createDriftWatch(deps.alpha),
    };
  }

  /** A model that can't be read is trained anew, never guessed at. */
  function readModel(stored: StoredModel): RecordModel | null {
    try {
      return parseModel(stored.model);
    } catch (error) {
      deps.onFault('a stored model was refused and will be trained anew', error);
      return null;
    }
  }

  function trainWhenDue(entry: BaselineEntry): void {
    if (closed || entry.training || entry.awaited !== null || !entry.consulted) return;
    const cause = causeOf(entry, deps.minimumRecords);
    if (cause !== null) startTraining(entry, cause);
  }

  function startTraining(entry: BaselineEntry, cause: TrainingCause): void {
    entry.training = true;
    entry.consulted = false;
    // One at a time: training is for the background, whatever the number of baselines.
    lastTraining = lastTraining.then(() => train(entry, cause));
  }

  async function train(entry: BaselineEntry, cause: TrainingCause): Promise<void> {
    if (closed) return;
    try {
      const { baseline } = entry;
      const trained =
        (await trainedElsewhere(entry)) ?? (await deps.models.train(baseline, entry.latestVersion + 1, cause));
      if (trained === 'elsewhere') {
        entry.awaited = cause;
        return;
      }
      use(entry, trained ?? (await trainedElsewhere(entry)));
      if (trained && 'cut' in trained) deps.onTrained?.(baseline, trained.version, cause);
    } catch (error) {
      // What was ended with the process is no fault.
      if (!closed) deps.onFault('training failed and will be tried again', error);
    } finally {
      entry.training = false;
    }
  }

  function use(entry: BaselineEntry, trained: StoredModel | TrainedModel | null): void {
    entry.recordCount = Math.max(entry.recordCount, trained?.learntCount ?? 0);
    // Whatever came of it, the next attempt waits for as many new records.
    entry.trainedAtCount = entry.recordCount;
    entry.newColumnRecords = 0;
    entry.types = createTypeWatch();
    if (trained === null) return;
    entry.model = readModel(trained);
    entry.activeVersion = trained.version;
    entry.recentPValues = [];
    entry.drift.restart();
    entry.latestVersion = Math.max(entry.latestVersion, trained.version);
    if ('cut' in trained) entry.cut = trained.cut;
    // An entry set again keeps the size it had: it must go before it is weighed anew.
    const { key } = entry.baseline;
    if (entries.delete(key)) entries.set(key, entry, { size: bytesOf(trained) });
  }

  /**
   * Forgets models that are no longer the active ones, and trains what another instance began and does not train any more,
   * or what all of them together have learnt enough for.
   */
  async function compareWithStore(concerned: readonly BaselineEntry[]): Promise<void> {
    const held = concerned.filter((entry) => !entry.training).map((entry) => ({ entry, before: entry.activeVersion }));
    if (held.length === 0) return;
    const standings = await deps.history.standings(held.map(({ entry }) => entry.baseline));
    for (const { entry, before } of held) {
      const { baseline, activeVersion, awaited, training } = entry;
      // What was trained or forgotten here meanwhile is newer than the answer.
      if (training || activeVersion !== before || entries.peek(baseline.key) !== entry) continue;
      entry.awaited = null;
      const { activeVersion: now, recordCount } = standings.get(baseline.key) ?? UNTAUGHT;
      entry.recordCount = Math.max(entry.recordCount, recordCount);
      if (now !== before) entries.delete(baseline.key);
      else if (awaited !== null) startTraining(entry, awaited);
      else trainWhenDue(entry);
    }
  }

  /** What another instance trained since this one looked; with what it learnt. */
  async function trainedElsewhere(entry: BaselineEntry): Promise<StoredModel | null> {
    const state = await deps.history.stateOf(entry.baseline);
    if (state === undefined) return null;
    entry.recordCount = Math.max(entry.recordCount, state.recordCount);
    return state.latestVersion > entry.latestVersion ? state.model : null;
  }

  return {
    entryOf,
    learnt(entry, records, pValues, batch) {
      entry.recordCount += records;
      if (entry.model !== null && batch) {
        if (unknownColumns(entry.model.encoder, batch).length > 0) entry.newColumnRecords += records;
        entry.types.note(entry.model.encoder, batch);
      }
      if (pValues !== null) entry.recentPValues = [...entry.recentPValues, ...pValues].slice(-RECENT_RECORDS);
      trainWhenDue(entry);
    },
    released(baselineKey, records) {
      const entry = entries.peek(baselineKey);
      if (!entry) return;
      entry.recordCount += records;
      trainWhenDue(entry);
    },
    withdrawn(baselineKey, records) {
      const entry = entries.peek(baselineKey);
      if (!entry) return;
      entry.recordCount -= records;
      if (entry.model !== null) entry.trainedAtCount = 0;
    },
    async refresh() {
      const held = [...entries.values()];
      const asking = held.filter(({ activeVersion, consulted }) => activeVersion === 0 && consulted);
      await compareWithStore([
        ...held.filter(({ activeVersion }) => activeVersion > 0),
        ...asking.slice(0, MAX_ASKING),
      ]);
    },
    takeOver: () => compareWithStore([...entries.values()].filter(({ awaited }) => awaited !== null)),
    forget: () => entries.clear(),
    drifting: () => [...entries.values()].filter(({ drift }) => drift.since !== null).length,
    settled: () => lastTraining,
    close() {
      closed = true;
      return lastTraining;
    },
  };
}

/** Why the baseline should be trained now; null while it should not. */
function causeOf(entry: BaselineEntry, minimumRecords: number): TrainingCause | null {
  const { model, activeVersion, recordCount, trainedAtCount, newColumnRecords, types, recentPValues } = entry;
  if (model === null && trainedAtCount === 0) {
    if (recordCount < minimumRecords) return null;
    return activeVersion > 0 ? 'unreadable' : 'first';
  }
  // Whoever asks for a new version has the store forget when the active one was trained.
  if (trainedAtCount === 0) return 'requested';
  const reason = retrainReason({
    trainedRecords: trainedAtCount,
    newRecords: recordCount - trainedAtCount,
    recentPValues,
    hasNewColumn: newColumnRecords >= NEW_COLUMN_RECORDS,
    hasChangedType: types.changed().length > 0,
  });
  return reason !== null && activeVersion === 0 ? 'first' : reason;
}

import type { Baseline } from '../../domain/baseline.ts';
import type { Uuid } from '../../domain/ids.ts';
import type { Instant } from '../../domain/time.ts';
import type { TrainingCause } from '../../domain/training-cause.ts';

export interface BaselineState {
  /** Records learnt so far. */
  readonly recordCount: number;
  /** Highest version ever trained, active or not; 0 while there is none. */
  readonly latestVersion: number;
  /** The active version. */
  readonly model: StoredModel | null;
}

export interface HistoryPort {
  /** Undefined for a baseline that was never taught. */
  stateOf(baseline: Baseline): Promise<BaselineState | undefined>;
  /** Where each of the baselines stands that was ever taught, by key. */
  standings(baselines: readonly Baseline[]): Promise<ReadonlyMap<string, BaselineStanding>>;
}

export interface BaselineStanding {
  /** Records learnt so far, by all instances. */
  readonly recordCount: number;
  /** 0 without a model. */
  readonly activeVersion: number;
}

export interface StoredModel {
  readonly version: number;
  /** Records the baseline had learnt when the model was trained. */
  readonly learntCount: number;
  /** Serialised model (core/detection/records/model/model-format.ts). */
  readonly model: Uint8Array;
}

export interface TrainedModel extends StoredModel {
  /** Records whose sampling priority is above can't enter the full sample any more; Infinity while it is not full. */
  readonly cut: number;
}

export interface ModelPort {
  /**
   * Trains `version` off the event loop on the stored window and activates it; `cause` is kept with it. `elsewhere` while
   * another instance trains the baseline; undefined when the window is too small, or there is such a version: then
   * `stateOf` has it.
   */
  train(baseline: Baseline, version: number, cause: TrainingCause): Promise<TrainedModel | 'elsewhere' | undefined>;
}

export interface ModelVersions {
  /** Whether there is such a baseline. */
  exists(baselineId: Uuid): Promise<boolean>;
  /**
   * Makes the version before the active one active and marks that one rolled back. Undefined when there is none before;
   * else the published row of the model that is active now.
   */
  rollBack(baselineId: Uuid, at: Instant): Promise<Readonly<Record<string, unknown>> | undefined>;
  /**
   * Forgets when the active model was trained, so that the next request asks for a new version. Undefined when nothing
   * is active; else the published row of the active model.
   */
  expire(baselineId: Uuid, at: Instant): Promise<Readonly<Record<string, unknown>> | undefined>;
}

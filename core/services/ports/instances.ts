import type { Uuid } from '../../domain/ids.ts';
import type { Instant } from '../../domain/time.ts';

export interface InstanceHeartbeat {
  readonly id: Uuid;
  readonly name: string;
  readonly environment: string | null;
  readonly startedAt: Instant;
  readonly heartbeatAt: Instant;
  readonly appliedRevision: number;
  readonly appliedAt: Instant;
  readonly state: 'current' | 'stale' | 'unsupported' | 'stopped';
  /** `namespace.key` of rules that do not compile there. */
  readonly unsupported: readonly string[];
  /** `namespace.key` of rules that fail there on more than 1 % of their evaluations. */
  readonly erroring: readonly string[];
  readonly selfTest: { readonly at: Instant; readonly ok: boolean } | null;
}

export interface InstanceReader {
  /** Those whose last heartbeat is not older than `since`, stopped ones left out. */
  alive(since: Instant): Promise<readonly InstanceHeartbeat[]>;
  /** When the change that made a revision of the rules was; undefined where the rule changed again since. */
  changedAt(revision: number): Promise<Instant | undefined>;
}

export interface InstancePort extends InstanceReader {
  /** Inserts or replaces the row of this process. */
  beat(heartbeat: InstanceHeartbeat): Promise<void>;
  deleteBefore(at: Instant): Promise<void>;
}

import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { type Clock, SECOND } from '../../core/domain/time.ts';
import type { Codec } from './codec.ts';
import { insertNew } from './dialect-statements.ts';
import type { Tables } from './tables.ts';

/** The right to train a baseline, held by one instance at a time. */
export interface TrainingClaims {
  /** Null while another one holds it. */
  take(baselineId: string): Promise<TrainingClaim | null>;
}

export interface TrainingClaim {
  release(): Promise<void>;
}

export interface TrainingClaimsDeps {
  readonly codec: Codec;
  readonly clock: Clock;
  transaction<T>(run: (kysely: Kysely<Tables>) => Promise<T>): Promise<T>;
  /** Default `CLAIM_MS`. */
  readonly leaseMs?: number;
  /** If no other renewal succeeds, somebody else may train, too. */
  onRenewalFault(error: unknown): void;
}

/** A claim that was not renewed for so long is of an instance that died. */
export const CLAIM_MS = 10 * SECOND;
const RENEWALS = 3;

/**
 * Claims are rows with a lease (design D10), the same on every database. They save work and decide nothing: should clocks
 * differ by more than a lease, two instances train the same version, and the key of `trained_models` keeps one.
 */
export function createTrainingClaims({
  codec,
  clock,
  transaction,
  leaseMs = CLAIM_MS,
  onRenewalFault,
}: TrainingClaimsDeps): TrainingClaims {
  const expiry = () => codec.instant(clock.now() + leaseMs);

  async function take(baselineId: string, holder: string): Promise<boolean> {
    return transaction(async (tx) => {
      const row = { baseline_id: baselineId, holder, expires_at: expiry() };
      if ((await insertNew(tx, 'training_claims', [row], ['baseline_id'])).length > 0) return true;
      const taken = await tx
        .updateTable('training_claims')
        .set({ holder, expires_at: expiry() })
        .where('baseline_id', '=', baselineId)
        .where('expires_at', '<=', codec.instant(clock.now()))
        .executeTakeFirst();
      return taken.numUpdatedRows > 0n;
    });
  }

  const renew = (baselineId: string, holder: string): Promise<unknown> =>
    transaction((tx) =>
      tx
        .updateTable('training_claims')
        .set({ expires_at: expiry() })
        .where('baseline_id', '=', baselineId)
        .where('holder', '=', holder)
        .execute(),
    );

  const release = (baselineId: string, holder: string): Promise<unknown> =>
    transaction((tx) =>
      tx.deleteFrom('training_claims').where('baseline_id', '=', baselineId).where('holder', '=', holder).execute(),
    );

  return {
    async take(baselineId) {
      const holder = randomUUID();
      if (!(await take(baselineId, holder))) return null;
      const renewing = setInterval(
        () => void renew(baselineId, holder).catch(onRenewalFault),
        leaseMs / RENEWALS,
      ).unref();
      return {
        async release() {
          clearInterval(renewing);
          await release(baselineId, holder);
        },
      };
    },
  };
}

import type { KillSwitchRule, RuleRecheck } from '../domain/kill-switch-rule.ts';
import { type Clock, DAY, type Instant, SECOND } from '../domain/time.ts';
import type { Store, Transaction } from './ports/store.ts';

/** So long before the end of validity the cause is looked at, so that an extension leaves no gap. */
const AHEAD_MS = 15 * SECOND;
/** A program that polls comes back after `refresh_seconds`, a day at most; one that was not heard of for longer is gone. */
const HOLDER_SILENCE_MS = 2 * DAY;
const AUTHOR = 're-check';

/**
 * Extends rules at the end of their validity while their cause persists, and lifts the others; every step is audited.
 * Safe to run on several instances: the lock on the revision counter lets one of them find the rule due.
 *
 * @returns how many rules changed.
 */
export async function recheckRules(store: Pick<Store, 'transaction'>, clock: Clock): Promise<number> {
  const now = clock.now();
  return store.transaction(async (tx) => {
    if ((await tx.rules.dueForRecheck(now + AHEAD_MS)).length === 0) return 0;
    await tx.rules.lock();
    let changed = 0;
    for (const rule of await tx.rules.dueForRecheck(now + AHEAD_MS)) {
      if (await recheck(tx, rule, rule.recheck as RuleRecheck, now)) changed++;
    }
    return changed;
  });
}

async function recheck(tx: Transaction, rule: KillSwitchRule, recheck: RuleRecheck, now: Instant): Promise<boolean> {
  const since = now - recheck.extendSeconds * SECOND;
  const evidence =
    recheck.cause === 'matches'
      ? await tx.evidence.matchesOf(`${rule.namespace}.${rule.key}`, since)
      : await tx.evidence.findings(recheck.kinds, since);
  // Programs that evaluate the rules themselves tell nobody what matches: the cause may persist there unseen.
  const isUnknown =
    recheck.cause === 'matches' &&
    evidence === 0 &&
    (await tx.evidence.hasHolders(rule.namespace, Math.min(since, now - HOLDER_SILENCE_MS)));
  const end = rule.validTo ?? now;
  const sofar = isUnknown
    ? `Programs evaluate the rules of "${rule.namespace}" themselves, so matches are not known`
    : `${evidence} ${recheck.cause} in the last ${recheck.extendSeconds} s`;
  if ((evidence > 0 || isUnknown) && recheck.extensions < recheck.maxExtensions) {
    const extensions = recheck.extensions + 1;
    const validTo = Math.max(end, now) + recheck.extendSeconds * SECOND;
    const reason = `${sofar}: extension ${extensions} of ${recheck.maxExtensions}.`;
    await save(tx, 'extend', rule, { validTo, recheck: { ...recheck, extensions } }, reason, now);
    return true;
  }
  if (end > now) return false;
  await save(tx, 'expire', rule, { status: 'inactive' }, `${sofar}, ${recheck.extensions} extensions.`, now);
  return true;
}

async function save(
  tx: Transaction,
  change: 'extend' | 'expire',
  before: KillSwitchRule,
  changes: Partial<KillSwitchRule>,
  reason: string,
  at: Instant,
): Promise<void> {
  const revision = await tx.rules.nextRevision();
  const after = { ...before, ...changes, revision, updatedBy: AUTHOR, updatedAt: at };
  await tx.rules.save({ change, actor: AUTHOR, surface: 'system', at, reason, before, after });
}

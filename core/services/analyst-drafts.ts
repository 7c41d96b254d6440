import { createHash } from 'node:crypto';
import type { AnalystOpinion } from '../domain/analyst-opinion.ts';
import { uuidv7 } from '../domain/ids.ts';
import { DDN_NAMESPACE, type KillSwitchRule, RULE_DEFAULTS } from '../domain/kill-switch-rule.ts';
import type { Clock } from '../domain/time.ts';
import { checkCondition } from '../kill-switch/condition.ts';
import { compileRule } from '../kill-switch/compile-rule.ts';
import { isConstantTrue } from '../kill-switch/constant-rule.ts';
import { FACT_SCHEMAS } from '../kill-switch/ddn-facts.ts';
import type { Store } from './ports/store.ts';

/** Who stands in the audit for what the model proposes. */
const AUTHOR = 'analyst';

/** Facts that a proposed condition may read, for the instructions. */
export function conditionFacts(): { readonly name: string; readonly type: string }[] {
  const facts = FACT_SCHEMAS.get(DDN_NAMESPACE)?.facts ?? new Map<string, { readonly type: string }>();
  return [...facts].map(([name, { type }]) => ({ name, type }));
}

/** Why our compiler refuses a proposed condition, or null. */
export function refusalOf(condition: string): string | null {
  const check = checkCondition(condition, { schema: FACT_SCHEMAS.get(DDN_NAMESPACE) ?? null });
  return check.ok ? null : check.error.message;
}

export interface DraftRuleStore {
  /** Stores the opinion's proposed rule, if it has one that compiles, as a draft: never as anything else. */
  save(opinion: AnalystOpinion): Promise<void>;
}

/**
 * Keeps proposals among the kill-switch rules, where people look for them. The key is a hash of the condition, so that a
 * proposal repeated a hundred times is one draft, and one that a person archived does not come back.
 */
export function createDraftRuleStore(store: Pick<Store, 'transaction'>, clock: Clock): DraftRuleStore {
  return {
    async save({ draftRule, summary, id }) {
      if (draftRule === null || draftRule.refused !== null) return;
      const key = `analyst-${createHash('sha256').update(draftRule.condition).digest('hex').slice(0, 16)}`;
      await store.transaction(async ({ rules }) => {
        if (await rules.byKey(DDN_NAMESPACE, key)) return;
        const now = clock.now();
        const rule: KillSwitchRule = {
          ...RULE_DEFAULTS,
          id: uuidv7(now),
          key,
          namespace: DDN_NAMESPACE,
          description: summary.slice(0, 500),
          reason: draftRule.reason,
          condition: draftRule.condition,
          except: null,
          action: { type: 'block' },
          priority: 0,
          status: 'draft',
          validFrom: null,
          validTo: null,
          origin: `analyst:${id}`,
          revision: 0,
          createdBy: AUTHOR,
          createdAt: now,
          updatedBy: AUTHOR,
          updatedAt: now,
        };
        const compiled = compileRule(rule);
        // What matches everything is no proposal to keep within reach of one click.
        if (!compiled.ok || isConstantTrue(compiled.compiled, now)) return;
        const after = { ...rule, revision: await rules.nextRevision() };
        const { reason } = draftRule;
        await rules.save({ change: 'create', actor: AUTHOR, surface: 'system', at: now, reason, before: null, after });
      });
    },
  };
}

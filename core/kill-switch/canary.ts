import { type KillSwitchRule, RULE_DEFAULTS } from '../domain/kill-switch-rule.ts';

/** Reserved: no rule of a person can be in it, since its name is no slug. */
export const CANARY_NAMESPACE = '_self-test';
export const CANARY_KEY = 'canary';

/** The rule behind the self-test. It matches the fact `{nonce}` and is delivered like every other rule. */
export function canaryRule(nonce: string, revision: number): KillSwitchRule {
  return {
    ...RULE_DEFAULTS,
    id: '00000000-0000-7000-8000-000000000000',
    key: CANARY_KEY,
    namespace: CANARY_NAMESPACE,
    description: null,
    reason: 'self-test',
    condition: `nonce == "${nonce}"`,
    except: null,
    action: { type: 'block' },
    priority: 0,
    status: 'active',
    validFrom: null,
    validTo: null,
    origin: 'self-test',
    revision,
    createdBy: 'self-test',
    createdAt: 0,
    updatedBy: 'self-test',
    updatedAt: 0,
  };
}

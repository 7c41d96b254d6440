import { type KillSwitchRule, RULE_DEFAULTS } from '../../../core/domain/kill-switch-rule.ts';

/** A rule with everything that a test does not care about. */
export function ruleWith(fields: Partial<KillSwitchRule> & Pick<KillSwitchRule, 'key' | 'condition'>): KillSwitchRule {
  return {
    ...RULE_DEFAULTS,
    id: `00000000-0000-7000-8000-${fields.key.length.toString().padStart(12, '0')}`,
    namespace: 'payments',
    description: null,
    reason: 'a test',
    except: null,
    action: { type: 'block' },
    priority: 0,
    status: 'active',
    validFrom: null,
    validTo: null,
    origin: 'manual',
    revision: 1,
    createdBy: 'test',
    createdAt: 0,
    updatedBy: 'test',
    updatedAt: 0,
    ...fields,
  };
}

import { defineEntity, p } from '@mikro-orm/core';
import { RULE_ACTIONS, RULE_STATUSES } from '../../core/domain/kill-switch-rule.ts';
import { publish } from '../publish.ts';

export const KillSwitchRule = defineEntity({
  name: 'KillSwitchRule',
  tableName: 'kill_switch_rules',
  properties: {
    id: p.uuid().primary(),
    namespace: p.string().length(64),
    key: p.string().length(64),
    description: p.text().nullable(),
    reason: p.text().nullable(),
    condition: p.text(),
    except_condition: p.text().nullable(),
    action_type: p.string().length(16),
    action: p.json<unknown>(),
    priority: p.integer(),
    status: p.string().length(16),
    valid_from: p.datetime(3).nullable(),
    valid_to: p.datetime(3).nullable(),
    origin: p.string().length(191),
    revision: p.integer().index(),
    created_by: p.string().length(191),
    created_at: p.datetime(3),
    updated_by: p.string().length(191),
    updated_at: p.datetime(3),
  },
  uniques: [{ properties: ['namespace', 'key'] }],
});

export const killSwitchRules = publish(KillSwitchRule, {
  rowType: 'kill_switch_rule',
  description:
    'One row per kill-switch rule. A rule acts on a request when its status is active, the time is within [valid_from, valid_to), its condition is true and its exception is not.',
  columns: {
    id: 'Stable id.',
    namespace: 'Whose facts the rule reads; ddn is the requests of the DDN engine.',
    key: 'Short name, unique in the namespace.',
    description: 'What the rule is for.',
    reason: 'Why it was switched on; required to activate.',
    condition: 'When it matches, in the condition language.',
    except_condition: 'It does not match where this is true.',
    action_type: { description: 'What a match does.', values: RULE_ACTIONS },
    action: 'The action with its settings, as JSON.',
    priority: 'Higher wins.',
    status: { description: 'Life cycle.', values: RULE_STATUSES },
    valid_from: 'Start of validity, inclusive; null: at once.',
    valid_to: 'End of validity, exclusive; null: until it is lifted.',
    origin: 'manual, api, or what switched it on.',
    revision: 'Value of the global revision counter at the last change.',
    created_by: 'Who created it.',
    created_at: 'When it was created.',
    updated_by: 'Who changed it last.',
    updated_at: 'When it was changed last.',
  },
  unique: [['namespace', 'key']],
});

export const RULE_CHANGES = ['create', 'update', 'activate', 'deactivate', 'archive'] as const;

/** Append-only: one row per change, written in the same transaction as the change. */
export const KillSwitchRuleAudit = defineEntity({
  name: 'KillSwitchRuleAudit',
  tableName: 'kill_switch_rule_audit',
  properties: {
    id: p.uuid().primary(),
    rule_id: () => p.manyToOne(KillSwitchRule).mapToPk().fieldName('rule_id'),
    at: p.datetime(3).index(),
    actor: p.string().length(191),
    surface: p.string().length(16),
    change: p.string().length(16),
    reason: p.text().nullable(),
    revision: p.integer(),
    before: p.json<unknown>().nullable(),
    after: p.json<unknown>(),
  },
});

export const killSwitchRuleAudit = publish(KillSwitchRuleAudit, {
  rowType: 'kill_switch_rule_change',
  description: 'Every change of every kill-switch rule: who, when, from where, why, before and after. Never deleted.',
  columns: {
    id: 'Stable id.',
    rule_id: 'The rule changed.',
    at: 'When.',
    actor: 'Who; over NDC the name the caller claims.',
    surface: { description: 'From where.', values: ['ndc', 'graphql', 'rest', 'cli', 'system'] },
    change: { description: 'What was done.', values: RULE_CHANGES },
    reason: 'Why, as given with the change.',
    revision: 'Revision the change made.',
    before: 'The rule before, as JSON; null when it was created.',
    after: 'The rule after, as JSON.',
  },
  relations: {
    rule_id: { target: 'kill_switch_rules', key: 'id', objectName: 'kill_switch_rule', arrayName: 'changes' },
  },
});

/** One row: the revision counter whose row lock puts all changes of rules in one order. */
export const KillSwitchRevision = defineEntity({
  name: 'KillSwitchRevision',
  tableName: 'kill_switch_revision',
  properties: {
    id: p.integer().primary().autoincrement(false),
    value: p.integer(),
  },
});

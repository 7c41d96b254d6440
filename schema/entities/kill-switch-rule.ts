import { defineEntity, p } from '@mikro-orm/core';
import { RULE_ACTIONS, RULE_STATUSES, WEEKDAYS } from '../../core/domain/kill-switch-rule.ts';
import { listOf, type ObjectDef, objectOf, oneOf, scalar } from '../../core/domain/kind.ts';
import { RULE_CHANGES } from '../../core/services/ports/rules.ts';
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
    normalised_condition: p.text().nullable(),
    stages: p.json<unknown>().nullable(),
    coverage: p.json<unknown>().nullable(),
    coverage_warnings: p.json<unknown>().nullable(),
    action_type: p.string().length(16),
    action: p.json<unknown>(),
    priority: p.integer(),
    status: p.string().length(16),
    valid_from: p.datetime(3).nullable(),
    valid_to: p.datetime(3).nullable(),
    schedule: p.json<unknown>().nullable(),
    max_duration_seconds: p.integer().nullable(),
    recheck: p.json<unknown>().nullable(),
    on_error: p.string().length(16).default('no_match'),
    guard: p.json<unknown>().nullable(),
    environment: p.string().length(64).nullable(),
    refresh_seconds: p.integer().default(30),
    ticket: p.string().length(191).nullable(),
    owner: p.string().length(191).nullable(),
    tags: p.json<unknown>().nullable(),
    language_version: p.integer().default(1),
    emergency: p.boolean().default(false),
    dry_run_at: p.datetime(3).nullable(),
    origin: p.string().length(191),
    revision: p.integer().index(),
    created_by: p.string().length(191),
    created_at: p.datetime(3),
    updated_by: p.string().length(191),
    updated_at: p.datetime(3),
    activated_by: p.string().length(191).nullable(),
    activated_at: p.datetime(3).nullable(),
  },
  uniques: [{ properties: ['namespace', 'key'] }],
});

/** What columns of a rule hold. */
export const RULE_OBJECTS: readonly ObjectDef[] = [
  {
    name: 'rule_schedule',
    description: 'Weekly windows by the clock of one time zone; the rule applies inside any of them.',
    fields: [
      { name: 'zone', type: scalar('string'), description: 'IANA name, such as Europe/Vienna.' },
      { name: 'windows', type: listOf(objectOf('rule_window')), description: 'The windows.' },
    ],
  },
  {
    name: 'rule_window',
    description: 'A window of the week, half-open.',
    fields: [
      { name: 'days', type: listOf(oneOf(WEEKDAYS)), description: 'Days on which it begins.' },
      { name: 'from', type: scalar('string'), description: 'Begin, HH:MM.' },
      {
        name: 'to',
        type: scalar('string'),
        description: 'End, HH:MM; on the following day where it is not after from.',
      },
    ],
  },
  {
    name: 'rule_recheck',
    description: 'While what persists a rule is extended.',
    fields: [
      {
        name: 'cause',
        type: oneOf(['matches', 'findings']),
        description: 'matches: the rule still matched since the last look; findings: such findings still came.',
      },
      { name: 'kinds', type: listOf(scalar('string')), description: 'Kinds of findings; empty: any.' },
      { name: 'extend_seconds', type: scalar('int32'), description: 'By how much it is extended. Unit: seconds.' },
      { name: 'max_extensions', type: scalar('int32'), description: 'How often at most.' },
      { name: 'extensions', type: scalar('int32'), description: 'How often it was so far.' },
    ],
  },
  {
    name: 'rule_guard',
    description: 'A rule that acts on a larger share of the requests of a window is taken for a mistake.',
    fields: [
      { name: 'max_share', type: scalar('float64'), description: 'Largest share of requests, 0–1.' },
      { name: 'window_seconds', type: scalar('int32'), description: 'Length of a window. Unit: seconds.' },
      {
        name: 'min_requests',
        type: scalar('int32'),
        description: 'Requests that a window must have before its share counts.',
      },
    ],
  },
];

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
    normalised_condition:
      'The condition in one spelling, for comparison and search; null until the service that wrote the row is of a version that knows it.',
    stages: {
      description:
        'Hooks at which it is asked: pre-parse, pre-response, pre-ndc-request, pre-ndc-response; null in namespaces other than ddn.',
      holds: listOf(scalar('string')),
    },
    coverage: {
      description: 'Which traffic of the engine it reaches: graphql, sql, jsonapi; null in namespaces other than ddn.',
      holds: listOf(scalar('string')),
    },
    coverage_warnings: {
      description:
        'What it does not cover although one might think so: GRAPHQL_ONLY (no SQL, no JSON:API, no running subscriptions), RELATIONAL_SQL (no SQL on connectors with relational_query), WEBSOCKET_CLIENTS (websocket clients can not read its answer); null in namespaces other than ddn.',
      holds: listOf(scalar('string')),
    },
    action_type: { description: 'What a match does.', values: RULE_ACTIONS },
    action: 'The action with its settings, as JSON.',
    priority: 'Higher wins.',
    status: { description: 'Life cycle.', values: RULE_STATUSES },
    valid_from: 'Start of validity, inclusive; null: at once.',
    valid_to: 'End of validity, exclusive; null: until it is lifted.',
    schedule: {
      description: 'Weekly windows in which it applies; null: always.',
      holds: objectOf('rule_schedule'),
    },
    max_duration_seconds: {
      description: 'How long it may stay active: sets valid_to on activation; null: no limit.',
      unit: 'seconds',
    },
    recheck: {
      description: 'What happens at valid_to: it is extended while the cause persists; null: it expires.',
      holds: objectOf('rule_recheck'),
    },
    on_error: { description: 'What a condition that can not be evaluated means.', values: ['no_match', 'match'] },
    guard: {
      description: 'Falls back to dry_run when it would act on more traffic; null: unguarded.',
      holds: objectOf('rule_guard'),
    },
    environment: 'Applies only where the service runs as this environment; null: everywhere.',
    refresh_seconds: { description: 'Longest lag of a client that polls.', unit: 'seconds' },
    ticket: 'Where it is discussed.',
    owner: 'Who answers for it.',
    tags: { description: 'Tags; null: none.', holds: listOf(scalar('string')) },
    language_version: 'Version of the condition language it is written in.',
    emergency: 'Activated in an emergency, for an hour at most.',
    dry_run_at: 'When it first was in dry run; null on an active rule: it was never tried.',
    origin: 'manual, api, or what switched it on, such as anomaly:<id of the observation>.',
    revision: 'Value of the global revision counter at the last change.',
    created_by: 'Who created it.',
    created_at: 'When it was created.',
    updated_by: 'Who changed it last.',
    updated_at: 'When it was changed last.',
    activated_by: 'Who activated it last.',
    activated_at: 'When it was activated last.',
  },
  unique: [['namespace', 'key']],
});

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
    /** What the built-in canary rule compares, and the revision that wrote it: see kill-switch-self-test. */
    canary: p.string().length(64).nullable(),
    canary_revision: p.integer().default(0),
  },
});

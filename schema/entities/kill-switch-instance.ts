import { defineEntity, p } from '@mikro-orm/core';
import { listOf, scalar } from '../../core/domain/kind.ts';
import { publish } from '../publish.ts';

export const INSTANCE_STATES = ['current', 'stale', 'unsupported', 'stopped'] as const;

/** One row per process that enforces rules: its heartbeat, and which revision it has applied. */
export const KillSwitchInstance = defineEntity({
  name: 'KillSwitchInstance',
  tableName: 'kill_switch_instances',
  properties: {
    id: p.uuid().primary(),
    name: p.string().length(191),
    environment: p.string().length(64).nullable(),
    started_at: p.datetime(3),
    heartbeat_at: p.datetime(3).index(),
    applied_revision: p.integer(),
    applied_at: p.datetime(3),
    state: p.string().length(16),
    unsupported: p.json<unknown>(),
    erroring: p.json<unknown>().nullable(),
    self_test_at: p.datetime(3).nullable(),
    self_test_ok: p.boolean().nullable(),
  },
});

export const killSwitchInstances = publish(KillSwitchInstance, {
  rowType: 'kill_switch_instance',
  description:
    'One row per process of this service: when it last gave a sign of life and which revision of the kill-switch rules it enforces. A process without a heartbeat for 30 s is gone; its row is deleted after a day.',
  columns: {
    id: 'Id of the process, new at each start.',
    name: 'Host and process number.',
    environment: 'Environment it runs as; null: not configured.',
    started_at: 'When it started.',
    heartbeat_at: 'Last sign of life; written every 10 s and after each change of rules.',
    applied_revision: 'Revision of the rules it enforces.',
    applied_at: 'When it took them over.',
    state: {
      description:
        'current; stale: it could not read the store lately; unsupported: a rule does not compile there and its previous version holds; stopped: it ended in good order.',
      values: INSTANCE_STATES,
    },
    unsupported: { description: 'Rules that do not compile there, as namespace.key.', holds: listOf(scalar('string')) },
    erroring: {
      description:
        'Rules of which more than 1 % of the evaluations there failed over the last five minutes, as namespace.key; null: written by a version that does not look.',
      holds: listOf(scalar('string')),
    },
    self_test_at: 'When it last tested the way of a rule from the store into its memory; null: not yet.',
    self_test_ok: 'Whether that test succeeded.',
  },
});

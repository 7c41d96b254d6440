import type { Kysely } from 'kysely';
import type { InstanceHeartbeat, InstancePort } from '../../core/services/ports/instances.ts';
import type { Codec } from './codec.ts';
import { insertOrMerge } from './dialect-statements.ts';
import type { Tables } from './tables.ts';

export function createInstancePort(kysely: Kysely<Tables>, codec: Codec): InstancePort {
  return {
    async beat(heartbeat) {
      const { id, ...row } = rowFrom(heartbeat, codec);
      await insertOrMerge(kysely, 'kill_switch_instances', [{ id, ...row }], ['id'], {
        replace: Object.keys(row) as (keyof typeof row)[],
      });
    },
    async alive(since) {
      const rows = await kysely
        .selectFrom('kill_switch_instances')
        .selectAll()
        .where('heartbeat_at', '>=', codec.instant(since))
        .where('state', '<>', 'stopped')
        .orderBy('id')
        .execute();
      return rows.map((row) => ({
        id: row.id,
        name: row.name,
        environment: row.environment,
        startedAt: codec.readInstant(row.started_at),
        heartbeatAt: codec.readInstant(row.heartbeat_at),
        appliedRevision: row.applied_revision,
        appliedAt: codec.readInstant(row.applied_at),
        state: row.state as InstanceHeartbeat['state'],
        unsupported: codec.readJson(row.unsupported) as string[],
        erroring: (codec.readJson(row.erroring) ?? []) as string[],
        selfTest:
          row.self_test_at === null
            ? null
            : { at: codec.readInstant(row.self_test_at), ok: codec.readFlag(row.self_test_ok) },
      }));
    },
    async changedAt(revision) {
      const row = await kysely
        .selectFrom('kill_switch_rules')
        .select('updated_at')
        .where('revision', '=', revision)
        .executeTakeFirst();
      return row && codec.readInstant(row.updated_at);
    },
    async deleteBefore(at) {
      await kysely.deleteFrom('kill_switch_instances').where('heartbeat_at', '<', codec.instant(at)).execute();
    },
  };
}

function rowFrom(heartbeat: InstanceHeartbeat, codec: Codec) {
  return {
    id: heartbeat.id,
    name: heartbeat.name.slice(0, 191),
    environment: heartbeat.environment,
    started_at: codec.instant(heartbeat.startedAt),
    heartbeat_at: codec.instant(heartbeat.heartbeatAt),
    applied_revision: heartbeat.appliedRevision,
    applied_at: codec.instant(heartbeat.appliedAt),
    state: heartbeat.state,
    unsupported: codec.json(heartbeat.unsupported),
    erroring: codec.json(heartbeat.erroring),
    self_test_at: codec.instantOrNull(heartbeat.selfTest?.at ?? null),
    self_test_ok: heartbeat.selfTest === null ? null : codec.flag(heartbeat.selfTest.ok),
  };
}

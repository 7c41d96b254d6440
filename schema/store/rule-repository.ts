import type { Kysely, Selectable } from 'kysely';
import { sql } from 'kysely';
import { uuidv7 } from '../../core/domain/ids.ts';
import type { KillSwitchRule, RuleAction, RuleStatus } from '../../core/domain/kill-switch-rule.ts';
import type { RuleRepository, RulesPort } from '../../core/services/ports.ts';
import type { Codec } from './codec.ts';
import type { Tables } from './tables.ts';

const ENFORCEABLE = ['active', 'dry_run'] as const satisfies readonly RuleStatus[];

export function createRulesPort(kysely: Kysely<Tables>, codec: Codec): RulesPort {
  const revision = async (): Promise<number> => {
    const row = await kysely
      .selectFrom('kill_switch_revision')
      .select('value')
      .where('id', '=', 1)
      .executeTakeFirstOrThrow();
    return row.value;
  };
  return {
    revision,
    async enforceable() {
      // Read first: a change that commits in between is then seen as newer and loaded again, never missed.
      const current = await revision();
      const rows = await kysely
        .selectFrom('kill_switch_rules')
        .selectAll()
        .where('status', 'in', ENFORCEABLE)
        .execute();
      return { revision: current, rules: rows.map((row) => ruleFrom(row, codec)) };
    },
  };
}

export function createRuleRepository(kysely: Kysely<Tables>, codec: Codec): RuleRepository {
  // A rule is read here to be changed. The counter's row is locked before, not after: what was read is then still what
  // is replaced, and two callers can't both find that a key is free.
  const lock = async () => {
    await kysely
      .updateTable('kill_switch_revision')
      .set({ value: sql<number>`value` })
      .where('id', '=', 1)
      .execute();
  };
  const find = () => kysely.selectFrom('kill_switch_rules').selectAll();
  return {
    async byId(id) {
      await lock();
      const row = await find().where('id', '=', id).executeTakeFirst();
      return row && ruleFrom(row, codec);
    },
    async byKey(namespace, key) {
      await lock();
      const row = await find().where('namespace', '=', namespace).where('key', '=', key).executeTakeFirst();
      return row && ruleFrom(row, codec);
    },
    async nextRevision() {
      await kysely
        .updateTable('kill_switch_revision')
        .set({ value: sql<number>`value + 1` })
        .where('id', '=', 1)
        .execute();
      const row = await kysely
        .selectFrom('kill_switch_revision')
        .select('value')
        .where('id', '=', 1)
        .executeTakeFirstOrThrow();
      return row.value;
    },
    async save(change) {
      const row = rowFrom(change.after, codec);
      if (change.before === null) await kysely.insertInto('kill_switch_rules').values(row).execute();
      else await kysely.updateTable('kill_switch_rules').set(row).where('id', '=', row.id).execute();
      await kysely
        .insertInto('kill_switch_rule_audit')
        .values({
          id: uuidv7(change.at),
          rule_id: change.after.id,
          at: codec.instant(change.at),
          actor: change.actor.slice(0, 191),
          surface: change.surface,
          change: change.change,
          reason: change.reason,
          revision: change.after.revision,
          before: change.before === null ? null : codec.json(change.before),
          after: codec.json(change.after),
        })
        .execute();
    },
  };
}

function ruleFrom(row: Selectable<Tables['kill_switch_rules']>, codec: Codec): KillSwitchRule {
  return {
    id: row.id,
    key: row.key,
    namespace: row.namespace,
    description: row.description,
    reason: row.reason,
    condition: row.condition,
    except: row.except_condition,
    action: codec.readJson(row.action) as RuleAction,
    priority: row.priority,
    status: row.status as RuleStatus,
    validFrom: codec.readInstantOrNull(row.valid_from),
    validTo: codec.readInstantOrNull(row.valid_to),
    origin: row.origin,
    revision: row.revision,
    createdBy: row.created_by,
    createdAt: codec.readInstant(row.created_at),
    updatedBy: row.updated_by,
    updatedAt: codec.readInstant(row.updated_at),
  };
}

function rowFrom(rule: KillSwitchRule, codec: Codec) {
  return {
    id: rule.id,
    namespace: rule.namespace,
    key: rule.key,
    description: rule.description,
    reason: rule.reason,
    condition: rule.condition,
    except_condition: rule.except,
    action_type: rule.action.type,
    action: codec.json(rule.action),
    priority: rule.priority,
    status: rule.status,
    valid_from: codec.instantOrNull(rule.validFrom),
    valid_to: codec.instantOrNull(rule.validTo),
    origin: rule.origin,
    revision: rule.revision,
    created_by: rule.createdBy.slice(0, 191),
    created_at: codec.instant(rule.createdAt),
    updated_by: rule.updatedBy.slice(0, 191),
    updated_at: codec.instant(rule.updatedAt),
  };
}

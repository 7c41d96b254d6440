import type { Kysely, Selectable } from 'kysely';
import { sql } from 'kysely';
import { uuidv7 } from '../../core/domain/ids.ts';
import type { KillSwitchRule, RuleStatus } from '../../core/domain/kill-switch-rule.ts';
import type { RuleFindings } from '../../core/kill-switch/rule-reach.ts';
import { canaryRule } from '../../core/kill-switch/canary.ts';
import {
  actionFromJson,
  guardFromJson,
  guardJson,
  reachFromRow,
  reachRow,
  recheckFromJson,
  recheckJson,
  scheduleFromJson,
  scheduleJson,
  tagsFromJson,
  tagsJson,
} from '../../core/kill-switch/rule-row.ts';
import type { RuleRepository, RulesPort } from '../../core/services/ports/rules.ts';
import type { DialectName } from '../catalogue.ts';
import type { Codec } from './codec.ts';
import { callerFault } from './database-faults.ts';
import type { Tables } from './tables.ts';

const ENFORCEABLE = ['active', 'dry_run'] as const satisfies readonly RuleStatus[];

/** Where PostgreSQL announces a new revision. A channel belongs to a database, so the name needs no more. */
export const RULES_CHANNEL = 'ndc_sentinel_kill_switch';

export interface RulesPortDeps {
  readonly kysely: Kysely<Tables>;
  readonly codec: Codec;
  readonly dialect: DialectName;
  transaction<T>(run: (tx: Kysely<Tables>) => Promise<T>): Promise<T>;
}

export function createRulesPort({ kysely, codec, dialect, transaction }: RulesPortDeps): RulesPort {
  const counter = () =>
    kysely.selectFrom('kill_switch_revision').selectAll().where('id', '=', 1).executeTakeFirstOrThrow();
  const rules = () => kysely.selectFrom('kill_switch_rules').selectAll();
  return {
    revision: () => told(async () => (await counter()).value),
    async enforceable() {
      // Read first: a change that commits in between is then seen as newer and loaded again, never missed.
      const { value, canary, canary_revision } = await counter();
      const rows = await rules().where('status', 'in', ENFORCEABLE).execute();
      const found = rows.map((row) => ruleFrom(row, codec));
      return { revision: value, rules: canary === null ? found : [...found, canaryRule(canary, canary_revision)] };
    },
    async changedSince(revision, limit) {
      const { canary, canary_revision } = await counter();
      const rows = await rules().where('revision', '>', revision).orderBy('revision').limit(limit).execute();
      const changed = rows.map((row) => ruleFrom(row, codec));
      // What comes after a full page is asked for later, the canary included: nothing before it may be skipped.
      const last = changed.length < limit ? Infinity : (changed.at(-1)?.revision ?? Infinity);
      if (canary !== null && canary_revision > revision && canary_revision < last) {
        changed.push(canaryRule(canary, canary_revision));
      }
      return { revision: changed.reduce((last, rule) => Math.max(last, rule.revision), revision), rules: changed };
    },
    list: ({ namespace, statuses, since }) =>
      told(async () => {
        const { value } = await counter();
        let query = rules().orderBy('namespace').orderBy('key');
        if (namespace !== undefined) query = query.where('namespace', '=', namespace);
        if (statuses !== undefined) query = query.where('status', 'in', statuses);
        if (since !== undefined) query = query.where('revision', '>', since);
        return { revision: value, rules: (await query.execute()).map((row) => ruleFrom(row, codec)) };
      }),
    async undescribed(after, limit) {
      const missing = rules().where('normalised_condition', 'is', null).orderBy('id').limit(limit);
      const rows = await (after === '' ? missing : missing.where('id', '>', after)).execute();
      return rows.map((row) => ruleFrom(row, codec));
    },
    describe: (rule, findings) =>
      transaction(async (tx) => {
        await tx
          .updateTable('kill_switch_rules')
          .set(findingColumns(findings, codec))
          .where('id', '=', rule.id)
          .where('revision', '=', rule.revision)
          .execute();
      }),
    writeCanary: (nonce) =>
      transaction(async (tx) => {
        const revision = await nextRevision(tx, dialect);
        await tx
          .updateTable('kill_switch_revision')
          .set({ canary: nonce, canary_revision: revision })
          .where('id', '=', 1)
          .execute();
      }),
    canary: async () => (await counter()).canary,
  };
}

/** What callers read outside a transaction fails with what they may be told. */
async function told<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw callerFault(error);
  }
}

/** The row lock of the counter puts concurrent changes in one order; a notification leaves with the commit or not at all. */
async function nextRevision(kysely: Kysely<Tables>, dialect: DialectName): Promise<number> {
  await kysely
    .updateTable('kill_switch_revision')
    .set({ value: sql<number>`value + 1` })
    .where('id', '=', 1)
    .execute();
  const { value } = await kysely
    .selectFrom('kill_switch_revision')
    .select('value')
    .where('id', '=', 1)
    .executeTakeFirstOrThrow();
  if (dialect === 'postgresql') await sql`select pg_notify(${RULES_CHANNEL}, ${String(value)})`.execute(kysely);
  return value;
}

/** @param isReading nothing can be written through the connection: rules are read to be looked at. */
export function createRuleRepository(
  kysely: Kysely<Tables>,
  codec: Codec,
  dialect: DialectName,
  isReading: boolean,
): RuleRepository {
  // A rule is read here to be changed, unless nothing can be. The counter's row is locked before, not after: what was read is then still what
  // is replaced, and two callers can't both find that a key is free.
  const lock = async () => {
    if (isReading) return;
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
    async lock() {
      // SQLite has one writing connection: a transaction is alone there.
      if (dialect === 'sqlite') return;
      await kysely.selectFrom('kill_switch_revision').select('id').where('id', '=', 1).forUpdate().execute();
    },
    nextRevision: () => nextRevision(kysely, dialect),
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
    async dueForRecheck(at) {
      const rows = await find()
        .where('status', '=', 'active')
        .where('recheck', 'is not', null)
        .where('valid_to', '<=', codec.instant(at))
        .execute();
      return rows.map((row) => ruleFrom(row, codec));
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
    normalisedCondition: row.normalised_condition,
    reach: reachFromRow({
      stages: codec.readJson(row.stages),
      coverage: codec.readJson(row.coverage),
      coverage_warnings: codec.readJson(row.coverage_warnings),
    }),
    action: actionFromJson(codec.readJson(row.action)),
    priority: row.priority,
    status: row.status as RuleStatus,
    validFrom: codec.readInstantOrNull(row.valid_from),
    validTo: codec.readInstantOrNull(row.valid_to),
    schedule: scheduleFromJson(codec.readJson(row.schedule)),
    maxDurationSeconds: row.max_duration_seconds,
    recheck: recheckFromJson(codec.readJson(row.recheck)),
    onError: row.on_error as KillSwitchRule['onError'],
    guard: guardFromJson(codec.readJson(row.guard)),
    environment: row.environment,
    refreshSeconds: row.refresh_seconds,
    ticket: row.ticket,
    owner: row.owner,
    tags: tagsFromJson(codec.readJson(row.tags)),
    languageVersion: row.language_version,
    emergency: codec.readFlag(row.emergency),
    dryRunAt: codec.readInstantOrNull(row.dry_run_at),
    origin: row.origin,
    revision: row.revision,
    createdBy: row.created_by,
    createdAt: codec.readInstant(row.created_at),
    updatedBy: row.updated_by,
    updatedAt: codec.readInstant(row.updated_at),
    activatedBy: row.activated_by,
    activatedAt: codec.readInstantOrNull(row.activated_at),
  };
}

/** What compiling found out. SQL null and not JSON null: "is null" in a query must find it. */
function findingColumns({ normalisedCondition, reach }: RuleFindings, codec: Codec) {
  const jsonOrNull = (value: unknown) => (value === null ? null : codec.json(value));
  const { stages, coverage, coverage_warnings } = reachRow(reach);
  return {
    normalised_condition: normalisedCondition,
    stages: jsonOrNull(stages),
    coverage: jsonOrNull(coverage),
    coverage_warnings: jsonOrNull(coverage_warnings),
  };
}

function rowFrom(rule: KillSwitchRule, codec: Codec) {
  // SQL null and not JSON null: "is null" in a query must find it.
  const jsonOrNull = (value: unknown) => (value === null ? null : codec.json(value));
  return {
    id: rule.id,
    namespace: rule.namespace,
    key: rule.key,
    description: rule.description,
    reason: rule.reason,
    condition: rule.condition,
    except_condition: rule.except,
    ...findingColumns(rule, codec),
    action_type: rule.action.type,
    action: codec.json(rule.action),
    priority: rule.priority,
    status: rule.status,
    valid_from: codec.instantOrNull(rule.validFrom),
    valid_to: codec.instantOrNull(rule.validTo),
    schedule: jsonOrNull(scheduleJson(rule.schedule)),
    max_duration_seconds: rule.maxDurationSeconds,
    recheck: jsonOrNull(recheckJson(rule.recheck)),
    on_error: rule.onError,
    guard: jsonOrNull(guardJson(rule.guard)),
    environment: rule.environment,
    refresh_seconds: rule.refreshSeconds,
    ticket: rule.ticket,
    owner: rule.owner,
    tags: jsonOrNull(tagsJson(rule.tags)),
    language_version: rule.languageVersion,
    emergency: codec.flag(rule.emergency),
    dry_run_at: codec.instantOrNull(rule.dryRunAt),
    origin: rule.origin.slice(0, 191),
    revision: rule.revision,
    created_by: rule.createdBy.slice(0, 191),
    created_at: codec.instant(rule.createdAt),
    updated_by: rule.updatedBy.slice(0, 191),
    updated_at: codec.instant(rule.updatedAt),
    activated_by: rule.activatedBy?.slice(0, 191) ?? null,
    activated_at: codec.instantOrNull(rule.activatedAt),
  };
}

import { DAY, HOUR } from '../../core/domain/time.ts';
import type { DialectName } from '../catalogue.ts';
import { publishSelect } from '../publish.ts';

/** An active rule without a match for so long is called unused. */
const UNUSED_AFTER_MS = 30 * DAY;
/** A rule is called erroring while its last failed evaluation is younger. */
const ERRORING_FOR_MS = HOUR;

/** The dialects' words for the present and for a point before it, and for the label a rule is counted under. */
const DIALECTS: Record<
  DialectName,
  { readonly now: string; before(ms: number): string; readonly label: string; readonly int: string }
> = {
  sqlite: {
    now: `cast(unixepoch('subsec') * 1000 as integer)`,
    before: (ms) => `cast(unixepoch('subsec') * 1000 as integer) - ${ms}`,
    label: `r.namespace || '.' || r.key`,
    int: '',
  },
  postgresql: {
    now: 'now()',
    before: (ms) => `now() - interval '${ms / 1_000} seconds'`,
    label: `r.namespace || '.' || r.key`,
    int: '::int',
  },
  mariadb: {
    now: 'utc_timestamp(3)',
    before: (ms) => `utc_timestamp(3) - interval ${ms / 1_000} second`,
    label: "concat(r.namespace, '.', r.`key`)",
    int: '',
  },
};

const select = (dialect: DialectName): string => {
  const { now, before, label, int } = DIALECTS[dialect];
  return [
    `select r.id as rule_id,`,
    `case when r.status not in ('active', 'dry_run') then r.status`,
    `when r.valid_from > ${now} then 'scheduled'`,
    `when r.valid_to <= ${now} then 'expired'`,
    `when m.last_error_at > ${before(ERRORING_FOR_MS)} then 'erroring'`,
    `when coalesce(m.last_matched_at, r.activated_at, r.updated_at) < ${before(UNUSED_AFTER_MS)} then 'unused'`,
    `else r.status end as state,`,
    `coalesce(m.enforced, 0)${int} as enforced, coalesce(m.would_enforce, 0)${int} as would_enforce,`,
    `coalesce(m.errors, 0)${int} as errors, m.last_matched_at as last_matched_at`,
    `from kill_switch_rules r left join (select rule_key, sum(enforced) as enforced, sum(would_enforce) as would_enforce, sum(errors) as errors,`,
    `max(case when enforced + would_enforce > 0 then minute end) as last_matched_at, max(case when errors > 0 then minute end) as last_error_at`,
    `from traffic_metrics where rule_key <> '' group by rule_key) m on m.rule_key = ${label}`,
  ].join(' ');
};

export const killSwitchRuleStates = publishSelect({
  name: 'kill_switch_rule_states',
  rowType: 'kill_switch_rule_state',
  description:
    'What became of each kill-switch rule, one row per rule: its state at present and how often it matched within the retention of the request log.',
  primaryKey: ['rule_id'],
  columns: {
    rule_id: { kind: 'uuid', note: 'The rule.' },
    state: {
      kind: 'string',
      note: {
        description:
          'The status, refined for an active or dry-run rule: scheduled (before valid_from), expired (after valid_to), erroring (an evaluation failed within the last hour), unused (no match for 30 days).',
        values: ['draft', 'dry_run', 'active', 'scheduled', 'expired', 'erroring', 'unused', 'inactive', 'archived'],
      },
    },
    enforced: { kind: 'int32', note: 'Matches that were enforced.' },
    would_enforce: { kind: 'int32', note: 'Matches in dry run.' },
    errors: { kind: 'int32', note: 'Evaluations that failed.' },
    last_matched_at: { kind: 'timestamp', nullable: true, note: 'Minute of the last match; null: none is known.' },
  },
  relations: {
    rule_id: { target: 'kill_switch_rules', key: 'id', objectName: 'kill_switch_rule', arrayName: 'states' },
  },
  sql: { sqlite: select('sqlite'), postgresql: select('postgresql'), mariadb: select('mariadb') },
});

import { DAY, HOUR } from '../../core/domain/time.ts';
import { namesOf, onEveryDialect, publishSelect, type SelectDialect } from '../publish.ts';
import { isNotEmpty } from './traffic-metric.ts';

/** An active rule without a match for so long is called unused. */
const UNUSED_AFTER_MS = 30 * DAY;
/** A rule is called erroring while its last failed evaluation is younger. */
const ERRORING_FOR_MS = HOUR;

/** The dialects' words for the present and for a point before it, and for the label a rule is counted under. */
const DIALECTS: Record<
  SelectDialect,
  {
    readonly now: string;
    before(ms: number): string;
    readonly label: string;
    readonly int: string;
    readonly bigint: string;
  }
> = {
  sqlite: {
    now: `cast(unixepoch('subsec') * 1000 as integer)`,
    before: (ms) => `cast(unixepoch('subsec') * 1000 as integer) - ${ms}`,
    label: `r.namespace || '.' || r.key`,
    int: '',
    bigint: 'integer',
  },
  postgresql: {
    now: 'now()',
    before: (ms) => `now() - interval '${ms / 1_000} seconds'`,
    label: `r.namespace || '.' || r.key`,
    int: '::int',
    bigint: 'bigint',
  },
  mariadb: {
    now: 'utc_timestamp(3)',
    before: (ms) => `utc_timestamp(3) - interval ${ms / 1_000} second`,
    label: "concat(r.namespace, '.', r.`key`)",
    int: '',
    bigint: 'signed',
  },
  sqlserver: {
    now: 'sysutcdatetime()',
    before: (ms) => `dateadd(second, -${ms / 1_000}, sysutcdatetime())`,
    label: `concat(r.namespace, '.', r.[key])`,
    int: '',
    bigint: 'bigint',
  },
  oracle: {
    now: 'systimestamp',
    before: (ms) => `systimestamp - numtodsinterval(${ms / 1_000}, 'SECOND')`,
    label: `r."namespace" || '.' || r."key"`,
    int: '',
    bigint: 'number(19)',
  },
};

const select = (dialect: SelectDialect): string => {
  const { now, before, label, int, bigint } = DIALECTS[dialect];
  const n = namesOf(dialect);
  const counts = ['enforced', 'would_enforce', 'errors'].map(n);
  const [enforced, wouldEnforce, errors] = counts;
  const evaluated = n('evaluated');
  const [minute, ruleKey] = [n('minute'), n('rule_key')];
  const [status, matched, failed] = [`r.${n('status')}`, n('last_matched_at'), n('last_error_at')];
  return [
    `select r.${n('id')} as ${n('rule_id')},`,
    `case when ${status} not in ('active', 'dry_run') then ${status}`,
    `when r.${n('valid_from')} > ${now} then 'scheduled'`,
    `when r.${n('valid_to')} <= ${now} then 'expired'`,
    `when m.${failed} > ${before(ERRORING_FOR_MS)} then 'erroring'`,
    `when coalesce(m.${matched}, r.${n('activated_at')}, r.${n('updated_at')}) < ${before(UNUSED_AFTER_MS)} then 'unused'`,
    `else ${status} end as ${n('state')},`,
    `cast(coalesce(m.${evaluated}, 0) as ${bigint}) as ${evaluated},`,
    `${counts.map((count) => `coalesce(m.${count}, 0)${int} as ${count}`).join(', ')}, m.${matched} as ${matched}`,
    `from ${n('kill_switch_rules')} r left join (select ${ruleKey}, ${[evaluated, ...counts].map((count) => `sum(${count}) as ${count}`).join(', ')},`,
    `max(case when ${enforced} + ${wouldEnforce} > 0 then ${minute} end) as ${matched}, max(case when ${errors} > 0 then ${minute} end) as ${failed}`,
    `from ${n('traffic_metrics')} where ${isNotEmpty(dialect, 'rule_key')} group by ${ruleKey}) m on m.${ruleKey} = ${label}`,
  ].join(' ');
};

export const killSwitchRuleStates = publishSelect({
  name: 'kill_switch_rule_states',
  rowType: 'kill_switch_rule_state',
  description:
    'What became of each kill-switch rule, one row per rule: its state at present and how often it was evaluated and matched within the retention of the request log.',
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
    evaluated: {
      kind: 'int64',
      note: 'How often its condition was run for a fact of a request, or of a program that asked the service. A rule that the index rules out, or that is asked at another stage or time, is not evaluated.',
    },
    enforced: { kind: 'int32', note: 'Matches that were enforced.' },
    would_enforce: { kind: 'int32', note: 'Matches in dry run.' },
    errors: { kind: 'int32', note: 'Evaluations that failed.' },
    last_matched_at: { kind: 'timestamp', nullable: true, note: 'Minute of the last match; null: none is known.' },
  },
  relations: {
    rule_id: { target: 'kill_switch_rules', key: 'id', objectName: 'kill_switch_rule', arrayName: 'states' },
  },
  sql: onEveryDialect(select),
});

import { defineEntity, p } from '@mikro-orm/core';
import { namesOf, onEveryDialect, publish, publishSelect, type SelectDialect } from '../publish.ts';

/** The one additive tally per minute, from which every count is derived. `rule_key` is empty in rows about requests. */
export const TrafficMetric = defineEntity({
  name: 'TrafficMetric',
  tableName: 'traffic_metrics',
  properties: {
    minute: p.datetime(3).primary(),
    source: p.string().length(16).primary(),
    role: p.string().length(128).primary(),
    query_id: p.string().length(64).primary(),
    rule_key: p.string().length(191).primary(),
    requests: p.integer(),
    records: p.integer(),
    anomalies: p.integer(),
    errors: p.integer(),
    evaluated: p.integer().default(0),
    enforced: p.integer(),
    would_enforce: p.integer(),
  },
});

const COUNTS = {
  requests: 'Requests.',
  records: 'Records in their responses.',
  anomalies: 'Requests in which something unusual was found.',
  errors: 'Entries of the errors lists of their responses; in rows about a rule: evaluations of it that failed.',
} as const;

export const trafficMetrics = publish(TrafficMetric, {
  rowType: 'traffic_metric',
  description:
    'Counts per minute, source, role and query shape (rule_key empty), and per kill-switch rule that was evaluated or matched (rule_key set). Counts of different sources are never summed.',
  columns: {
    minute: 'Start of the minute (event time).',
    source: {
      description:
        'Where the traffic was seen; program: a fact that a program asked about, client: a program in touch that evaluates the rules itself.',
      values: ['graphql', 'ndc', 'program', 'client'],
    },
    role: 'Role of the session; empty where programs ask.',
    query_id: 'The shape of the query; empty where none was read.',
    rule_key:
      'The kill-switch rule, as <namespace>.<key>; empty in rows about requests. <namespace>.* with the source client counts how often programs that evaluate its rules themselves were in touch, as requests.',
    ...COUNTS,
    evaluated:
      'Evaluations of the rule: its condition was run for a fact. Counted per hour and over all roles, in rows whose minute is the first of the hour and whose role is empty; 0 in all others.',
    enforced: 'Matches that were enforced; 0 in rows about requests.',
    would_enforce: 'Matches of dry-run rules; 0 in rows about requests.',
  },
});

const HOUR: Record<SelectDialect, string> = {
  sqlite: '(minute / 3600000) * 3600000',
  postgresql: `date_trunc('hour', minute)`,
  mariadb: `cast(date_format(minute, '%Y-%m-%d %H:00:00') as datetime(3))`,
  sqlserver: `dateadd(hour, datediff(hour, '1970-01-01', minute), cast('1970-01-01' as datetime2(3)))`,
  oracle: `from_tz(cast(trunc(sys_extract_utc("minute"), 'HH24') as timestamp), 'UTC')`,
};

/** `sum` of integers is bigint in PostgreSQL and decimal in MariaDB; counts are published as int32. */
const sumOf = (dialect: SelectDialect, column: string): string => {
  const name = namesOf(dialect)(column);
  return `sum(${name})${dialect === 'postgresql' ? '::int' : ''} as ${name}`;
};

const sums = (dialect: SelectDialect): string =>
  Object.keys(COUNTS)
    .map((column) => sumOf(dialect, column))
    .join(', ');

/** To Oracle the empty text is a null. */
const isEmpty = (dialect: SelectDialect, column: string): string =>
  dialect === 'oracle' ? `"${column}" is null` : `${column} = ''`;

export const isNotEmpty = (dialect: SelectDialect, column: string): string =>
  dialect === 'oracle' ? `"${column}" is not null` : `${column} <> ''`;

const hourly = (dialect: SelectDialect): string => {
  const name = namesOf(dialect);
  const [hour, source, query] = [HOUR[dialect], name('source'), name('query_id')];
  return `select ${hour} as ${name('hour')}, ${source}, ${query}, ${sums(dialect)} from ${name('traffic_metrics')} where ${isEmpty(dialect, 'rule_key')} group by ${hour}, ${source}, ${query}`;
};

const countColumns = Object.fromEntries(
  Object.entries(COUNTS).map(([name, note]) => [name, { kind: 'int32' as const, note }]),
);

export const queryHourly = publishSelect({
  name: 'query_hourly',
  rowType: 'query_hour',
  description: 'Counts per hour and query shape: traffic_metrics summed up, so that long ranges stay cheap.',
  primaryKey: ['hour', 'source', 'query_id'],
  columns: {
    hour: { kind: 'timestamp', note: 'Start of the hour.' },
    source: {
      kind: 'string',
      note: { description: 'Where the traffic was seen.', values: ['graphql', 'ndc'] },
    },
    query_id: { kind: 'string', note: 'The shape of the query.' },
    ...countColumns,
  },
  sql: onEveryDialect(hourly),
});

const stats = (dialect: SelectDialect): string => {
  const name = namesOf(dialect);
  const [source, query, minute] = [name('source'), name('query_id'), name('minute')];
  return `select ${source}, ${query}, ${sums(dialect)}, min(${minute}) as ${name('first_seen_at')}, max(${minute}) as ${name('last_seen_at')} from ${name('traffic_metrics')} where ${isEmpty(dialect, 'rule_key')} and ${isNotEmpty(dialect, 'query_id')} group by ${source}, ${query}`;
};

export const queryStats = publishSelect({
  name: 'query_stats',
  rowType: 'query_stat',
  description: 'Counts per query shape over the whole time kept.',
  primaryKey: ['source', 'query_id'],
  columns: {
    source: {
      kind: 'string',
      note: { description: 'Where the traffic was seen.', values: ['graphql', 'ndc'] },
    },
    query_id: { kind: 'string', note: 'The shape of the query.' },
    ...countColumns,
    first_seen_at: { kind: 'timestamp', note: 'First minute with traffic.' },
    last_seen_at: { kind: 'timestamp', note: 'Last minute with traffic.' },
  },
  relations: {
    query_id: { target: 'query_patterns', key: 'query_id', objectName: 'query_pattern', arrayName: 'query_stats' },
  },
  sql: onEveryDialect(stats),
});

const hits = (dialect: SelectDialect): string => {
  const name = namesOf(dialect);
  const key = [name('minute'), name('rule_key'), name('role')].join(', ');
  return `select ${key}, ${sumOf(dialect, 'enforced')}, ${sumOf(dialect, 'would_enforce')} from ${name('traffic_metrics')} where ${isNotEmpty(dialect, 'rule_key')} and ${name('enforced')} + ${name('would_enforce')} > 0 group by ${key}`;
};

export const killSwitchHits = publishSelect({
  name: 'kill_switch_hits',
  rowType: 'kill_switch_hit',
  description:
    'Matches of kill-switch rules per minute and role. Empty while no rule matched. How often a rule was evaluated is in kill_switch_rule_states.',
  primaryKey: ['minute', 'rule_key', 'role'],
  columns: {
    minute: { kind: 'timestamp', note: 'Start of the minute.' },
    rule_key: { kind: 'string', note: 'The rule, as <namespace>.<key>.' },
    role: { kind: 'string', note: 'Role of the session; empty where a program asked about a fact of its own.' },
    enforced: { kind: 'int32', note: 'Matches that were enforced.' },
    would_enforce: { kind: 'int32', note: 'Matches of a dry-run rule.' },
  },
  sql: onEveryDialect(hits),
});

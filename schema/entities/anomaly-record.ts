import { defineEntity, p } from '@mikro-orm/core';
import { CATEGORIES, FINDING_KINDS } from '../../core/domain/finding.ts';
import { SEVERITIES, severityRank } from '../../core/domain/severity.ts';
import { namesOf, onEveryDialect, publish, publishSelect, UNPUBLISHED, type SelectDialect } from '../publish.ts';
import { AnomalyAnalysis } from './anomaly-analysis.ts';

/** One row per finding. */
export const AnomalyRecord = defineEntity({
  name: 'AnomalyRecord',
  tableName: 'anomaly_records',
  properties: {
    id: p.uuid().primary(),
    analysis_id: () => p.manyToOne(AnomalyAnalysis).mapToPk().fieldName('analysis_id').deleteRule('cascade'),
    timestamp: p.datetime(3).index(),
    kind: p.string().length(32),
    category: p.string().length(100),
    severity: p.string().length(16),
    severity_rank: p.integer().default(0),
    risk_level: p.string().length(16),
    dataset: p.string().length(255).nullable(),
    record_index: p.integer(),
    /** What it has in common with its repeats (core/detection/finding-pattern.ts). */
    pattern: p.string().length(32).nullable(),
    reason: p.text(),
    score: p.double().$type<number>().nullable(),
    p_value: p.double().$type<number>().nullable(),
    label: p.string().length(16).nullable(),
    labelled_by: p.string().length(191).nullable(),
    labelled_at: p.datetime(3).nullable().index(),
    note: p.text().nullable(),
    acknowledged_by: p.string().length(191).nullable(),
    acknowledged_at: p.datetime(3).nullable(),
  },
  indexes: [
    { properties: ['kind', 'timestamp'] },
    { properties: ['severity', 'timestamp'] },
    { properties: ['severity_rank', 'timestamp'] },
    { properties: ['pattern', 'timestamp'] },
  ],
});

export const LABELS = ['confirmed', 'expected'] as const;

const analysisRelation = (arrayName: string) => ({
  analysis_id: { target: 'anomaly_analyses', key: 'id', objectName: 'anomaly_analysis', arrayName },
});

export const anomalyRecords = publish(AnomalyRecord, {
  rowType: 'anomaly_record',
  description:
    'One row per finding: what is unusual, how severe it is and why. A finding about a record has its index in the response; the fields that explain it are its anomaly_fields.',
  columns: {
    id: 'Stable id; the argument of label_anomaly and explain_anomaly.',
    analysis_id: 'The analysis that found it.',
    timestamp: 'Event time of the request.',
    kind: { description: 'What was found.', values: Object.keys(FINDING_KINDS) },
    category: { description: "The original plugin's category.", values: CATEGORIES },
    severity: { description: 'How much it matters; sort by severity_rank.', values: SEVERITIES },
    severity_rank:
      'The severity as a number to sort and compare by: 1 low, 2 medium, 3 high, 4 critical; 0: written by an earlier version.',
    risk_level: {
      description: "The severity in the original plugin's words; critical is HIGH.",
      values: ['LOW', 'MEDIUM', 'HIGH'],
    },
    dataset: 'The list of records; null when the finding is about the query or its caller.',
    record_index: 'Position of the record in the dataset, from 0; -1 when the finding is not about one record.',
    pattern: UNPUBLISHED,
    reason: 'One sentence for people, with the numbers behind it.',
    score: 'Anomaly score, 0–1, higher is stranger; null where there is none.',
    p_value: 'Calibrated probability of a record at least this strange among ordinary ones, 0–1.',
    label: { description: 'Feedback: confirmed or expected; null while nobody said.', values: LABELS },
    labelled_by: 'Who gave the label.',
    labelled_at: 'When the label was given.',
    note: 'Text given with the label or the acknowledgement.',
    acknowledged_by: 'Who acknowledged the finding.',
    acknowledged_at: 'When it was acknowledged.',
  },
  relations: analysisRelation('anomaly_records'),
});

const rankOf = (severity: string): string =>
  `case ${severity} ${SEVERITIES.map((each) => `when '${each}' then ${severityRank(each)}`).join(' ')} end`;

const severityAsNumber = (dialect: SelectDialect): string =>
  `case ${namesOf(dialect)('severity')} when 'low' then 0.3 when 'medium' then 0.6 when 'high' then 0.9 else 1.0 end`;

/** In most databases decimal numbers are of the type they are published as. */
const SEVERITY: Record<SelectDialect, string> = {
  sqlite: severityAsNumber('sqlite'),
  postgresql: `(${severityAsNumber('postgresql')})::float8`,
  mariadb: severityAsNumber('mariadb'),
  sqlserver: `cast(${severityAsNumber('sqlserver')} as float)`,
  oracle: `to_binary_double(${severityAsNumber('oracle')})`,
};

const flagsSql = (dialect: SelectDialect): string => {
  const name = namesOf(dialect);
  return (
    `select ${name('id')}, ${name('analysis_id')}, ${name('kind')} as ${name('flag_type')}, ${name('reason')} as ${name('description')}, ` +
    `${SEVERITY[dialect]} as ${name('severity')} from ${name('anomaly_records')} where ${name('p_value')} is not null`
  );
};

const concernsSql = (dialect: SelectDialect): string => {
  const name = namesOf(dialect);
  return `select ${name('id')}, ${name('analysis_id')}, ${name('reason')} as ${name('description')} from ${name('anomaly_records')} where ${name('dataset')} is null`;
};

export const statisticalFlags = publishSelect({
  name: 'statistical_flags',
  rowType: 'statistical_flag',
  description: 'Findings that carry a p-value, in the form of the original plugin: a view of anomaly_records.',
  primaryKey: ['id'],
  columns: {
    id: { kind: 'uuid', note: 'Id of the anomaly record.' },
    analysis_id: { kind: 'uuid', note: 'The analysis that found it.' },
    flag_type: { kind: 'string', note: { description: 'What was found.', values: Object.keys(FINDING_KINDS) } },
    description: { kind: 'string', note: 'One sentence for people.' },
    severity: { kind: 'float64', note: '0.3 low, 0.6 medium, 0.9 high, 1 critical.' },
  },
  relations: analysisRelation('statistical_flags'),
  sql: onEveryDialect(flagsSql),
});

export const queryConcerns = publishSelect({
  name: 'query_concerns',
  rowType: 'query_concern',
  description: 'Findings about a query or its caller, in the form of the original plugin: a view of anomaly_records.',
  primaryKey: ['id'],
  columns: {
    id: { kind: 'uuid', note: 'Id of the anomaly record.' },
    analysis_id: { kind: 'uuid', note: 'The analysis that found it.' },
    description: { kind: 'string', note: 'One sentence for people.' },
  },
  relations: analysisRelation('query_concerns'),
  sql: onEveryDialect(concernsSql),
});

const DAY: Record<SelectDialect, string> = {
  sqlite: `strftime('%Y-%m-%d', timestamp / 1000, 'unixepoch')`,
  postgresql: `to_char(timestamp at time zone 'UTC', 'YYYY-MM-DD')`,
  mariadb: `date_format(timestamp, '%Y-%m-%d')`,
  sqlserver: `convert(nvarchar(10), [timestamp], 23)`,
  oracle: `to_char(sys_extract_utc("timestamp"), 'YYYY-MM-DD')`,
};

const dailySql = (dialect: SelectDialect): string => {
  const name = namesOf(dialect);
  const [kind, severity] = [name('kind'), name('severity')];
  const count = dialect === 'postgresql' ? 'count(*)::int' : 'count(*)';
  return `select ${DAY[dialect]} as ${name('day')}, ${kind}, ${severity}, ${rankOf(severity)} as ${name('severity_rank')}, ${count} as ${name('anomalies')} from ${name('anomaly_records')} group by ${DAY[dialect]}, ${kind}, ${severity}`;
};

export const anomalyDaily = publishSelect({
  name: 'anomaly_daily',
  rowType: 'anomaly_day',
  description: 'Number of findings per UTC day, kind and severity.',
  primaryKey: ['day', 'kind', 'severity'],
  columns: {
    day: { kind: 'string', note: 'UTC day, YYYY-MM-DD.' },
    kind: { kind: 'string', note: { description: 'What was found.', values: Object.keys(FINDING_KINDS) } },
    severity: {
      kind: 'string',
      note: { description: 'How much it matters; sort by severity_rank.', values: SEVERITIES },
    },
    severity_rank: { kind: 'int32', note: 'The severity as a number: 1 low, 2 medium, 3 high, 4 critical.' },
    anomalies: { kind: 'int32', note: 'Number of findings.' },
  },
  sql: onEveryDialect(dailySql),
});

import { defineEntity, p } from '@mikro-orm/core';
import { publish } from '../publish.ts';
import { AnomalyRecord } from './anomaly-record.ts';

/** Why: one row per field that explains a flagged record. */
export const AnomalyField = defineEntity({
  name: 'AnomalyField',
  tableName: 'anomaly_fields',
  properties: {
    id: p.uuid().primary(),
    record_id: () => p.manyToOne(AnomalyRecord).mapToPk().fieldName('record_id').deleteRule('cascade'),
    rank: p.integer(),
    field_name: p.string().length(255),
    value: p.text().nullable(),
    contribution: p.double().$type<number>(),
    tail_probability: p.double().$type<number>(),
    usual_low: p.double().$type<number>().nullable(),
    usual_median: p.double().$type<number>().nullable(),
    usual_high: p.double().$type<number>().nullable(),
    frequency: p.double().$type<number>().nullable(),
    description: p.text(),
  },
});

export const anomalyFields = publish(AnomalyField, {
  rowType: 'anomaly_field',
  description: 'Why a record was flagged: one row per field that explains it, most telling first when ordered by rank.',
  columns: {
    id: 'Stable id.',
    record_id: 'The finding explained.',
    rank: 'Order of importance, from 1.',
    field_name: 'Dotted path of the field inside the record.',
    value: 'Observed value, personal data redacted; null for a null or missing value.',
    contribution: 'Share of the explanation, 0–1.',
    tail_probability: 'Probability of a value at least this unusual in this field alone, 0–1.',
    usual_low: '1 % point of the training values of a numeric field.',
    usual_median: 'Median of the training values of a numeric field.',
    usual_high: '99 % point of the training values of a numeric field.',
    frequency: 'Share of training records with this value, 0–1, for a categorical field.',
    description: 'The sentence shown to people.',
  },
  relations: {
    record_id: { target: 'anomaly_records', key: 'id', objectName: 'anomaly_record', arrayName: 'anomaly_fields' },
  },
});

import { defineEntity, p } from '@mikro-orm/core';
import { TRAINING_CAUSES } from '../../core/domain/training-cause.ts';
import { publish, UNPUBLISHED } from '../publish.ts';
import { HistoricalData } from './historical-data.ts';

export const TrainedModel = defineEntity({
  name: 'TrainedModel',
  tableName: 'trained_models',
  properties: {
    id: p.uuid().primary(),
    baseline_id: () =>
      p.manyToOne(HistoricalData).mapToPk().fieldName('baseline_id').index(false).deleteRule('cascade'),
    version: p.integer(),
    status: p.string().length(16),
    features_count: p.integer(),
    records_count: p.integer(),
    learnt_count: p.integer(),
    cause: p.string().length(16).nullable(),
    created_at: p.datetime(3),
    last_updated: p.datetime(3),
    /** Serialised model (core/detection/records/model/model-format.ts), gzipped. */
    model: p.blob(),
  },
  uniques: [{ properties: ['baseline_id', 'version'] }],
});

export const MODEL_STATUSES = ['active', 'superseded', 'rolled_back'] as const;

export const trainedModels = publish(TrainedModel, {
  rowType: 'trained_model',
  description:
    'One row per version of a model. At most one version of a baseline is active; earlier ones are kept for roll-back until their retention ends. Empty until a baseline has the minimum of records.',
  columns: {
    id: 'Stable id.',
    baseline_id: 'The baseline the model was trained on.',
    version: 'Version within the baseline, from 1.',
    status: { description: 'Whether this version scores records now.', values: MODEL_STATUSES },
    features_count: 'Features the model uses.',
    records_count: { description: 'Records it was trained on.', unit: 'records' },
    learnt_count: {
      description:
        'Records the baseline had learnt when the version was trained, or put in force again: new ones are counted from there.',
      unit: 'records',
    },
    cause: {
      description:
        'Why it was trained: the first model, new records, a new column, a column whose values changed their type, p-values that no longer fit, a request for a new version, or a stored model that could not be read. Null: before causes were kept.',
      values: TRAINING_CAUSES,
    },
    created_at: 'When it was trained.',
    last_updated: 'When its status last changed.',
    model: UNPUBLISHED,
  },
  relations: {
    baseline_id: { target: 'historical_data', key: 'id', objectName: 'baseline', arrayName: 'trained_models' },
  },
  unique: [['baseline_id', 'version']],
});

import { defineEntity, p } from '@mikro-orm/core';
import { publish } from '../publish.ts';
import { AnomalyAnalysis } from './anomaly-analysis.ts';

export const Recommendation = defineEntity({
  name: 'Recommendation',
  tableName: 'recommendations',
  properties: {
    id: p.uuid().primary(),
    analysis_id: () => p.manyToOne(AnomalyAnalysis).mapToPk().fieldName('analysis_id').deleteRule('cascade'),
    description: p.text(),
  },
});

export const recommendations = publish(Recommendation, {
  rowType: 'recommendation',
  description: 'What to look at or do about an analysis, one sentence per row.',
  columns: {
    id: 'Stable id.',
    analysis_id: 'The analysis it belongs to.',
    description: 'One sentence for people.',
  },
  relations: {
    analysis_id: {
      target: 'anomaly_analyses',
      key: 'id',
      objectName: 'anomaly_analysis',
      arrayName: 'recommendations',
    },
  },
});

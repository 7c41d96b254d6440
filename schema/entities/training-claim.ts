import { defineEntity, p } from '@mikro-orm/core';
import { HistoricalData } from './historical-data.ts';

/** Which instance trains a baseline. A row that expired is anybody's: its trainer died or gave up. */
export const TrainingClaim = defineEntity({
  name: 'TrainingClaim',
  tableName: 'training_claims',
  properties: {
    baseline_id: () =>
      p.manyToOne(HistoricalData).primary().mapToPk().fieldName('baseline_id').index(false).deleteRule('cascade'),
    /** Chosen anew for every attempt: whoever finds it there holds the claim. */
    holder: p.uuid(),
    expires_at: p.datetime(3),
  },
});

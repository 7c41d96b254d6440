import { defineEntity, p } from '@mikro-orm/core';
import { HistoricalData } from './historical-data.ts';

/**
 * The records one observation contributed to history, in one row for both rungs of the ladder: features, not values
 * (design D15). Appended, never rewritten; a row whose records all lost against the sample is swept. Records under
 * suspicion stand in a block of their own, quarantined, and don't teach until released.
 */
export const HistoryBlock = defineEntity({
  name: 'HistoryBlock',
  tableName: 'history_blocks',
  properties: {
    id: p.uuid().primary(),
    observation_id: p.uuid().index(),
    at: p.datetime(3),
    shape_baseline_id: () =>
      p.manyToOne(HistoricalData).mapToPk().fieldName('shape_baseline_id').index(false).deleteRule('cascade'),
    dataset_baseline_id: () =>
      p.manyToOne(HistoricalData).mapToPk().fieldName('dataset_baseline_id').index(false).deleteRule('cascade'),
    quarantined: p.boolean(),
    /** The finding whose label let a quarantined block teach; null for one that is quarantined or never was. */
    released_by: p.uuid().nullable(),
    /** Smallest (best) sampling priority in the block. */
    best_priority: p.double().$type<number>(),
    record_count: p.integer(),
    /** `{columns: [path], records: [[priority, feature, …]]}`. */
    records: p.json<unknown>(),
    /** The rows as received, where SENTINEL_HISTORY=raw. */
    raw: p.json<unknown>().nullable(),
  },
  indexes: [
    { properties: ['shape_baseline_id', 'quarantined', 'best_priority'] },
    { properties: ['dataset_baseline_id', 'quarantined', 'best_priority'] },
    { properties: ['quarantined', 'at'] },
  ],
});

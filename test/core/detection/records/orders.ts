import type { Cell, Dataset } from '../../../../core/domain/observation.ts';
import { DAY, HOUR } from '../../../../core/domain/time.ts';
import type { Instant } from '../../../../core/domain/time.ts';
import { createKeyedHash } from '../../../../core/detection/records/features/keyed-hash.ts';
import type { NumericMatrix } from '../../../../core/detection/statistics/numeric-matrix.ts';
import type { Prng } from '../../../../core/detection/statistics/prng.ts';
import { createPrng } from '../../../../core/detection/statistics/prng.ts';
import { featuresOf } from '../../../../core/detection/records/features/record-features.ts';
import { featureRows } from '../../../support/feature-rows.ts';
import type { WindowRecord } from '../../../../core/detection/records/features/record-features.ts';
import { trainRecordModel } from '../../../../core/detection/records/model/record-model.ts';
import { finish } from '../../../../core/domain/steps.ts';
import type { RecordModel } from '../../../../core/detection/records/model/record-model.ts';

/** Made-up orders of a shop: eight columns of different kinds, as a DDN response would show them. */
export const START: Instant = Date.UTC(2026, 9, 1);
export const hash = createKeyedHash('test key');

export function dataset(name: string, columns: Record<string, readonly Cell[]>): Dataset {
  const entries = Object.entries(columns);
  const recordCount = Math.max(0, ...entries.map(([, cells]) => cells.length));
  return {
    name,
    recordCount,
    columns: entries.map(([path, cells]) => ({ path, cells })),
    droppedRecords: 0,
    droppedColumns: 0,
  };
}

export function orders(prng: Prng, count: number, at: Instant): Record<string, Cell[]> {
  const make = <T extends Cell>(cell: () => T): T[] => Array.from({ length: count }, cell);
  const quantities = make(() => 1 + prng.integer(9));
  return {
    id: make(() => 1_000_000 + prng.integer(1_000_000)),
    quantity: quantities,
    // Price follows quantity closely: combinations can be strange where neither value is.
    total: quantities.map((quantity) => Math.round(100 * quantity * (9.5 + prng.uniform())) / 100),
    status: make(() => (prng.uniform() < 0.7 ? 'paid' : prng.uniform() < 0.5 ? 'open' : 'cancelled')),
    'customer.email': make(() => `customer${prng.integer(100_000)}@example.com`),
    gift: make(() => prng.uniform() < 0.2),
    created_at: make(() => new Date(at - Math.floor(prng.uniform() * 10 * DAY)).toISOString()),
    note: make(() =>
      prng.uniform() < 0.3 ? null : 'please ring twice '.repeat(1 + prng.integer(4)) + prng.integer(1_000_000),
    ),
  };
}

/** `responses` responses of 20 orders, one every six hours. */
export function orderWindow(responses: number, seed = 'orders'): WindowRecord[] {
  const prng = createPrng(seed);
  return Array.from({ length: responses }, (_, response) => {
    const at = START + response * 6 * HOUR;
    const batch = featuresOf(dataset('orders', orders(prng, 20, at)), at, hash);
    const observation = String(response).padStart(4, '0');
    return featureRows(batch).map((features, row) => ({ key: `${observation}/${row}`, at, features }));
  }).flat();
}

export function train(window: readonly WindowRecord[], version = 1): RecordModel {
  const model = finish(trainRecordModel(window, { baselineKey: 'orders', version, trainedAt: START }));
  if (model === null) throw new Error('the window is too small for a model');
  return model;
}

/** Standard normal deviates (Box and Muller, 1958). */
export function normal(prng: Prng): number {
  return Math.sqrt(-2 * Math.log(1 - prng.uniform())) * Math.cos(2 * Math.PI * prng.uniform());
}

/** Independent standard normal columns. */
export function gaussian(rows: number, columns: number, seed = 'gaussian'): NumericMatrix {
  const prng = createPrng(seed);
  return { rows, columns, data: Float64Array.from({ length: rows * columns }, () => normal(prng)) };
}

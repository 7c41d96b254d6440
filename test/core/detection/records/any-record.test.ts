import { describe, expect, it } from 'vitest';
import type { Cell } from '../../../../core/domain/observation.ts';
import { compareWithHistory } from '../../../../core/detection/records/changes/compare-with-history.ts';
import { explainRecord } from '../../../../core/detection/records/explanation/explain.ts';
import { fieldStatistics } from '../../../../core/detection/records/features/field-statistics.ts';
import { parseModel, serialiseModel } from '../../../../core/detection/records/model/model-format.ts';
import { createPrng } from '../../../../core/detection/statistics/prng.ts';
import type { Prng } from '../../../../core/detection/statistics/prng.ts';
import { featuresOf } from '../../../../core/detection/records/features/record-features.ts';
import { featureRows } from '../../../support/feature-rows.ts';
import type { WindowRecord } from '../../../../core/detection/records/features/record-features.ts';
import { scoreRecords, trainWithScores } from '../../../../core/detection/records/model/record-model.ts';
import { finish } from '../../../../core/domain/steps.ts';
import { dataset, hash, START } from './orders.ts';

/** Everything a response can hold, and some things it should not. */
const MAKERS: readonly ((prng: Prng) => Cell)[] = [
  (prng) => prng.uniform(),
  (prng) => prng.integer(10),
  (prng) => (prng.uniform() - 0.5) * 10 ** prng.integer(300),
  () => Number.POSITIVE_INFINITY,
  () => Number.NaN,
  () => -0,
  () => Number.MAX_VALUE,
  () => 5e-324,
  (prng) => prng.uniform() < 0.5,
  () => null,
  () => undefined,
  () => '',
  (prng) => 'x'.repeat(prng.integer(3_000)),
  (prng) => String(prng.integer(1_000)),
  () => '\ud800 lone surrogate \u0000',
  () => '9999-12-31T23:59:59.999999999+14:00',
  (prng) => new Date(START - prng.integer(1e12)).toISOString(),
  () => '__proto__',
  (prng) => Array.from({ length: prng.integer(5) }, () => prng.integer(9)),
  () => [null, { deep: [{}] }, 'x', Number.NaN, [1]],
];
const PATHS = ['__proto__', 'constructor', 'a.b', 'id', 'created_at', 'email', '', 'ключ'];

function anyDataset(prng: Prng, records: number, makersOf: readonly (readonly number[])[]) {
  return dataset(
    'any',
    Object.fromEntries(
      PATHS.map((path, column) => {
        const makers = makersOf[column] as readonly number[];
        return [
          path,
          Array.from({ length: records }, () => {
            const maker = makers[prng.integer(makers.length)] as number;
            return (MAKERS[maker] as (prng: Prng) => Cell)(prng);
          }),
        ];
      }),
    ),
  );
}

describe('nothing makes a record unanalysable', () => {
  it.each(Array.from({ length: 30 }, (_, seed) => seed))('seed %i: whatever the columns hold', (seed) => {
    const prng = createPrng(`any/${seed}`);
    // One to three kinds of content a column in training, any content when scored.
    const mixture = PATHS.map(() => Array.from({ length: 1 + prng.integer(3) }, () => prng.integer(MAKERS.length)));
    const anything = PATHS.map(() => MAKERS.map((_, maker) => maker));
    const past = featureRows(featuresOf(anyDataset(prng, 120, mixture), START, hash));
    const window: WindowRecord[] = past.map((features, row) => ({
      key: `${row % 12}/${row}`,
      at: START + row,
      features: JSON.parse(JSON.stringify(features)) as typeof features,
    }));
    const trained = finish(trainWithScores(window, { baselineKey: 'any', version: seed, trainedAt: START }));
    const model = parseModel(serialiseModel(trained.model));
    const data = anyDataset(prng, 25, anything);
    const batch = featuresOf(data, START, hash);
    const scored = scoreRecords(model, batch);
    expect(scored).toEqual(scoreRecords(trained.model, batch));
    for (const { scores, pValues } of [scored, trained.trainingScores]) {
      expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
      expect(pValues.every((p) => p > 0 && p <= 1)).toBe(true);
    }
    for (let row = 0; row < 25; row++) {
      const { reason, fields } = explainRecord(model, batch, row, data);
      expect(reason.length).toBeGreaterThan(0);
      for (const { contribution, tailProbability } of fields) {
        expect(contribution >= 0 && contribution <= 1 + 1e-9 && tailProbability >= 0 && tailProbability <= 1).toBe(
          true,
        );
      }
    }
    for (const { p } of compareWithHistory(model, batch, 'any')) expect(p === null || (p >= 0 && p <= 1)).toBe(true);
    for (const field of fieldStatistics(data)) {
      for (const value of [field.min, field.max, field.mean, field.median, field.standardDeviation]) {
        expect(value === null || Number.isFinite(value)).toBe(true);
      }
    }
  });
});

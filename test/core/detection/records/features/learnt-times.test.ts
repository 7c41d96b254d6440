import { describe, expect, it } from 'vitest';
import type { Cell } from '../../../../../core/domain/observation.ts';
import { DAY, HOUR, MINUTE } from '../../../../../core/domain/time.ts';
import type { Instant } from '../../../../../core/domain/time.ts';
import { createPrng } from '../../../../../core/detection/statistics/prng.ts';
import { featuresOf } from '../../../../../core/detection/records/features/record-features.ts';
import type { WindowRecord } from '../../../../../core/detection/records/features/record-features.ts';
import { scoreRecords } from '../../../../../core/detection/records/model/record-model.ts';
import { featureRows } from '../../../../support/feature-rows.ts';
import { dataset, hash, START, train } from '../orders.ts';

const prng = createPrng('learnt times');

interface Response {
  readonly at: Instant;
  readonly created: readonly Instant[];
}

const columnsOf = ({ created }: Response): Record<string, readonly Cell[]> => ({
  created_at: created.map((instant) => new Date(instant).toISOString()),
  total: created.map(() => Math.round(10_000 * prng.uniform()) / 100),
});
const batchOf = (response: Response) => featuresOf(dataset('orders', columnsOf(response)), response.at, hash);

function modelOf(responses: readonly Response[]) {
  const window: WindowRecord[] = responses.flatMap((response, index) =>
    featureRows(batchOf(response)).map((features, row) => ({
      key: `${String(index).padStart(4, '0')}/${row}`,
      at: response.at,
      features,
    })),
  );
  return train(window);
}

const judgedBy = (responses: readonly Response[]): string[] =>
  modelOf(responses)
    .encoder.columns.find(({ path }) => path === 'created_at')!
    .numeric.map(({ name }) => name);

const many = (count: number, make: (i: number) => Instant): Instant[] =>
  Array.from({ length: count }, (_, i) => make(i));
/** 50 orders of one day of the past, read in the night `index`. */
const ofOneDay = (index: number, day: number): Response => ({
  at: START + index * DAY,
  created: many(50, () => START - day * DAY + prng.uniform() * HOUR),
});

describe('times', () => {
  it('are not judged where two responses showed two days, however many records they had', () => {
    expect(judgedBy([ofOneDay(0, 90), ofOneDay(1, 60)])).toEqual([]);
    expect(judgedBy(many(5, (i) => i).map((i) => ofOneDay(i, 30 * ((2 * i) % 5))))).toEqual([]);
  });

  it('are judged once as many responses were seen as make a distribution', () => {
    expect(judgedBy(many(40, (i) => i).map((i) => ofOneDay(i, prng.integer(90))))).toEqual(['time']);
  });

  it('are judged after a few responses that each show what all do', () => {
    const response = (index: number): Response => ({
      at: START + index * DAY,
      created: many(50, () => START - 90 * DAY * prng.uniform()),
    });
    expect(judgedBy([0, 1, 2].map(response))).toEqual(['time']);
  });

  it('are judged as ages where they keep step with the queries', () => {
    const response = (index: number): Response => ({
      at: START + index * DAY,
      created: many(50, () => START + index * DAY - DAY * prng.uniform()),
    });
    expect(judgedBy(many(6, (i) => i).map(response))).toEqual(['age']);
  });

  it('are not judged where they move on at a pace of their own: the next ones are never among those seen', () => {
    // A job reads 25 orders a night, one by one, and works through four hours of them.
    const night = (index: number): Response[] =>
      many(25, (i) => i).map((i) => ({
        at: START + index * DAY + i * MINUTE,
        created: [START - 90 * DAY + (25 * index + i) * 10 * MINUTE],
      }));
    const responses = many(4, (i) => i).flatMap(night);
    expect(judgedBy(responses)).toEqual([]);
    const next = many(3, (i) => 5 + i).flatMap(night);
    const model = modelOf(responses);
    const flagged = next.filter((response) => scoreRecords(model, batchOf(response)).pValues[0]! <= 0.005);
    expect(flagged.length).toBeLessThanOrEqual(2);
  });
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { tableOfWindow } from '../../core/detection/records/features/feature-table.ts';
import { evaluateDetector, noveltySplit } from '../../core/detection/records/model/evaluate.ts';
import type { Protocol } from '../../core/detection/records/model/evaluate.ts';
import { batchOfRows } from '../support/feature-rows.ts';
import type { WindowRecord } from '../../core/detection/records/features/record-features.ts';
import { scoreRecords, trainWithScores } from '../../core/detection/records/model/record-model.ts';
import { finish } from '../../core/domain/steps.ts';
import type { Detector } from '../../core/detection/records/model/numeric-part.ts';

/**
 * The detector, encoder included, on 20 labelled public sets (the classical half of ADBench; Han and others, NeurIPS
 * 2022). The sets are not part of the project: they are looked for beside it, or where SENTINEL_TABULAR_DATA says.
 * Nothing may be tuned to them: 20 mostly small sets reward what does not transfer.
 */
const FOLDER = resolve(
  process.env['SENTINEL_TABULAR_DATA'] ?? join(import.meta.dirname, '../../../shared/data/tabular'),
);
const SETS = existsSync(FOLDER) ? readdirSync(FOLDER).filter((name) => name.endsWith('.csv.gz')) : [];
const SEEDS = 5;

interface LabelledSet {
  readonly name: string;
  readonly records: readonly WindowRecord[];
  readonly labels: readonly number[];
}

function readSet(file: string): LabelledSet {
  const [header, ...lines] = gunzipSync(readFileSync(join(FOLDER, file)))
    .toString('utf8')
    .trimEnd()
    .split('\n');
  const names = (header as string).split(',').slice(0, -1);
  const rows = lines.map((line) => line.split(',').map(Number));
  return {
    name: file.replace('.csv.gz', ''),
    records: rows.map((row, index) => ({
      key: `${String(index).padStart(6, '0')}/0`,
      at: 0,
      features: Object.fromEntries(names.map((name, column) => [name, row[column] as number])),
    })),
    labels: rows.map((row) => row.at(-1) as number),
  };
}

const sets = SETS.map(readSet);

function meanOver(detector: Detector, protocol: Protocol): { auroc: number; averagePrecision: number } {
  let auroc = 0;
  let averagePrecision = 0;
  for (const { records, labels } of sets) {
    const result = finish(
      evaluateDetector(finish(tableOfWindow(records)), labels, { protocol, detector, seeds: SEEDS }),
    );
    auroc += (result.auroc as number) / sets.length;
    averagePrecision += (result.averagePrecision as number) / sets.length;
  }
  console.log(`${detector} ${protocol}: AUROC ${auroc.toFixed(4)}, AP ${averagePrecision.toFixed(4)} (${SEEDS} seeds)`);
  return { auroc, averagePrecision };
}

describe.skipIf(SETS.length === 0)(`the detector on ${SETS.length} labelled sets in ${FOLDER}`, () => {
  it('finds all twenty of them', () => {
    expect(sets.length).toBe(20);
  });

  // scikit-learn's forest reaches 0.8197 in the mixed protocol (20 seeds); one 5-seed mean varies by 0.002.
  it.each([
    ['forest', 'mixed', 0.813, 0.4],
    ['forest', 'novelty', 0.856, 0.6],
    ['joined', 'mixed', 0.807, 0.4],
    ['joined', 'novelty', 0.872, 0.66],
  ] as const)('%s, protocol %s: AUROC at least %d, average precision at least %d', (detector, protocol, auroc, ap) => {
    const measured = meanOver(detector, protocol);
    expect(measured.auroc).toBeGreaterThanOrEqual(auroc);
    expect(measured.averagePrecision).toBeGreaterThanOrEqual(ap);
  });

  it.each([0.01, 0.02, 0.05])('flags fresh normal records at a rate within half and 1.7 times α = %d', (alpha) => {
    const rates = sets
      .filter(({ labels }) => labels.filter((label) => label === 0).length >= 2_000)
      .map(({ name, records, labels }) => {
        let flagged = 0;
        let scored = 0;
        for (let seed = 0; seed < SEEDS; seed++) {
          const { train, test } = noveltySplit(records.length, labels, seed);
          const window = Array.from(train, (index) => records[index] as WindowRecord);
          const { model } = finish(trainWithScores(window, { baselineKey: name, version: seed, trainedAt: 0 }));
          const fresh = [...test]
            .filter((index) => labels[index] === 0)
            .map((index) => (records[index] as WindowRecord).features);
          const { pValues } = scoreRecords(model, batchOfRows(fresh, 0));
          flagged += pValues.filter((p) => p <= alpha).length;
          scored += pValues.length;
        }
        return { name, rate: flagged / scored };
      });
    console.log(rates.map(({ name, rate }) => `${name} ${(100 * rate).toFixed(2)} %`).join(', '));
    expect(rates.length).toBeGreaterThanOrEqual(5);
    for (const { name, rate } of rates) {
      expect(rate, name).toBeGreaterThanOrEqual(0.5 * alpha);
      expect(rate, name).toBeLessThanOrEqual(1.7 * alpha);
    }
  });
});

describe.skipIf(SETS.length > 0)('the detector on labelled sets', () => {
  it.skip(`not run: ${FOLDER} holds no labelled sets (set SENTINEL_TABULAR_DATA to their folder)`, () => {});
});

import { describe, expect, it } from 'vitest';
import type { Cell } from '../../../../../core/domain/observation.ts';
import { compareWithHistory } from '../../../../../core/detection/records/changes/compare-with-history.ts';
import { explainRecord } from '../../../../../core/detection/records/explanation/explain.ts';
import { createPrng } from '../../../../../core/detection/statistics/prng.ts';
import { featuresOf } from '../../../../../core/detection/records/features/record-features.ts';
import { scoreRecords } from '../../../../../core/detection/records/model/record-model.ts';
import { featureRows } from '../../../../support/feature-rows.ts';
import { dataset, hash, START, train } from '../orders.ts';

/** Rows with a reference and what else an invoice has. */
function invoices(path: string, references: readonly Cell[]) {
  const prng = createPrng('invoices');
  return dataset('invoices', {
    [path]: references,
    total: references.map(() => 20 + prng.integer(1_000) / 10),
    status: references.map(() => (prng.uniform() < 0.7 ? 'paid' : 'open')),
  });
}

const batchOf = (path: string, references: readonly Cell[]) => featuresOf(invoices(path, references), START, hash);

function learn(path: string, references: readonly Cell[]) {
  const rows = featureRows(batchOf(path, references));
  return train(rows.map((features, i) => ({ key: `${Math.floor(i / 20)}/${i % 20}`, at: START, features })));
}

const numbered = (from: number, count: number, write: (number: number) => Cell) =>
  Array.from({ length: count }, (_, i) => write(from + i));
/** Some of the numbers up to a power of ten, as a sample of history holds them. */
const sampled = (power: number, write: (number: number) => Cell) => {
  const prng = createPrng('sampled');
  const numbers = Array.from({ length: power - power / 10 }, (_, i) => power / 10 + i);
  return numbers
    .filter((number) => number >= power - 20 || prng.uniform() < 800 / power)
    .map((number) => write(number));
};

describe('a reference that grows by a digit', () => {
  it.each<[string, string, number, (number: number) => Cell]>([
    ['an invoice number', 'invoice_number', 1_000, (number) => `INV-${number}`],
    ['a number in a text', 'reference', 10_000, String],
    ['a number', 'order_number', 10_000, Number],
    ['a number behind a year', 'reference', 1_000, (number) => `RE/26-${number}`],
  ])('is usual: %s', (_, path, power, write) => {
    const model = learn(path, sampled(power, write));
    const usual = scoreRecords(model, batchOf(path, [write(power - 1)])).pValues[0]!;
    expect(scoreRecords(model, batchOf(path, [write(power)])).pValues[0]).toBe(usual);
    expect(
      compareWithHistory(model, batchOf(path, numbered(power, 40, write)), 'invoices', { selectionIsFixed: true }),
    ).toEqual([]);
  });

  it.each<[string, Cell]>([
    ['begins with another digit', 'INV-5318'],
    ['grew by two digits', 'INV-10000'],
    ['lost its prefix', '1000'],
    ['has another form', 'INV-10A0'],
    ['has a longer prefix', 'INVX-100'],
  ])('is not: one that %s', (_, reference) => {
    const model = learn(
      'invoice_number',
      sampled(1_000, (number) => `INV-${number}`),
    );
    const batch = batchOf('invoice_number', [reference]);
    const [usual] = scoreRecords(model, batchOf('invoice_number', ['INV-999'])).pValues;
    expect(scoreRecords(model, batch).pValues[0]).toBeLessThan(usual! / 10);
    expect(explainRecord(model, batch, 0, invoices('invoice_number', [reference])).reason).toMatch(/^invoice_number/);
  });

  it.each<[string, string, (number: number) => Cell, Cell]>([
    ['personal', 'phone', (number) => `030-${7_000_000 + number * 7}`, '030-10000000'],
    ['of few values', 'postcode', (number) => String(10_000 + (number % 300) * 100), '100000'],
  ])('is not in a column that is %s', (_, path, write, next) => {
    const model = learn(path, sampled(1_000, write));
    const [usual] = scoreRecords(model, batchOf(path, [write(500)])).pValues;
    expect(scoreRecords(model, batchOf(path, [next])).pValues[0]).toBeLessThan(usual!);
  });
});

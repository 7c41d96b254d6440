import { describe, expect, it } from 'vitest';
import {
  categoryProbability,
  countCategories,
  leaveOneOutRarity,
  rarityOf,
  rarityTail,
} from '../../../../core/detection/records/rarity.ts';

const values = [...Array<string>(6).fill('paid'), ...Array<string>(3).fill('open'), 'void'];
const counts = countCategories(values);

describe('rarity', () => {
  it('is −log of the smoothed frequency, less its mean', () => {
    // (n_v + 0.5) / (n + 0.5 (K + 1)) with n = 10, K = 3.
    expect(categoryProbability(counts, 'paid')).toBeCloseTo(6.5 / 12);
    expect(categoryProbability(counts, 'never')).toBeCloseTo(0.5 / 12);
    expect(rarityOf(counts, 'open') - rarityOf(counts, 'paid')).toBeCloseTo(Math.log(6.5 / 3.5));
    const mean = values.reduce((sum, value) => sum + rarityOf(counts, value), 0) / values.length;
    expect(mean).toBeCloseTo(0);
  });

  it('does not depend on the order of the records', () => {
    expect(countCategories(values.toReversed())).toEqual(counts);
  });

  it('of an unseen value is the largest, and ties with a training value seen once, left out of its own count', () => {
    expect(Math.max(...values.map((value) => rarityOf(counts, value)))).toBeLessThan(rarityOf(counts, 'never'));
    expect(leaveOneOutRarity(counts, 'void')).toBe(rarityOf(counts, 'never'));
  });

  it('leaves out records that have no value', () => {
    expect(countCategories(['a', undefined, 'a']).total).toBe(2);
  });

  it('gives the share of records at least as rare', () => {
    expect(rarityTail(counts, 'paid')).toBe(1);
    expect(rarityTail(counts, 'open')).toBeCloseTo(5 / 11);
    expect(rarityTail(counts, 'void')).toBeCloseTo(2 / 11);
    expect(rarityTail(counts, 'never')).toBeCloseTo(1 / 11);
  });

  it('keeps the thousand most frequent values of a column and counts the rest', () => {
    const many = countCategories(Array.from({ length: 3_000 }, (_, i) => String(i % 1_500)));
    expect(many.counts.size).toBe(1_000);
    expect(many).toMatchObject({ total: 3_000, distinct: 1_500, other: 1_000 });
    expect(rarityTail(many, 'never')).toBeLessThan(rarityTail(many, '1'));
  });
});

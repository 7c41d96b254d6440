import { describe, expect, it } from 'vitest';
import {
  countCategories,
  countOf,
  leaveOneOutRarity,
  rarityOf,
  rarityTail,
} from '../../../../../core/detection/records/model/rarity.ts';

const values = [...Array<string>(6).fill('paid'), ...Array<string>(3).fill('open'), 'void'];
const counts = countCategories(values);
const rarity = (value: string) => rarityOf(counts, countOf(counts, value));

describe('rarity', () => {
  it('is the logarithm of how many times the commonest value is more frequent', () => {
    // (n_v + 0.5) / (n + 0.5 (K + 1)), of which the denominator cancels out.
    expect(rarity('paid')).toBe(0);
    expect(rarity('open')).toBeCloseTo(Math.log(6.5 / 3.5));
    expect(rarity('never')).toBeCloseTo(Math.log(6.5 / 0.5));
  });

  it('does not depend on the order of the records', () => {
    expect(countCategories(values.toReversed())).toEqual(counts);
  });

  it('of an unseen value is the largest, and ties with a training value seen once, left out of its own count', () => {
    expect(Math.max(...values.map(rarity))).toBeLessThan(rarity('never'));
    expect(leaveOneOutRarity(counts, countOf(counts, 'void'))).toBe(rarity('never'));
  });

  it('of the commonest value is the same with and without a training record’s own occurrence', () => {
    // Or a column that hardly varies would make every record that lacks it stranger than training.
    expect(leaveOneOutRarity(counts, countOf(counts, 'paid'))).toBe(rarity('paid'));
  });

  it('leaves out records that have no value', () => {
    expect(countCategories(['a', undefined, 'a']).total).toBe(2);
  });

  it('gives the share of records at least as rare', () => {
    expect(rarityTail(counts, 'paid')).toBe(1);
    expect(rarityTail(counts, 'open')).toBeCloseTo(5 / 11);
    expect(rarityTail(counts, 'void')).toBeCloseTo(2 / 11);
    // As new as 'void' was when it came.
    expect(rarityTail(counts, 'never')).toBeCloseTo(2 / 11);
    expect(rarityTail(countCategories(['paid', 'paid', 'open', 'open']), 'never')).toBeCloseTo(1 / 5);
  });

  it('keeps the thousand most frequent values of a column and counts the rest', () => {
    const many = countCategories(Array.from({ length: 3_000 }, (_, i) => String(i % 1_500)));
    expect(many.counts.size).toBe(1_000);
    expect(many).toMatchObject({ total: 3_000, commonest: 2, other: 1_000 });
    expect(rarityTail(many, 'never')).toBeLessThan(rarityTail(many, '1'));
  });
});

import { describe, expect, it } from 'vitest';
import { chanceOfNews, createSeenTable, noteSeen } from '../../../../core/detection/patterns/seen-table.ts';
import { DAY } from '../../../../core/domain/time.ts';

describe('a table of the seen', () => {
  it("knows the chance of news by Turing's estimate", () => {
    const table = createSeenTable(10);
    for (const name of ['a', 'a', 'b', 'c', 'c', 'c']) noteSeen(table, name, 0, false);
    expect(chanceOfNews(table, 6)).toBeCloseTo(1 / 6);
    expect(chanceOfNews(createSeenTable(10), 0)).toBe(1);
  });

  it('forgets the least recently seen and its count', () => {
    const table = createSeenTable(2);
    for (const name of ['a', 'b', 'a', 'c']) noteSeen(table, name, 0, false);
    expect([...table.counts.keys()]).toEqual(['a', 'c']);
    expect(table.seenOnce).toBe(1);
  });

  it('does not take reported names for a habit of news before the third day of reports', () => {
    const table = createSeenTable(10);
    const onceSeen = ['a', 'b', 'c', 'd'].map((name, i) => {
      noteSeen(table, name, Math.floor(i / 2) * DAY, true);
      return table.seenOnce;
    });
    noteSeen(table, 'a', DAY, false);
    noteSeen(table, 'e', 2 * DAY, true);
    expect([...onceSeen, table.seenOnce]).toEqual([0, 0, 0, 0, 4]);
    expect(table.counts.get('a')).toBe(2);
  });
});

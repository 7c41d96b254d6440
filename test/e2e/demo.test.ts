import { expect, it } from 'vitest';
import { play, withOwnServer } from '../../server/cli/demo.ts';

// The demo of the first page of the README: what it promises is what this test demands.
it(
  'finds every planted kind in two weeks of traffic and raises at most 1 % of the clean requests',
  { timeout: 240_000 },
  async () => {
    const { assessment, countedByGraphql, countedByNdc } = await withOwnServer(play);
    expect(assessment.rows.filter((row) => !row.found).map((row) => row.planted)).toEqual([]);
    expect(assessment.rows.length).toBeGreaterThanOrEqual(6);
    expect(assessment.falseAlarmShare).toBeLessThanOrEqual(0.01);
    expect(countedByNdc).toBe(countedByGraphql);
  },
);

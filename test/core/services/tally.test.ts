import { expect, it } from 'vitest';
import type { TallyRow } from '../../../core/services/ports/tally.ts';
import { createTally } from '../../../core/services/tally.ts';

const key = { source: 'graphql', role: 'support', queryId: 'q', ruleKey: '' };

function port() {
  const flushes: (readonly TallyRow[])[] = [];
  const state = { away: false, refused: new Set<string>() };
  const dropped: string[] = [];
  return {
    dropped,
    onDropped: (row: TallyRow) => dropped.push(row.role),
    flushes,
    state,
    add: async (rows: readonly TallyRow[]) => {
      if (state.away) throw new Error('away');
      if (rows.some((row) => state.refused.has(row.role))) throw new Error('refused');
      flushes.push(rows);
    },
    isRefusal: (error: unknown) => (error as Error).message === 'refused',
  };
}

it('adds up per minute and labels, and writes nothing when there is nothing', async () => {
  const stored = port();
  const tally = createTally(stored, stored.onDropped);
  tally.add({ at: 60_001, ...key }, { requests: 1, records: 10 });
  tally.add({ at: 119_999, ...key }, { requests: 1, anomalies: 1 });
  tally.add({ at: 120_000, ...key }, { requests: 1 });
  await tally.flush();
  await tally.flush();
  expect(stored.flushes).toHaveLength(1);
  expect(stored.flushes[0]).toEqual([
    expect.objectContaining({ minute: 60_000, requests: 2, records: 10, anomalies: 1 }),
    expect.objectContaining({ minute: 120_000, requests: 1, records: 0 }),
  ]);
});

it('keeps what could not be written for the next flush', async () => {
  const stored = port();
  const tally = createTally(stored, stored.onDropped);
  tally.add({ at: 0, ...key }, { requests: 1 });
  stored.state.away = true;
  await expect(tally.flush()).rejects.toThrow('away');
  tally.add({ at: 0, ...key }, { requests: 2 });
  stored.state.away = false;
  await tally.flush();
  expect(stored.flushes[0]).toEqual([expect.objectContaining({ requests: 3 })]);
});

it('drops a row that is refused, and counts every other one once', async () => {
  const stored = port();
  const tally = createTally(stored, stored.onDropped);
  const roles = ['a', 'b', 'c', 'd', 'e'];
  for (const role of roles) tally.add({ at: 0, ...key, role }, { requests: 1 });
  stored.state.refused.add('d');
  await tally.flush();
  expect(stored.dropped).toEqual(['d']);
  const counted = stored.flushes.flat();
  expect(new Map(counted.map(({ role, requests }) => [role, requests]))).toEqual(
    new Map(['a', 'b', 'c', 'e'].map((role) => [role, 1])),
  );
  expect(counted).toHaveLength(4);
});

it('keeps everything where more is refused than rows can be at fault', async () => {
  const stored = port();
  const tally = createTally(stored, stored.onDropped);
  for (let i = 0; i < 1_000; i++) {
    stored.state.refused.add(`r${i}`);
    tally.add({ at: 0, ...key, role: `r${i}` }, { requests: 1 });
  }
  await expect(tally.flush()).rejects.toThrow('refused');
  stored.state.refused.clear();
  await tally.flush();
  expect(stored.flushes.flat()).toHaveLength(1_000 - stored.dropped.length);
  expect(stored.dropped.length).toBeLessThan(200);
});

it('takes roles as the column holds them: those that are alike there are one row', async () => {
  const stored = port();
  const tally = createTally(stored, stored.onDropped);
  tally.add({ at: 0, ...key, role: `${'x'.repeat(128)}1` }, { requests: 1 });
  tally.add({ at: 0, ...key, role: `${'x'.repeat(128)}2` }, { requests: 1 });
  tally.add({ at: 0, ...key, role: 'n\0' }, { requests: 1 });
  await tally.flush();
  expect(stored.flushes.flat().map(({ role, requests }) => [role, requests])).toEqual([
    ['x'.repeat(128), 2],
    ['n\ufffd', 1],
  ]);
});

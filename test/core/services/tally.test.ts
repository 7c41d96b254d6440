import { expect, it } from 'vitest';
import type { TallyRow } from '../../../core/services/ports.ts';
import { createTally } from '../../../core/services/tally.ts';

const key = { source: 'graphql', role: 'support', queryId: 'q', ruleKey: '' };

function port() {
  const flushes: (readonly TallyRow[])[] = [];
  const state = { away: false };
  return {
    flushes,
    state,
    add: async (rows: readonly TallyRow[]) => {
      if (state.away) throw new Error('away');
      flushes.push(rows);
    },
  };
}

it('adds up per minute and labels, and writes nothing when there is nothing', async () => {
  const stored = port();
  const tally = createTally(stored);
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
  const tally = createTally(stored);
  tally.add({ at: 0, ...key }, { requests: 1 });
  stored.state.away = true;
  await expect(tally.flush()).rejects.toThrow('away');
  tally.add({ at: 0, ...key }, { requests: 2 });
  stored.state.away = false;
  await tally.flush();
  expect(stored.flushes[0]).toEqual([expect.objectContaining({ requests: 3 })]);
});

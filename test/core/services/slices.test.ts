import { describe, expect, it } from 'vitest';
import { createSlicer } from '../../../core/services/slices.ts';

const SLICE_MS = 4;

/** Work of so many milliseconds. */
function busy(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

function* work(steps: number, ms: number, log: string[] = [], name = ''): Generator<void, string> {
  for (let i = 0; i < steps; i++) {
    busy(ms);
    log.push(name);
    yield;
  }
  return name;
}

/** A slicer, and what it ran between the turns of the event loop: `|` is a turn. */
function watched() {
  const log: string[] = [];
  const inSlices = createSlicer(
    () => new Promise((resolve) => setImmediate(() => resolve(void log.push('|')))),
    SLICE_MS,
  );
  return { log, inSlices, turns: () => log.join('').split('|') };
}

describe('computations in slices', () => {
  it('pause once a slice is full, and go on', async () => {
    const { inSlices, log, turns } = watched();
    expect(await inSlices(work(12, 2, log, 'a'))).toBe('a');
    expect(log.filter((entry) => entry === 'a')).toHaveLength(12);
    expect(Math.max(...turns().map((turn) => turn.length))).toBeLessThanOrEqual(3);
  });

  it('share a slice when one follows another without a pause', async () => {
    const { inSlices, log, turns } = watched();
    for (let i = 0; i < 6; i++) await inSlices(work(1, 3, log, 'a'));
    expect(Math.max(...turns().map((turn) => turn.length))).toBeLessThanOrEqual(2);
  });

  it('share a turn of the event loop when they run at the same time', async () => {
    const { inSlices, log, turns } = watched();
    await Promise.all(['a', 'b', 'c', 'd'].map((name) => inSlices(work(6, 3, log, name))));
    expect(Math.max(...turns().map((turn) => turn.length))).toBeLessThanOrEqual(2);
  });
});

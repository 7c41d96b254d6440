import { expect } from 'vitest';

const ROUNDS = 3;
/** Where the work is bounded, its time is noise. */
const NOISE_MS = 20;

/**
 * Expects work to grow no faster than its size: four times the size in at most eight times the CPU time of this thread,
 * where quadratic work would take sixteen. A busy machine slows down both.
 */
export function expectLinear(work: (size: number) => unknown, size: number): void {
  work(size);
  const [small, large] = [cpuMsOf(() => work(size)), cpuMsOf(() => work(4 * size))];
  expect(large).toBeLessThan(8 * small + NOISE_MS);
}

/** The least of a few rounds. */
function cpuMsOf(work: () => unknown): number {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const started = process.threadCpuUsage();
    work();
    const { user, system } = process.threadCpuUsage(started);
    return (user + system) / 1_000;
  });
  return Math.min(...rounds);
}

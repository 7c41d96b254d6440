/** CPU nanoseconds per call, after as many calls to warm up. */
export function nanosecondsPerCall(call: (i: number) => unknown, calls = 500_000): number {
  cpuOf(call, calls);
  return cpuOf(call, calls) / calls;
}

export function cpuNanoseconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(since);
  return (user + system) * 1_000;
}

/** The clock of a thread's CPU time may advance by whole milliseconds. */
const LEAST_NS = 100e6;
const ROUNDS = 9;

/**
 * CPU nanoseconds per call of each contender: medians of rounds in which they take turns, so that a busy moment of the
 * machine hits all of them.
 */
export function nanosecondsInTurns(contenders: readonly ((i: number) => unknown)[]): number[] {
  const measured = contenders.map((call) => ({ call, calls: enoughCalls(call), figures: [] as number[] }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { call, calls, figures } of measured) figures.push(cpuOf(call, calls) / calls);
  }
  return measured.map(({ figures }) => figures.sort((a, b) => a - b)[ROUNDS >> 1] as number);
}

/** So many calls that the clock's steps don't matter; finding out warms up. */
function enoughCalls(call: (i: number) => unknown): number {
  for (let calls = 8; ; calls *= 2) {
    if (cpuOf(call, calls) >= LEAST_NS) return calls;
  }
}

/** The count keeps the work from being optimised away. */
function cpuOf(call: (i: number) => unknown, calls: number): number {
  let truths = 0;
  const started = process.threadCpuUsage();
  for (let i = 0; i < calls; i++) truths += call(i) === true ? 1 : 0;
  const elapsed = cpuNanoseconds(started);
  if (truths < 0) throw new Error('counts cannot be negative');
  return elapsed;
}

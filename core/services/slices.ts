/** Runs a computation that pauses between its steps to its end, and lets others run meanwhile. */
export type RunInSlices = <T>(steps: Generator<unknown, T>) => Promise<T>;

/**
 * @param pause lets others run between two slices.
 * @param sliceMs longest slice, in milliseconds, but for the step that exceeds it.
 */
export function createSlicer(pause: () => Promise<void>, sliceMs: number): RunInSlices {
  return async (steps) => {
    let turn = performance.now();
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      if (performance.now() - turn > sliceMs) {
        await pause();
        turn = performance.now();
      }
    }
  };
}

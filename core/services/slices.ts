/** Runs a computation that pauses between its steps to its end, and lets others run meanwhile. */
export type RunInSlices = <T>(steps: Generator<unknown, T>) => Promise<T>;

/**
 * All computations of one slicer take turns: however many there are, one slice lies between two pauses. What runs after
 * the end of a computation, without a pause, counts to the slice of the next one.
 *
 * @param pause lets others run between two slices.
 * @param sliceMs longest slice, in milliseconds, but for the step that exceeds it.
 */
export function createSlicer(pause: () => Promise<void>, sliceMs: number): RunInSlices {
  let turn = 0;
  let lastPause: Promise<void> = Promise.resolve();

  /** In order: two that wait for the same turn of the event loop would both run in it. */
  function nextTurn(): Promise<void> {
    lastPause = lastPause.then(pause).then(() => {
      turn = performance.now();
    });
    return lastPause;
  }

  return async (steps) => {
    for (;;) {
      if (performance.now() - turn > sliceMs) await nextTurn();
      const step = steps.next();
      if (step.done) return step.value;
    }
  };
}

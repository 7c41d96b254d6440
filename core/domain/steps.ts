/** Runs a computation that pauses between its steps to its end, for who need not let others run in between. */
export function finish<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

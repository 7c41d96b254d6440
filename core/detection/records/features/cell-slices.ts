/** Cells of records that are read between two pauses: about a millisecond of work. */
const CELLS_PER_SLICE = 1_024;

/**
 * Says when a sliced computation over records has done enough for a pause. Counted in cells: a slice of so many records
 * takes as much longer as they have columns.
 */
export function cellSlices(): { isFull(cells: number): boolean } {
  let done = 0;
  return {
    isFull(cells) {
      done += cells;
      if (done < CELLS_PER_SLICE) return false;
      done = 0;
      return true;
    },
  };
}

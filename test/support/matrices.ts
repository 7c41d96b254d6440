import type { NumericMatrix } from '../../core/detection/statistics/numeric-matrix.ts';

export function matrixOf(rows: readonly (readonly number[])[]): NumericMatrix {
  const columns = rows[0]?.length ?? 0;
  const data = new Float64Array(rows.length * columns);
  rows.forEach((row, index) => data.set(row, index * columns));
  return { rows: rows.length, columns, data };
}

/** A new matrix of the rows at `indices`, in their order. */
export function selectRows(matrix: NumericMatrix, indices: ArrayLike<number>): NumericMatrix {
  const { columns, data } = matrix;
  const selected = new Float64Array(indices.length * columns);
  for (let i = 0; i < indices.length; i++) {
    const start = (indices[i] as number) * columns;
    selected.set(data.subarray(start, start + columns), i * columns);
  }
  return { rows: indices.length, columns, data: selected };
}

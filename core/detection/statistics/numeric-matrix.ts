/** Rows of numeric features, row-major; NaN is a missing cell. */
export interface NumericMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

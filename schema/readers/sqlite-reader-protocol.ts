export interface ReaderSettings {
  readonly path: string;
  /** Per statement, and for waiting on a lock. */
  readonly timeoutMs: number;
}

export type ReaderRequest =
  | { readonly id: number; readonly sql: string; readonly parameters: readonly unknown[] }
  /** Asks for the next slice of a statement that is not done. */
  | { readonly id: number; readonly next: true }
  /** The rest of the rows is not wanted; not answered. */
  | { readonly id: number; readonly end: true };

/**
 * The next rows of a statement. By column: copying a few long lists between threads costs a third of copying many short
 * ones (measured). In slices, each only when asked for: neither thread ever copies, or holds, an answer as a whole text.
 */
export interface ReaderSlice {
  readonly id: number;
  readonly rowCount: number;
  /** Of the columns; none where there is no row. */
  readonly names: readonly string[];
  readonly columns: readonly (readonly unknown[])[];
  readonly done: boolean;
}

export type ReaderReply =
  | ReaderSlice
  | { readonly id: number; readonly error: { readonly code: string; readonly message: string } };

/** `started` comes once, when the thread is ready to read; until then no statement's time runs. */
export type ReaderMessage = ReaderReply | { readonly started: true };

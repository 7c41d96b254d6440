export interface ReaderSettings {
  readonly path: string;
  /** Per statement, and for waiting on a lock. */
  readonly timeoutMs: number;
}

export interface ReaderRequest {
  readonly id: number;
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

export type ReaderReply =
  /** By column: copying a few long lists between threads costs a third of copying many short ones (measured). */
  | { readonly id: number; readonly rowCount: number; readonly columns: readonly (readonly unknown[])[] }
  | { readonly id: number; readonly error: { readonly code: string; readonly message: string } };

/** `started` comes once, when the thread is ready to read; until then no statement's time runs. */
export type ReaderMessage = ReaderReply | { readonly started: true };

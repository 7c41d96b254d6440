/**
 * Spans of the calls that other programs make. A port, so that hooks and connector know nothing of OpenTelemetry and a
 * process without a collector pays for none of it.
 */
export interface RequestTracer {
  /**
   * Starts the span of one call, as a child of the caller's.
   *
   * @param headers header values as Node gives them, with the caller's trace context in W3C or B3 form, if any
   * @returns null where the call is not recorded
   */
  start(name: string, headers: CallHeaders): RequestSpan | null;
}

export interface RequestSpan {
  /** @param error what made the call fail, if it did */
  end(attributes: Readonly<Record<string, string | number | boolean>>, error?: unknown): void;
}

export type CallHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Records nothing. */
export const NO_TRACER: RequestTracer = { start: () => null };

/**
 * A number of a JSON text that JavaScript would write differently, kept as it was written: `9007199254740993`, `1e999`,
 * `1.10`. `JSON.stringify` writes it again; for anything else it is an opaque object.
 */
export interface ExactNumber {
  readonly rawJSON: string;
}

declare global {
  /** ECMAScript's proposal "JSON.parse source text access", in Node since 21; not in TypeScript's library. */
  interface JSON {
    parse(
      text: string,
      reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
    ): unknown;
    rawJSON(text: string): ExactNumber;
    isRawJSON(value: unknown): value is ExactNumber;
  }
}

/**
 * Parses a text whose values will be written again, and only such: it is about eight times as slow as `JSON.parse` alone
 * (test/bench/masking.bench.ts).
 *
 * @throws RangeError for nesting by the thousand, which `JSON.parse` alone would read.
 */
export function parseExactJson(text: string): unknown {
  return JSON.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source ? JSON.rawJSON(source) : value,
  );
}

export function isExactNumber(value: unknown): value is ExactNumber {
  return JSON.isRawJSON(value);
}

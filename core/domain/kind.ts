/**
 * The closed list of value kinds that storage, NDC, GraphQL, REST and HML share. Each surface maps it in one table of
 * its own; nothing else knows a surface's type names.
 */
export const SCALAR_KINDS = ['string', 'uuid', 'int32', 'int64', 'float64', 'boolean', 'timestamp', 'json'] as const;

/**
 * `int64` travels as a decimal string, `timestamp` as RFC 3339 UTC with milliseconds, `json` as any JSON value,
 * `uuid` as lower-case text. `float64` is always finite.
 */
export type ScalarKind = (typeof SCALAR_KINDS)[number];

export type ValueType =
  | { readonly type: 'scalar'; readonly scalar: ScalarKind; readonly values?: readonly string[] }
  | { readonly type: 'object'; readonly object: string }
  | { readonly type: 'list'; readonly of: ValueType }
  | { readonly type: 'nullable'; readonly of: ValueType };

export const scalar = (kind: ScalarKind): ValueType => ({ type: 'scalar', scalar: kind });
export const oneOf = (values: readonly string[]): ValueType => ({ type: 'scalar', scalar: 'string', values });
export const objectOf = (name: string): ValueType => ({ type: 'object', object: name });
export const listOf = (of: ValueType): ValueType => ({ type: 'list', of });
export const nullable = (of: ValueType): ValueType => ({ type: 'nullable', of });

/** A named composite: the row of a collection, or what a verb returns. */
export interface ObjectDef {
  readonly name: string;
  readonly description: string;
  readonly fields: readonly FieldDef[];
}

export interface FieldDef {
  readonly name: string;
  readonly description: string;
  readonly type: ValueType;
}

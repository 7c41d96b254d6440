import { formatInstant } from '../../core/domain/time.ts';
import type { ScalarKind, ValueType } from '../../core/domain/kind.ts';
import type { Catalogue } from '../catalogue.ts';
import { fieldTypeOf, findObject } from './value-types.ts';
import type { FieldType } from './value-types.ts';

/** Driver value (after `Dialect.output`) → wire form; never called with null. */
const DECODE: Record<ScalarKind, (value: unknown) => unknown> = {
  string: (value) => value,
  uuid: (value) => (value as string).toLowerCase(),
  int32: Number,
  int64: String,
  float64: Number,
  boolean: (value) => value === true || value === 1 || value === 1n || value === '1',
  // SQLite: epoch milliseconds. MariaDB: microseconds and no zone.
  timestamp: (value) => (typeof value === 'number' ? formatInstant(value) : `${(value as string).slice(0, 23)}Z`),
  json: parse,
};

export type Decode = (value: unknown) => unknown;

/** Driver value → wire form for a column; composites are completed to all their fields. */
export function decoderOf(catalogue: Catalogue, { type }: FieldType): Decode {
  if (type.type === 'scalar') return DECODE[type.scalar];
  return (value) => completeValue(catalogue, type, parse(value));
}

/**
 * Wire form of a value inside JSON: every declared field of an object is there, null where the value lacks it; whole
 * numbers of 64 bits are strings.
 */
export function completeValue(catalogue: Catalogue, declared: ValueType, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  const { type } = fieldTypeOf(declared);
  switch (type.type) {
    case 'scalar':
      return insideWire(type.scalar, value);
    case 'list':
      return Array.isArray(value) ? value.map((element) => completeValue(catalogue, type.of, element)) : null;
    case 'object': {
      const fields = findObject(catalogue, type.object)?.fields ?? new Map<string, FieldType>();
      const complete: Record<string, unknown> = {};
      for (const [name, field] of fields) complete[name] = completeValue(catalogue, field.type, ownValue(value, name));
      return complete;
    }
  }
}

/** Wire form of a scalar inside JSON, where a whole number of 64 bits may stand as a number. */
export function insideWire(kind: ScalarKind, value: unknown): unknown {
  return kind === 'int64' && typeof value === 'number' ? String(value) : value;
}

/** Values are foreign objects: own properties only. */
export function ownValue(object: unknown, name: string): unknown {
  if (object === null || typeof object !== 'object' || !Object.hasOwn(object, name)) return null;
  return (object as Record<string, unknown>)[name] ?? null;
}

/** A value inside nested objects, null where the way ends early. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce(ownValue, value ?? null);
}

function parse(value: unknown): unknown {
  return typeof value === 'string' ? (JSON.parse(value) as unknown) : value;
}

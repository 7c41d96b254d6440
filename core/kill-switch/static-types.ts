import type { TypeName } from './values.ts';

/**
 * What is known of a value's type when the condition is created: a set of types, as bits. A fact without a schema can be
 * anything; what an operator makes of it can be less.
 */
export type StaticType = number;

export const TYPE_BITS = {
  null: 1,
  boolean: 2,
  number: 4,
  string: 8,
  list: 16,
  map: 32,
  timestamp: 64,
  duration: 128,
} as const satisfies Record<TypeName, StaticType>;

export const ANY: StaticType = 255;
export const ORDERED: StaticType = TYPE_BITS.number | TYPE_BITS.string | TYPE_BITS.timestamp | TYPE_BITS.duration;

/** `string`, `string or null`, `number, string or timestamp`, `anything`. */
export function describeType(type: StaticType): string {
  if (type === ANY) return 'anything';
  const names = (Object.keys(TYPE_BITS) as TypeName[]).filter((name) => (TYPE_BITS[name] & type) !== 0).reverse();
  const last = names.pop() ?? 'nothing';
  return names.length === 0 ? last : `${names.join(', ')} or ${last}`;
}

type Operands = readonly [left: TypeName, right: TypeName, result: TypeName];

/** Every combination that arithmetic knows; all others are errors. */
export const ARITHMETIC = {
  '+': [
    ['number', 'number', 'number'],
    ['string', 'string', 'string'],
    ['timestamp', 'duration', 'timestamp'],
    ['duration', 'timestamp', 'timestamp'],
    ['duration', 'duration', 'duration'],
  ],
  '-': [
    ['number', 'number', 'number'],
    ['timestamp', 'duration', 'timestamp'],
    ['timestamp', 'timestamp', 'duration'],
    ['duration', 'duration', 'duration'],
  ],
  '*': [['number', 'number', 'number']],
  '/': [['number', 'number', 'number']],
  '%': [['number', 'number', 'number']],
} as const satisfies Record<string, readonly Operands[]>;

/** The types that an operator can make of its operands; 0 when it can only fail. */
export function arithmeticType(operator: keyof typeof ARITHMETIC, left: StaticType, right: StaticType): StaticType {
  let result = 0;
  for (const [a, b, made] of ARITHMETIC[operator]) {
    if ((TYPE_BITS[a] & left) !== 0 && (TYPE_BITS[b] & right) !== 0) result |= TYPE_BITS[made];
  }
  return result;
}

/** Whether two values of these types can be ordered: they share a type that has an order. */
export function canOrder(left: StaticType, right: StaticType): boolean {
  return (left & right & ORDERED) !== 0;
}

/**
 * Whether two values of these types can be equal in a way that says something: two absent values of different types
 * are equal only by both being null, unless null itself is asked for.
 */
export function canEqual(left: StaticType, right: StaticType): boolean {
  const shared = left & right;
  return shared === TYPE_BITS.null ? left === TYPE_BITS.null || right === TYPE_BITS.null : shared !== 0;
}

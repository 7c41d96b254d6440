import type { ScalarKind } from '../../core/domain/kind.ts';
import type { ScalarType } from './value-types.ts';

/**
 * What an operator means; what a surface calls the meaning (NDC's `equal`, `contains_insensitive`) is its own table.
 * `pattern`: SQL LIKE, `%` any text, `_` one character, `\` takes the next character literally.
 */
export type OperatorMeaning =
  | 'equal'
  | 'not-equal'
  | 'in'
  | 'not-in'
  | 'less-than'
  | 'less-than-or-equal'
  | 'greater-than'
  | 'greater-than-or-equal'
  | 'contains'
  | 'contains-insensitive'
  | 'starts-with'
  | 'starts-with-insensitive'
  | 'ends-with'
  | 'ends-with-insensitive'
  | 'like'
  | 'like-insensitive'
  | 'not-like'
  | 'not-like-insensitive';

/** `value`: one of the column's type; `list`: a list of those; the others: a string. */
export type OperandType = 'value' | 'list' | 'text' | 'pattern';

export interface OperatorDef {
  readonly meaning: OperatorMeaning;
  readonly operand: OperandType;
  readonly description: string;
}

/** Names are those of Hasura's other connectors. Every comparison with null on either side is false. */
export const OPERATORS = {
  _eq: { meaning: 'equal', operand: 'value', description: 'Equals.' },
  _neq: { meaning: 'not-equal', operand: 'value', description: 'Differs; false for null.' },
  _in: { meaning: 'in', operand: 'list', description: 'Equals one of the list; an empty list matches nothing.' },
  _nin: { meaning: 'not-in', operand: 'list', description: 'Equals none of the list; false for null.' },
  _lt: { meaning: 'less-than', operand: 'value', description: 'Is less.' },
  _lte: { meaning: 'less-than-or-equal', operand: 'value', description: 'Is less or equal.' },
  _gt: { meaning: 'greater-than', operand: 'value', description: 'Is greater.' },
  _gte: { meaning: 'greater-than-or-equal', operand: 'value', description: 'Is greater or equal.' },
  _contains: { meaning: 'contains', operand: 'text', description: 'Contains the text.' },
  _icontains: { meaning: 'contains-insensitive', operand: 'text', description: 'Contains the text in any case.' },
  _starts_with: { meaning: 'starts-with', operand: 'text', description: 'Starts with the text.' },
  _istarts_with: {
    meaning: 'starts-with-insensitive',
    operand: 'text',
    description: 'Starts with the text in any case.',
  },
  _ends_with: { meaning: 'ends-with', operand: 'text', description: 'Ends with the text.' },
  _iends_with: { meaning: 'ends-with-insensitive', operand: 'text', description: 'Ends with the text in any case.' },
  _like: {
    meaning: 'like',
    operand: 'pattern',
    description: 'Matches the SQL LIKE pattern: % any text, _ one character.',
  },
  _ilike: {
    meaning: 'like-insensitive',
    operand: 'pattern',
    description: 'Matches the SQL LIKE pattern in any case.',
  },
  _nlike: { meaning: 'not-like', operand: 'pattern', description: 'Does not match the SQL LIKE pattern.' },
  _nilike: {
    meaning: 'not-like-insensitive',
    operand: 'pattern',
    description: 'Does not match the SQL LIKE pattern in any case.',
  },
} as const satisfies Record<string, OperatorDef>;

export type OperatorName = keyof typeof OPERATORS;

const EQUALITY = ['_eq', '_neq', '_in', '_nin'] as const;
const ORDER = [...EQUALITY, '_lt', '_lte', '_gt', '_gte'] as const;

/**
 * JSON has no equality that all databases agree on, so it has no operators. "In any case" folds ASCII letters on SQLite
 * and all letters elsewhere.
 */
const BY_KIND: Record<ScalarKind, readonly OperatorName[]> = {
  string: Object.keys(OPERATORS) as OperatorName[],
  uuid: ORDER,
  int32: ORDER,
  int64: ORDER,
  float64: ORDER,
  boolean: EQUALITY,
  timestamp: ORDER,
  json: [],
};

/** The operators of a scalar type; a closed set of values has equality only. */
export function operatorsOf(type: ScalarType): readonly OperatorName[] {
  return type.values ? EQUALITY : BY_KIND[type.scalar];
}

export function findOperator(type: ScalarType, name: string): OperatorName | undefined {
  return operatorsOf(type).find((operator) => operator === name);
}

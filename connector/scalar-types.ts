import type {
  AggregateFunctionDefinition,
  ComparisonOperatorDefinition,
  ExtractionFunctionDefinition,
  ScalarType as NdcScalarType,
  Type,
  TypeRepresentation,
} from '@hasura/ndc-sdk-typescript';
import type { ScalarKind } from '../core/domain/kind.ts';
import { type AggregateFunctionName, aggregateFunctionsOf, resultKindOf } from '../schema/query/aggregate-functions.ts';
import {
  EXTRACTION_FUNCTIONS,
  type ExtractionFunctionName,
  extractionFunctionsOf,
} from '../schema/query/extraction-functions.ts';
import { OPERATORS, type OperatorMeaning, type OperatorName, operatorsOf } from '../schema/query/operators.ts';
import type { ScalarType } from '../schema/query/value-types.ts';

/**
 * Kind → NDC scalar. Built-in names of DDN where they fit, so that generated metadata needs no custom scalar for them.
 * An int64 is a JSON string on this wire: a number would lose digits in JavaScript clients.
 */
export const NDC_SCALARS = {
  string: { name: 'String', representation: { type: 'string' } },
  uuid: { name: 'Uuid', representation: { type: 'uuid' } },
  int32: { name: 'Int', representation: { type: 'int32' } },
  int64: { name: 'Int64', representation: { type: 'int64' } },
  float64: { name: 'Float', representation: { type: 'float64' } },
  boolean: { name: 'Boolean', representation: { type: 'boolean' } },
  timestamp: { name: 'Timestamp', representation: { type: 'timestamptz' } },
  json: { name: 'Json', representation: { type: 'json' } },
} as const satisfies Record<ScalarKind, { readonly name: string; readonly representation: TypeRepresentation }>;

/** What the protocol says of one scalar of ours: its form, and what the query engine can do with it. */
export function ndcScalarType(type: ScalarType, name: string): NdcScalarType {
  const representation: TypeRepresentation = type.values
    ? { type: 'enum', one_of: [...type.values] }
    : NDC_SCALARS[type.scalar].representation;
  return {
    representation,
    comparison_operators: Object.fromEntries(
      operatorsOf(type).map((operator) => [operator, comparisonOperator(operator, name)]),
    ),
    aggregate_functions: Object.fromEntries(aggregateFunctionsOf(type).map((fn) => [fn, aggregateFunction(fn, type)])),
    extraction_functions: Object.fromEntries(
      extractionFunctionsOf(type.scalar).map((fn) => [fn, extractionFunction(fn)]),
    ),
  };
}

/** Meanings the protocol has a word for; the others are custom operators. */
const STANDARD_OPERATORS: Partial<Record<OperatorMeaning, Exclude<ComparisonOperatorDefinition['type'], 'custom'>>> = {
  equal: 'equal',
  in: 'in',
  'less-than': 'less_than',
  'less-than-or-equal': 'less_than_or_equal',
  'greater-than': 'greater_than',
  'greater-than-or-equal': 'greater_than_or_equal',
  contains: 'contains',
  'contains-insensitive': 'contains_insensitive',
  'starts-with': 'starts_with',
  'starts-with-insensitive': 'starts_with_insensitive',
  'ends-with': 'ends_with',
  'ends-with-insensitive': 'ends_with_insensitive',
};

const STRING: Type = { type: 'named', name: NDC_SCALARS.string.name };

function comparisonOperator(operator: OperatorName, scalarName: string): ComparisonOperatorDefinition {
  const { meaning, operand } = OPERATORS[operator];
  const standard = STANDARD_OPERATORS[meaning];
  if (standard) return { type: standard };
  const same: Type = { type: 'named', name: scalarName };
  const argumentType: Record<typeof operand, Type> = {
    value: same,
    list: { type: 'array', element_type: same },
    text: STRING,
    pattern: STRING,
  };
  return { type: 'custom', argument_type: argumentType[operand] };
}

function aggregateFunction(fn: AggregateFunctionName, argument: ScalarType): AggregateFunctionDefinition {
  // The engine lists a function for a kind only where it has a result kind.
  const result = NDC_SCALARS[resultKindOf(fn, argument) as ScalarKind].name;
  switch (fn) {
    case 'min':
    case 'max':
      return { type: fn };
    case 'sum':
      return { type: 'sum', result_type: result };
    case 'avg':
      return { type: 'average', result_type: result };
    default:
      return { type: 'custom', result_type: { type: 'nullable', underlying_type: { type: 'named', name: result } } };
  }
}

const STANDARD_EXTRACTIONS = new Set<ExtractionFunctionName>([
  'second',
  'minute',
  'hour',
  'day',
  'week',
  'month',
  'quarter',
  'year',
  'day_of_week',
  'day_of_year',
]);

/** `millisecond` became a standard word in 0.2.1: as a custom function, clients of 0.2.0 can read our schema too. */
function extractionFunction(fn: ExtractionFunctionName): ExtractionFunctionDefinition {
  const { name } = NDC_SCALARS[EXTRACTION_FUNCTIONS[fn].result];
  if (!STANDARD_EXTRACTIONS.has(fn)) return { type: 'custom', result_type: { type: 'named', name } };
  return { type: fn, result_type: name } as ExtractionFunctionDefinition;
}

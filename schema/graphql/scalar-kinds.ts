import { GraphQLError, GraphQLScalarType, Kind, valueFromASTUntyped } from 'graphql';
import type { ScalarKind } from '../../core/domain/kind.ts';

/** Kind → GraphQL scalar. Values are in wire form (core/domain/kind.ts) on both sides, so nothing is converted. */
export const GRAPHQL_SCALARS = {
  string: 'String',
  uuid: 'UUID',
  int32: 'Int',
  int64: 'BigInt',
  float64: 'Float',
  boolean: 'Boolean',
  timestamp: 'DateTime',
  json: 'JSON',
} as const satisfies Record<ScalarKind, string>;

const UUID_TEXT = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const TIMESTAMP_TEXT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i;
const INTEGER_TEXT = /^-?\d{1,19}$/;

/** The scalars that GraphQL doesn't have itself. What is not of their form is refused before anything runs. */
export const CUSTOM_SCALARS = {
  UUID: new GraphQLScalarType<unknown, unknown>({
    name: 'UUID',
    description: 'A UUID in lower-case text.',
    parseValue: (value) => {
      if (typeof value !== 'string' || !UUID_TEXT.test(value)) throw refusal(value, 'a UUID');
      return value.toLowerCase();
    },
  }),
  DateTime: new GraphQLScalarType<unknown, unknown>({
    name: 'DateTime',
    description: 'An instant as RFC 3339 text; answered in UTC with milliseconds: 2026-03-10T12:00:00.000Z.',
    parseValue: (value) => {
      if (typeof value !== 'string' || !TIMESTAMP_TEXT.test(value) || Number.isNaN(Date.parse(value))) {
        throw refusal(value, 'an RFC 3339 instant with a zone, such as 2026-03-10T12:00:00Z');
      }
      return value;
    },
  }),
  BigInt: new GraphQLScalarType<unknown, unknown>({
    name: 'BigInt',
    description: 'A whole number of 64 bits as decimal text.',
    parseValue: (value) => {
      if (typeof value === 'string' && INTEGER_TEXT.test(value)) return value;
      if (Number.isSafeInteger(value)) return String(value);
      throw refusal(value, 'a whole number as decimal text');
    },
    // As text: the digits of a literal beyond 2^53 would not survive being a number.
    parseLiteral: (node) => {
      if (node.kind === Kind.INT || node.kind === Kind.STRING) {
        if (INTEGER_TEXT.test(node.value)) return node.value;
      }
      throw refusal(valueFromASTUntyped(node), 'a whole number as decimal text');
    },
  }),
  JSON: new GraphQLScalarType<unknown, unknown>({ name: 'JSON', description: 'Any JSON value.' }),
};

function refusal(value: unknown, expected: string): GraphQLError {
  const text = JSON.stringify(value) ?? typeof value;
  return new GraphQLError(`${text.length > 60 ? `${text.slice(0, 60)}…` : text} is not ${expected}.`);
}

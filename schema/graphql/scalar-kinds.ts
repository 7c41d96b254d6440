import { GraphQLError, GraphQLScalarType, Kind, print } from 'graphql';
import type { ScalarKind } from '../../core/domain/kind.ts';
import { preview } from '../query/scalar-values.ts';

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
  UUID: textScalar('UUID', 'A UUID in lower-case text.', 'a UUID', (text) =>
    UUID_TEXT.test(text) ? text.toLowerCase() : undefined,
  ),
  DateTime: textScalar(
    'DateTime',
    'An instant as RFC 3339 text; answered in UTC with milliseconds: 2026-03-10T12:00:00.000Z.',
    'an RFC 3339 instant with a zone, such as 2026-03-10T12:00:00Z',
    (text) => (TIMESTAMP_TEXT.test(text) && !Number.isNaN(Date.parse(text)) ? text : undefined),
  ),
  BigInt: textScalar(
    'BigInt',
    'A whole number of 64 bits as decimal text.',
    'a whole number as decimal text',
    (text) => (INTEGER_TEXT.test(text) ? text : undefined),
  ),
  JSON: new GraphQLScalarType<unknown, unknown>({ name: 'JSON', description: 'Any JSON value.' }),
};

/**
 * A scalar whose values are text. Whole numbers are taken as their digits: those of a literal beyond 2^53 would not
 * survive being a number.
 */
function textScalar(
  name: string,
  description: string,
  expected: string,
  read: (text: string) => string | undefined,
): GraphQLScalarType<unknown, unknown> {
  return new GraphQLScalarType<unknown, unknown>({
    name,
    description,
    parseValue: (value) => {
      const text = Number.isSafeInteger(value) ? String(value) : value;
      const wire = typeof text === 'string' ? read(text) : undefined;
      if (wire === undefined) throw new GraphQLError(`${preview(value)} is not ${expected}.`);
      return wire;
    },
    parseLiteral: (node) => {
      const wire = node.kind === Kind.STRING || node.kind === Kind.INT ? read(node.value) : undefined;
      if (wire === undefined) throw new GraphQLError(`${print(node)} is not ${expected}.`, { nodes: [node] });
      return wire;
    },
  });
}

import type { Type } from '@hasura/ndc-sdk-typescript';
import { assertNever } from '../core/domain/errors.ts';
import type { HmlNames } from './hml-names.ts';

/** `String!`, `[Timestamp!]`: nullability and lists as NDC has them, which the build compares. */
export function typeText(type: Type, names: HmlNames): string {
  switch (type.type) {
    case 'named':
      return `${names.type(type.name)}!`;
    case 'array':
      return `[${typeText(type.element_type, names)}]!`;
    case 'nullable':
      return typeText(type.underlying_type, names).replace(/!$/, '');
    case 'predicate':
      throw new Error(`predicate arguments over "${type.object_type_name}" have no place in the metadata`);
    default:
      return assertNever(type);
  }
}

/** The object a column holds, or a list of which it holds. */
export function columnObject(type: Type, objects: Readonly<Record<string, unknown>>): string | undefined {
  const bare = type.type === 'nullable' ? type.underlying_type : type;
  if (bare.type === 'array') return columnObject(bare.element_type, objects);
  return bare.type === 'named' && Object.hasOwn(objects, bare.name) ? bare.name : undefined;
}

/** The scalar a column holds directly, or undefined for lists and objects. */
export function columnScalar(type: Type, scalars: Readonly<Record<string, unknown>>): string | undefined {
  const bare = type.type === 'nullable' ? type.underlying_type : type;
  return bare.type === 'named' && Object.hasOwn(scalars, bare.name) ? bare.name : undefined;
}

import type { Type } from '@hasura/ndc-sdk-typescript';
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
  }
}

/** Name of the scalar or object type inside any list or nullable wrapping. */
export function baseTypeName(type: Type): string {
  switch (type.type) {
    case 'named':
      return type.name;
    case 'array':
      return baseTypeName(type.element_type);
    case 'nullable':
      return baseTypeName(type.underlying_type);
    case 'predicate':
      return type.object_type_name;
  }
}

/** The scalar a column holds directly, or undefined for lists and objects. */
export function columnScalar(type: Type, scalars: Readonly<Record<string, unknown>>): string | undefined {
  const bare = type.type === 'nullable' ? type.underlying_type : type;
  return bare.type === 'named' && Object.hasOwn(scalars, bare.name) ? bare.name : undefined;
}

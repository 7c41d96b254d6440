import { assertNever } from '../../core/domain/errors.ts';
import type { ValueType } from '../../core/domain/kind.ts';
import type { InputType, OutputType } from './builder.ts';
import { GRAPHQL_SCALARS } from './scalar-kinds.ts';

/** Object types by the names that value types use. */
export type TypesByName<T> = ReadonlyMap<string, T>;

/** The list maker of Pothos's field builders. */
export interface OutputLists {
  listRef(type: OutputType, options: { nullable: boolean }): OutputType;
}

interface InputLists {
  listRef(type: InputType, options: { required: boolean }): InputType;
}

/** The GraphQL type of a value that is answered, with its nullability beside it as Pothos wants it. */
export function outputType(
  type: ValueType,
  objects: TypesByName<OutputType>,
  lists: OutputLists,
): { type: OutputType; nullable: boolean } {
  switch (type.type) {
    case 'nullable':
      return { type: outputType(type.of, objects, lists).type, nullable: true };
    case 'list': {
      const element = outputType(type.of, objects, lists);
      return { type: lists.listRef(element.type, { nullable: element.nullable }), nullable: false };
    }
    case 'object':
      return { type: named(objects, type.object), nullable: false };
    case 'scalar':
      return { type: GRAPHQL_SCALARS[type.scalar], nullable: false };
    default:
      return assertNever(type);
  }
}

/** The GraphQL type of an argument. */
export function inputType(
  type: ValueType,
  objects: TypesByName<InputType>,
  lists: InputLists,
): { type: InputType; required: boolean } {
  switch (type.type) {
    case 'nullable':
      return { type: inputType(type.of, objects, lists).type, required: false };
    case 'list': {
      const element = inputType(type.of, objects, lists);
      return { type: lists.listRef(element.type, { required: element.required }), required: true };
    }
    case 'object':
      return { type: named(objects, type.object), required: true };
    case 'scalar':
      return { type: GRAPHQL_SCALARS[type.scalar], required: true };
    default:
      return assertNever(type);
  }
}

/** `One of low, medium, high.`, for a closed set of values; empty otherwise. */
export function choicesText(type: ValueType): string {
  if (type.type === 'nullable' || type.type === 'list') return choicesText(type.of);
  return type.type === 'scalar' && type.values ? `One of ${type.values.join(', ')}.` : '';
}

function named<T>(objects: TypesByName<T>, name: string): T {
  const type = objects.get(name);
  if (type === undefined) throw new Error(`there is no object type "${name}"`);
  return type;
}

import SchemaBuilder, { type InputTypeParam, type TypeParam } from '@pothos/core';
import type { Actor } from '../../core/domain/actor.ts';
import { CUSTOM_SCALARS } from './scalar-kinds.ts';

/** What a request brings with it: who asks, as the token says. */
export interface GraphqlContext {
  readonly actor: Actor;
}

/** Types are made in loops over the catalogue, so values are unknown to the compiler; the catalogue knows them. */
interface Scalar<Input> {
  Input: Input;
  Output: unknown;
}

export interface BuilderTypes {
  Context: GraphqlContext;
  DefaultFieldNullability: false;
  Scalars: {
    String: Scalar<string>;
    Int: Scalar<number>;
    Float: Scalar<number>;
    Boolean: Scalar<boolean>;
    ID: Scalar<string>;
    UUID: Scalar<string>;
    DateTime: Scalar<string>;
    BigInt: Scalar<string>;
    JSON: Scalar<unknown>;
  };
}

export type Builder = ReturnType<typeof createBuilder>;

type Types = Builder extends PothosSchemaTypes.SchemaBuilder<infer T> ? T : never;
/** Anything that can be the type of a field, or of an argument. */
export type OutputType = TypeParam<Types>;
export type InputType = InputTypeParam<Types>;

export function createBuilder() {
  const builder = new SchemaBuilder<BuilderTypes>({ defaultFieldNullability: false });
  for (const name of Object.keys(CUSTOM_SCALARS) as (keyof typeof CUSTOM_SCALARS)[]) {
    builder.addScalarType(name, CUSTOM_SCALARS[name]);
  }
  return builder;
}

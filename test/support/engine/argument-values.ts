import { type FieldNode, type GraphQLResolveInfo, valueFromASTUntyped } from 'graphql';

/** Arguments of a field below the root, which no resolver is given; types were checked by validation. */
export function argumentValuesOf(info: GraphQLResolveInfo, node: FieldNode): Record<string, unknown> {
  return Object.fromEntries(
    (node.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value, info.variableValues)]),
  );
}

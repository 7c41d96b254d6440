import {
  type FieldNode,
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** One field that is asked for below a root field, variables and fragments resolved. */
export interface Selection {
  /** Alias, else name: the key in the response. */
  readonly key: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly children: readonly Selection[];
}

/** The whole tree under the field that is being resolved, so that one query can answer it. */
export function selectionUnder(info: GraphQLResolveInfo): readonly Selection[] {
  const type = getNamedType(info.returnType);
  return isObjectType(type) ? select(type, selectionSetsOf(info.fieldNodes), info) : [];
}

function select(type: GraphQLObjectType, sets: readonly SelectionSetNode[], info: GraphQLResolveInfo): Selection[] {
  const byKey = new Map<string, FieldNode[]>();
  for (const set of sets) collect(set, info, byKey);
  const selections: Selection[] = [];
  for (const [key, nodes] of byKey) {
    const node = nodes[0] as FieldNode;
    const field = type.getFields()[node.name.value];
    if (!field) continue; // __typename, which execution answers itself
    const fieldType = getNamedType(field.type);
    selections.push({
      key,
      name: node.name.value,
      args: getArgumentValues(field, node, info.variableValues),
      // Validation has made sure that fields of one key have the same arguments, so only their selections are merged.
      children: isObjectType(fieldType) ? select(fieldType, selectionSetsOf(nodes), info) : [],
    });
  }
  return selections;
}

/** There are neither interfaces nor unions, so a fragment that passed validation always applies. */
function collect(set: SelectionSetNode, info: GraphQLResolveInfo, byKey: Map<string, FieldNode[]>): void {
  for (const node of set.selections) {
    if (!isIncluded(node, info)) continue;
    if (node.kind === Kind.FIELD) {
      const key = node.alias?.value ?? node.name.value;
      const nodes = byKey.get(key);
      if (nodes) nodes.push(node);
      else byKey.set(key, [node]);
    } else if (node.kind === Kind.INLINE_FRAGMENT) {
      collect(node.selectionSet, info, byKey);
    } else {
      const fragment = info.fragments[node.name.value];
      if (fragment) collect(fragment.selectionSet, info, byKey);
    }
  }
}

function isIncluded(node: SelectionNode, { variableValues }: GraphQLResolveInfo): boolean {
  if (getDirectiveValues(GraphQLSkipDirective, node, variableValues)?.['if'] === true) return false;
  return getDirectiveValues(GraphQLIncludeDirective, node, variableValues)?.['if'] !== false;
}

function selectionSetsOf(nodes: readonly FieldNode[]): SelectionSetNode[] {
  return nodes.flatMap((node) => node.selectionSet ?? []);
}

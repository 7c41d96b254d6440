import {
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';

/** Fields nested deeper than the limit. Introspection has graphql's own rule, since tools send it 15 levels deep. */
export function depthRule(limit: number): ValidationRule {
  return operationRule((operation, context) => {
    const depth = measure(operation.selectionSet, context, depthOf);
    if (depth <= limit) return undefined;
    return new GraphQLError(`The query is ${depth} fields deep; at most ${limit} are allowed.`, { nodes: [operation] });
  });
}

/** Aliases, which ask for one field many times in one request. */
export function aliasRule(limit: number): ValidationRule {
  return operationRule((operation, context) => {
    const aliases = measure(operation.selectionSet, context, aliasesOf);
    if (aliases <= limit) return undefined;
    return new GraphQLError(`The query has ${aliases} aliases; at most ${limit} are allowed.`, { nodes: [operation] });
  });
}

type Check = (operation: OperationDefinitionNode, context: ValidationContext) => GraphQLError | undefined;

function operationRule(check: Check): ValidationRule {
  return (context) => ({
    OperationDefinition(operation) {
      const error = check(operation, context);
      if (error) context.reportError(error);
      return false;
    },
  });
}

/** A measure of a selection set from the measures of what is inside it. */
type Measure = (selections: readonly Measured[]) => number;

interface Measured {
  readonly node: SelectionNode;
  /** Measure of the selection set below the node; 0 without one. */
  readonly below: number;
}

const depthOf: Measure = (selections) =>
  Math.max(0, ...selections.map(({ node, below }) => (node.kind === Kind.FIELD ? below + 1 : below)));

const aliasesOf: Measure = (selections) =>
  selections.reduce((sum, { node, below }) => sum + below + (node.kind === Kind.FIELD && node.alias ? 1 : 0), 0);

/** Fragments are expanded but measured once each, so the work grows with the document and not with its expansion. */
function measure(root: SelectionSetNode, context: ValidationContext, combine: Measure): number {
  const fragments = new Map<FragmentDefinitionNode, number>();
  const ofSet = (set: SelectionSetNode): number =>
    combine(set.selections.filter(isNoIntrospection).map((node) => ({ node, below: ofNode(node) })));
  const ofNode = (node: SelectionNode): number => {
    if (node.kind !== Kind.FRAGMENT_SPREAD) return node.selectionSet ? ofSet(node.selectionSet) : 0;
    const fragment = context.getFragment(node.name.value);
    return fragment ? ofFragment(fragment) : 0;
  };
  const ofFragment = (fragment: FragmentDefinitionNode): number => {
    const known = fragments.get(fragment);
    if (known !== undefined) return known;
    fragments.set(fragment, 0); // a cycle is refused by another rule; here it just ends
    const measured = ofSet(fragment.selectionSet);
    fragments.set(fragment, measured);
    return measured;
  };
  return ofSet(root);
}

function isNoIntrospection(node: SelectionNode): boolean {
  return node.kind !== Kind.FIELD || (node.name.value !== '__schema' && node.name.value !== '__type');
}

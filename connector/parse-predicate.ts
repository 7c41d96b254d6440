import type { ComparisonTargetForm, ExistsForm, PathStepForm, PredicateForm, ValueForm } from '../schema/query/form.ts';
import type { JsonNode } from './json-node.ts';
import {
  expectIsNull,
  parseAggregate,
  parseColumn,
  parseFieldPath,
  PLAIN_VALUES,
  refuseArguments,
} from './parse-column.ts';

/** An Expression of the protocol as a predicate of the query form. */
export function parsePredicate(node: JsonNode): PredicateForm {
  return node.tagged<PredicateForm>({
    and: (and) => ({ kind: 'and', expressions: and.required('expressions').list().map(parsePredicate) }),
    or: (or) => ({ kind: 'or', expressions: or.required('expressions').list().map(parsePredicate) }),
    not: (not) => ({ kind: 'not', expression: parsePredicate(not.required('expression')) }),
    unary_comparison_operator: (unary) => {
      expectIsNull(unary.required('operator'));
      return { kind: 'is-null', target: parseTarget(unary.required('column')) };
    },
    binary_comparison_operator: (binary) => ({
      kind: 'compare',
      target: parseTarget(binary.required('column')),
      operator: binary.required('operator').string(),
      value: parseValue(binary.required('value')),
    }),
    array_comparison: parseArrayComparison,
    exists: (exists) => {
      const predicate = exists.optional('predicate');
      return {
        kind: 'exists',
        in: parseExistsIn(exists.required('in_collection')),
        ...(predicate ? { predicate: parsePredicate(predicate) } : {}),
      };
    },
  });
}

/** A path of relationships. The predicate of a step sees no outer scope; null stands for none. */
export function parsePath(node: JsonNode): PathStepForm[] {
  return node.list().map((step) => {
    refuseArguments(step);
    const predicate = step.optional('predicate');
    const relationship = step.required('relationship').string();
    const filter = predicate ? { predicate: parsePredicate(predicate) } : {};
    return Object.assign({ relationship }, parseFieldPath(step), filter);
  });
}

function parseTarget(node: JsonNode): ComparisonTargetForm {
  return node.tagged<ComparisonTargetForm>({
    column: (column) => ({ kind: 'column', ...parseColumn(column, 'name') }),
    aggregate: (target) => ({
      kind: 'aggregate',
      path: parsePath(target.required('path')),
      aggregate: parseAggregate(target.required('aggregate')),
    }),
  });
}

function parseValue(node: JsonNode): ValueForm {
  return node.tagged<ValueForm>({
    ...PLAIN_VALUES,
    column: (column) => {
      const scope = column.optional('scope');
      return {
        kind: 'column',
        ...parseColumn(column, 'name'),
        path: parsePath(column.required('path')),
        ...(scope ? { scope: scope.count() } : {}),
      };
    },
  });
}

function parseArrayComparison(node: JsonNode): PredicateForm {
  const column = node.required('column');
  const target = parseTarget(column);
  if (target.kind !== 'column') throw column.required('type').refuse('column');
  return node.required('comparison').tagged<PredicateForm>({
    contains: (contains) => ({ kind: 'array-contains', target, value: parseValue(contains.required('value')) }),
    is_empty: () => ({ kind: 'array-is-empty', target }),
  });
}

function parseExistsIn(node: JsonNode): ExistsForm {
  return node.tagged<ExistsForm>({
    related: (related) => {
      refuseArguments(related);
      return {
        kind: 'related',
        relationship: related.required('relationship').string(),
        ...parseFieldPath(related),
      };
    },
    unrelated: (unrelated) => {
      refuseArguments(unrelated);
      return { kind: 'unrelated', collection: unrelated.required('collection').string() };
    },
    nested_collection: (nested) => ({ kind: 'nested-collection', ...parseColumn(nested, 'column_name') }),
    nested_scalar_collection: (nested) => ({
      kind: 'nested-scalar-collection',
      ...parseColumn(nested, 'column_name'),
    }),
  });
}

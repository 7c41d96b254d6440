import type { DimensionForm, GroupOrderByForm, GroupPredicateForm, GroupsForm } from '../schema/query/form.ts';
import type { JsonNode } from './json-node.ts';
import {
  expectIsNull,
  parseAggregate,
  parseColumn,
  parseDirection,
  parsePage,
  parsePlainValue,
} from './parse-column.ts';
import { parsePath } from './parse-predicate.ts';

/** The Grouping of a query: what to group by, what to compute, which groups to keep and in which order. */
export function parseGroups(node: JsonNode): GroupsForm {
  const predicate = node.optional('predicate');
  const orderBy = node.optional('order_by');
  return {
    dimensions: node.required('dimensions').list().map(parseDimension),
    aggregates: node.required('aggregates').map(parseAggregate),
    ...(predicate ? { predicate: parseGroupPredicate(predicate) } : {}),
    ...(orderBy ? { orderBy: orderBy.required('elements').list().map(parseGroupOrderBy) } : {}),
    ...parsePage(node),
  };
}

function parseDimension(node: JsonNode): DimensionForm {
  return node.tagged<DimensionForm>({
    column: (column) => {
      const extraction = column.optional('extraction');
      return {
        ...parseColumn(column, 'column_name'),
        path: parsePath(column.required('path')),
        ...(extraction ? { extraction: extraction.string() } : {}),
      };
    },
  });
}

/** A GroupExpression: what a group must satisfy to stay. */
function parseGroupPredicate(node: JsonNode): GroupPredicateForm {
  return node.tagged<GroupPredicateForm>({
    and: (and) => ({ kind: 'and', expressions: and.required('expressions').list().map(parseGroupPredicate) }),
    or: (or) => ({ kind: 'or', expressions: or.required('expressions').list().map(parseGroupPredicate) }),
    not: (not) => ({ kind: 'not', expression: parseGroupPredicate(not.required('expression')) }),
    unary_comparison_operator: (unary) => {
      expectIsNull(unary.required('operator'));
      return { kind: 'is-null', aggregate: parseGroupTarget(unary.required('target')) };
    },
    binary_comparison_operator: (binary) => ({
      kind: 'compare',
      aggregate: parseGroupTarget(binary.required('target')),
      operator: binary.required('operator').string(),
      value: parsePlainValue(binary.required('value')),
    }),
  });
}

function parseGroupTarget(node: JsonNode): ReturnType<typeof parseAggregate> {
  return node.tagged({ aggregate: (target) => parseAggregate(target.required('aggregate')) });
}

function parseGroupOrderBy(node: JsonNode): GroupOrderByForm {
  return {
    direction: parseDirection(node.required('order_direction')),
    target: node.required('target').tagged<GroupOrderByForm['target']>({
      dimension: (target) => ({ kind: 'dimension', index: target.required('index').count() }),
      aggregate: (target) => ({ kind: 'aggregate', aggregate: parseAggregate(target.required('aggregate')) }),
    }),
  };
}

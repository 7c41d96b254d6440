import type {
  DimensionPlan,
  FieldPlan,
  GroupsPlan,
  NestedPlan,
  PredicatePlan,
  QueryPlan,
  RelatedPlan,
  RowsPlan,
  SortPlan,
} from './plan.ts';

/** What of a query over values in memory looks at collections; null where nothing does. */
export function relatedPlan(
  predicate: PredicatePlan | null,
  orderBy: readonly SortPlan[],
  groups: GroupsPlan | null,
): RelatedPlan | null {
  const looks = predicate !== null && looksAtCollections(predicate);
  const atPath = ({ path }: { readonly path: readonly unknown[] }): boolean => path.length > 0;
  const sorts = orderBy.filter(({ target }) => atPath(target));
  const dimensions: readonly DimensionPlan[] = groups?.dimensions.filter(atPath) ?? [];
  if (!looks && sorts.length === 0 && dimensions.length === 0) return null;
  return { predicate: looks ? predicate : null, sorts, dimensions };
}

function looksAtCollections(plan: PredicatePlan): boolean {
  switch (plan.kind) {
    case 'and':
    case 'or':
      return plan.expressions.some(looksAtCollections);
    case 'not':
      return looksAtCollections(plan.expression);
    case 'exists':
      return plan.in.kind === 'rows' || (plan.predicate !== null && looksAtCollections(plan.predicate));
    case 'compare':
      return plan.target.kind === 'aggregate' || (plan.value.kind === 'column' && plan.value.path.length > 0);
    case 'array-contains':
      return plan.value.kind === 'column' && plan.value.path.length > 0;
    case 'is-null':
      return plan.target.kind === 'aggregate';
    case 'array-is-empty':
      return false;
  }
}

/** The queries over lists inside the values of some rows, outer ones first. */
export function queriesInside({ fields }: RowsPlan): QueryPlan[] {
  return fields.flatMap(insideField);
}

function insideField(field: FieldPlan): QueryPlan[] {
  return field.kind === 'column' && field.nested ? inside(field.nested) : [];
}

function inside(plan: NestedPlan): QueryPlan[] {
  switch (plan.kind) {
    case 'object':
      return plan.fields.flatMap(insideField);
    case 'array':
      return inside(plan.of);
    case 'collection':
      return [plan.query, ...(plan.query.rows ? queriesInside(plan.query.rows) : [])];
  }
}

import type { OrderByForm } from './form.ts';
import type { SortPlan } from './plan.ts';
import { resolveColumn, scalarOf } from './resolve-column.ts';
import type { ResolveContext } from './resolve-context.ts';
import { resolveAggregateTarget, resolvePath } from './resolve-predicate.ts';
import type { RowType } from './value-types.ts';

/** A collection's order is made total by its primary key. */
export function resolveOrderBy(
  context: ResolveContext,
  row: RowType,
  forms: readonly OrderByForm[],
  at: string,
): SortPlan[] {
  const sorts = forms.map((form, i) => resolveSort(context, row, form, `${at}[${i}]`));
  for (const name of row.collection?.primaryKey ?? []) {
    const column = resolveColumn(context, row, { column: name }, at);
    if (sorts.some((sort) => isPlainColumn(sort, name))) continue;
    sorts.push({ direction: 'asc', nullable: false, target: { kind: 'column', path: [], column } });
  }
  return sorts;
}

function isPlainColumn({ target }: SortPlan, name: string): boolean {
  return (
    target.kind === 'column' &&
    target.path.length === 0 &&
    target.column.fieldPath.length === 0 &&
    target.column.column === name
  );
}

function resolveSort(context: ResolveContext, row: RowType, form: OrderByForm, at: string): SortPlan {
  const { direction, target } = form;
  if (target.kind === 'aggregate') {
    return { direction, nullable: true, target: resolveAggregateTarget(context, row, target, `${at}.target`) };
  }
  const { steps, end } = resolvePath(context, row, target.path ?? [], `${at}.target.path`, true);
  const column = resolveColumn(context, end, target, `${at}.target`);
  scalarOf(column, `${at}.target`);
  return {
    direction,
    nullable: steps.length > 0 || column.type.nullable,
    target: { kind: 'column', path: steps, column },
  };
}

import { firstOfEach } from './first-of-each.ts';
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
  const asked = forms.map((form, i) => resolveSort(context, row, form, `${at}[${i}]`));
  const key = (row.collection?.primaryKey ?? []).map((name): SortPlan => {
    const column = resolveColumn(context, row, { column: name }, at);
    return { direction: 'asc', nullable: false, target: { kind: 'column', path: [], column } };
  });
  return firstOfEach([...asked, ...key], sortIdentity);
}

/** Equal for sort keys that are the same column of the row; no other two are alike. */
function sortIdentity({ target }: SortPlan, index: number): string | number {
  if (target.kind !== 'column' || target.path.length > 0) return index;
  return JSON.stringify([target.column.column, ...target.column.fieldPath]);
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

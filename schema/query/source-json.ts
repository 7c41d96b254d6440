import type { Dialect } from './dialect.ts';
import type { QueryPlan, RequestPlan, VariablePlan } from './plan.ts';
import type { SourceRow } from './shape.ts';

/** The source rows as one JSON parameter, in wire form: the dialect's table function makes native values of them. */
export function sourceJson(
  dialect: Dialect,
  request: RequestPlan,
  plan: QueryPlan,
  source: readonly SourceRow[],
): string {
  const rows = source.map(({ set, keys, value }, ordinal) => {
    const row: Record<string, unknown> = { o: ordinal, ...(value === undefined ? {} : { value }) };
    keys.forEach((key, i) => (row[`k${i}`] = key));
    for (const index of plan.variables)
      row[`v${index}`] = encodeVariable(request.variables[index], request.sets[set]?.[index], dialect);
    return row;
  });
  return JSON.stringify(rows);
}

function encodeVariable(variable: VariablePlan | undefined, wire: unknown, dialect: Dialect): unknown {
  const isSensitivePattern = variable?.operand === 'pattern' && !variable.insensitive && wire !== null;
  return isSensitivePattern ? dialect.likePattern(wire as string) : wire;
}

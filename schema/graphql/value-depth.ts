/**
 * Whether lists and objects lie more than `limit` levels inside one another. With a stack of its own: what it guards is
 * recursive, and a body of a few hundred kilobytes can be nested deeper than any call stack.
 */
export function isNestedDeeper(value: unknown, limit: number): boolean {
  const stack: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }];
  for (let visit = stack.pop(); visit; visit = stack.pop()) {
    if (typeof visit.value !== 'object' || visit.value === null) continue;
    if (visit.depth === limit) return true;
    for (const inner of Object.values(visit.value)) stack.push({ value: inner, depth: visit.depth + 1 });
  }
  return false;
}

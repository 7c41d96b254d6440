import { badRequest, unprocessable } from '../../core/domain/errors.ts';

/** Bounds of one request: it is foreign input, and every pass after this one is recursive. */
export interface QueryLimits {
  /** Logical operators, `exists`, selections and relationship fields inside one another. */
  readonly depth: number;
  /** Fields, comparisons, operands, path steps, sort keys and aggregates of the whole request. */
  readonly nodes: number;
  /** Rows or groups of one statement; more is an error, never a silent cut. */
  readonly rows: number;
  readonly variableSets: number;
}

export const DEFAULT_LIMITS: QueryLimits = { depth: 48, nodes: 10_000, rows: 50_000, variableSets: 10_000 };

const NESTING = new Set(['and', 'or', 'not', 'exists', 'relationship', 'object', 'array', 'collection']);

interface Visit {
  readonly value: object;
  readonly depth: number;
  readonly key: string;
  readonly parent: Visit | null;
}

/** Walks a form with a stack of its own, so that no depth can overflow it. Operand values are not looked into. */
export function checkLimits(request: object, limits: QueryLimits, sets: number): void {
  if (sets > limits.variableSets) {
    throw badRequest('TOO_MANY_VARIABLE_SETS', `${sets} variable sets; at most ${limits.variableSets} are answered.`, {
      path: 'variables',
    });
  }
  const stack: Visit[] = [{ value: request, depth: 0, key: '', parent: null }];
  let nodes = 0;
  for (let visit = stack.pop(); visit; visit = stack.pop()) {
    const kind = (visit.value as { kind?: unknown }).kind;
    if (kind !== undefined && ++nodes > limits.nodes) {
      throw badRequest('TOO_MANY_NODES', `The request has more than ${limits.nodes} parts.`, { path: pathOf(visit) });
    }
    const depth = visit.depth + (NESTING.has(kind as string) ? 1 : 0);
    if (depth > limits.depth) {
      throw badRequest('TOO_DEEP', `The request is nested more than ${limits.depth} levels deep.`, {
        path: pathOf(visit),
      });
    }
    if (kind === 'literal') continue;
    // By keys: a pair per entry was half of this pass's time (measured).
    const form = visit.value as Record<string, unknown> | Map<string, unknown>;
    for (const key of form instanceof Map ? form.keys() : Object.keys(form)) {
      const value = form instanceof Map ? form.get(key) : form[key];
      if (value === null || typeof value !== 'object' || key === 'variables') continue;
      stack.push({ value, depth, key, parent: visit });
    }
  }
}

/** More rows than a statement may return. */
export function tooManyRows(limits: QueryLimits, at: string): Error {
  return unprocessable('TOO_MANY_ROWS', `The answer has more than ${limits.rows} rows here; ask with a limit.`, {
    path: at,
  });
}

/** The last steps tell where; a path of 10,000 would be as long as the request. */
function pathOf(visit: Visit): string {
  const keys: string[] = [];
  for (let at: Visit | null = visit; at?.parent; at = at.parent) {
    keys.push(/^\d+$/.test(at.key) ? `[${at.key}]` : `.${at.key}`);
  }
  const path = keys.reverse();
  const shown = path.length <= 24 ? path : [...path.slice(0, 12), ' … ', ...path.slice(-6)];
  return shown.join('').replace(/^\./, '');
}

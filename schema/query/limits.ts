import { unprocessable } from '../../core/domain/errors.ts';

/**
 * Bounds of one request: it is foreign input, and every pass after this one is recursive. Beyond them some database
 * refuses the statement with an error of its own, or the answer takes the process's time and memory from everybody else;
 * so that a request means the same everywhere, they are one number for all databases.
 */
export interface QueryLimits {
  /** Logical operators, `exists`, selections and relationship fields inside one another. */
  readonly depth: number;
  /** `exists` inside one another: PostgreSQL plans each twice, so that its time doubles with every level. */
  readonly existsDepth: number;
  /** Fields, comparisons, operands, path steps, dimensions, sort keys and aggregates of the whole request. */
  readonly nodes: number;
  /** Steps of one path: tables of one join, of which MariaDB takes 61 and SQLite 64. */
  readonly pathSteps: number;
  /** Path steps and `exists` of one query without its relationship fields. */
  readonly tables: number;
  /** Of one query or of its groups. */
  readonly aggregates: number;
  /** Of one query or of its groups. */
  readonly sortKeys: number;
  readonly dimensions: number;
  /** Rows or groups of one statement; more is an error, never a silent cut. */
  readonly rows: number;
  /** Rows times fields of one statement. */
  readonly cells: number;
  readonly variableSets: number;
}

export const DEFAULT_LIMITS: QueryLimits = {
  depth: 48,
  existsDepth: 8,
  nodes: 10_000,
  pathSteps: 16,
  tables: 200,
  aggregates: 500,
  sortKeys: 50,
  dimensions: 50,
  rows: 50_000,
  cells: 2_000_000,
  variableSets: 10_000,
};

const NESTING = new Set(['and', 'or', 'not', 'exists', 'relationship', 'object', 'array', 'collection']);

/** Parts that are told by their place instead of a `kind`. */
const PARTS = new Set(['path', 'dimensions']);

/** Lists and maps of a form by their key → how long they may be, and what they hold. */
const LISTS: Readonly<
  Record<string, { readonly limit: 'pathSteps' | 'aggregates' | 'sortKeys' | 'dimensions'; readonly of: string }>
> = {
  path: { limit: 'pathSteps', of: 'steps' },
  aggregates: { limit: 'aggregates', of: 'aggregates' },
  orderBy: { limit: 'sortKeys', of: 'sort keys' },
  dimensions: { limit: 'dimensions', of: 'dimensions' },
};

interface Visit {
  readonly value: object;
  readonly depth: number;
  readonly existsDepth: number;
  readonly key: string;
  readonly parent: Visit | null;
  /** Of the query that the value is part of. */
  readonly statement: { tables: number };
}

/** Walks a form with a stack of its own, so that no depth can overflow it. Operand values are not looked into. */
export function checkLimits(request: object, limits: QueryLimits, sets: number): void {
  if (sets > limits.variableSets) {
    throw unprocessable(
      'TOO_MANY_VARIABLE_SETS',
      `${sets} variable sets; at most ${limits.variableSets} are answered.`,
      {
        path: 'variables',
      },
    );
  }
  const root: Visit = { value: request, depth: 0, existsDepth: 0, key: '', parent: null, statement: { tables: 0 } };
  const stack = [root];
  let nodes = 0;
  for (let visit = stack.pop(); visit; visit = stack.pop()) {
    const kind = (visit.value as { kind?: unknown }).kind;
    const list = Array.isArray(visit.parent?.value) ? visit.parent.key : '';
    if ((kind !== undefined || PARTS.has(list)) && ++nodes > limits.nodes) {
      throw tooMuch('TOO_MANY_NODES', `The request has more than ${limits.nodes} parts.`, visit);
    }
    const depth = visit.depth + (NESTING.has(kind as string) ? 1 : 0);
    if (depth > limits.depth) {
      throw tooMuch('TOO_DEEP', `The request is nested more than ${limits.depth} levels deep.`, visit);
    }
    const existsDepth = visit.existsDepth + (kind === 'exists' ? 1 : 0);
    if (existsDepth > limits.existsDepth) {
      throw tooMuch('TOO_DEEP', `"exists" is nested more than ${limits.existsDepth} levels deep.`, visit);
    }
    if ((list === 'path' || kind === 'exists') && ++visit.statement.tables > limits.tables) {
      throw tooMuch('TOO_MANY_TABLES', `The query crosses more than ${limits.tables} relationships.`, visit);
    }
    checkLength(visit, limits);
    if (kind === 'literal') continue;
    // By keys: a pair per entry was half of this pass's time (measured).
    const form = visit.value as Record<string, unknown> | Map<string, unknown>;
    for (const key of form instanceof Map ? form.keys() : Object.keys(form)) {
      const value = form instanceof Map ? form.get(key) : form[key];
      if (value === null || typeof value !== 'object' || key === 'variables') continue;
      const statement = key === 'query' ? { tables: 0 } : visit.statement;
      stack.push({ value, depth, existsDepth, key, parent: visit, statement });
    }
  }
}

/** Aliases are the request's to choose: a map's entry is known by the map's own place, not by its name. */
function checkLength(visit: Visit, limits: QueryLimits): void {
  const list = visit.parent?.value instanceof Map || !Object.hasOwn(LISTS, visit.key) ? undefined : LISTS[visit.key];
  if (!list) return;
  const length = visit.value instanceof Map ? visit.value.size : (visit.value as readonly unknown[]).length;
  const most = limits[list.limit];
  if (length > most) throw tooMuch('TOO_LONG', `${length} ${list.of}; at most ${most} are taken.`, visit);
}

function tooMuch(code: Uppercase<string>, message: string, visit: Visit): Error {
  return unprocessable(code, message, { path: pathOf(visit) });
}

/** The limits of a statement whose rows or groups have so many fields. */
export function withinCells(limits: QueryLimits, fields: number): QueryLimits {
  const rows = Math.floor(limits.cells / Math.max(1, fields));
  return rows >= limits.rows ? limits : { ...limits, rows };
}

/** More rows than a statement may return. */
export function tooManyRows(limits: QueryLimits, at: string): Error {
  return unprocessable(
    'TOO_MANY_ROWS',
    `The answer has more than ${limits.rows} rows here; ask with a limit, or for fewer fields.`,
    { path: at },
  );
}

/** A key of a form as it is spelt in a request. */
function spelt({ key, parent }: Visit): string {
  if (/^\d+$/.test(key)) return `[${key}]`;
  if (parent?.value instanceof Map) return `.${key}`;
  if (key === 'orderBy') return '.order_by.elements';
  if (key === 'in') return '.in_collection';
  const { kind } = (parent?.value ?? {}) as { kind?: unknown };
  const isCompared = key === 'target' && kind !== undefined;
  return isCompared ? '.column' : `.${key}`;
}

/** The last steps tell where; a path of 10,000 would be as long as the request. */
function pathOf(visit: Visit): string {
  const keys: string[] = [];
  for (let at: Visit | null = visit; at?.parent; at = at.parent) keys.push(spelt(at));
  const path = keys.reverse();
  const shown = path.length <= 24 ? path : [...path.slice(0, 12), ' … ', ...path.slice(-6)];
  return shown.join('').replace(/^\./, '');
}

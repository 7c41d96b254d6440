import { badRequest, unprocessable } from '../../core/domain/errors.ts';
import type { Catalogue, CollectionDef } from '../catalogue.ts';
import type { RelationshipForm, RelationshipRef, VariableSet } from './form.ts';
import { OPERATORS } from './operators.ts';
import type { OperandType, OperatorName } from './operators.ts';
import type { VariablePlan } from './plan.ts';
import { preview, readScalar } from './scalar-values.ts';
import type { ScalarType } from './value-types.ts';

/** Each is a column of the source of a statement; PostgreSQL's table functions have 1,600 at most. */
export const MAX_VARIABLES = 500;

/** What resolving a request needs and gathers. */
export interface ResolveContext {
  readonly catalogue: Catalogue;
  readonly relationships: ReadonlyMap<string, RelationshipForm>;
  readonly variables: VariableTable;
  /** The rows are values in memory: what of a query looks at collections is asked apart. */
  readonly inMemory: boolean;
}

/** The variables a request uses, typed by what they are compared with, and their values per set. */
export class VariableTable {
  readonly plans: VariablePlan[] = [];
  readonly sets: unknown[][];
  readonly hasVariables: boolean;
  readonly #given: readonly VariableSet[];
  /** Indices used since the last `collect`. */
  #used = new Set<number>();

  constructor(given: readonly VariableSet[] | undefined) {
    this.hasVariables = given !== undefined;
    this.#given = given ?? [new Map()];
    this.sets = this.#given.map(() => []);
  }

  use(name: string, type: ScalarType, operator: OperatorName, at: string): number {
    const { operand, meaning } = OPERATORS[operator];
    const insensitive = meaning.endsWith('insensitive');
    let index = this.plans.findIndex(
      (plan) =>
        plan.name === name &&
        plan.operand === operand &&
        plan.insensitive === insensitive &&
        plan.type.scalar === type.scalar &&
        plan.type.values === type.values,
    );
    if (index < 0) {
      if (this.plans.length >= MAX_VARIABLES) {
        const message = `The request uses more than ${MAX_VARIABLES} variables, each counted once per type it is compared with.`;
        throw unprocessable('TOO_MANY_VARIABLES', message, { path: at });
      }
      index = this.plans.push({ name, type, operand, insensitive }) - 1;
      this.#given.forEach((set, ordinal) =>
        this.sets[ordinal]?.push(this.#read(set, ordinal, name, type, operand, at)),
      );
    }
    this.#used.add(index);
    return index;
  }

  /** Runs a part of the resolution and says which variables it used. */
  collect<T>(resolve: () => T): { readonly result: T; readonly used: readonly number[] } {
    const outer = this.#used;
    this.#used = new Set();
    try {
      const result = resolve();
      return { result, used: [...this.#used].sort((a, b) => a - b) };
    } finally {
      this.#used = outer;
    }
  }

  #read(set: VariableSet, ordinal: number, name: string, type: ScalarType, operand: OperandType, at: string): unknown {
    if (!set.has(name)) {
      const where = this.hasVariables ? `variable set ${ordinal}` : 'the request, which has no variables';
      throw badRequest('UNKNOWN_VARIABLE', `Variable "${name}" is missing in ${where}.`, { path: at });
    }
    return readOperand(type, operand, set.get(name), `variables[${ordinal}].${name}`);
  }
}

/** Wire form of an operand: null for null; a list loses its nulls, which equal nothing. */
export function readOperand(type: ScalarType, operand: OperandType, value: unknown, at: string): unknown {
  if (value === null || value === undefined) return null;
  switch (operand) {
    case 'value':
      return readScalar(type, value, at);
    case 'list':
      if (!Array.isArray(value)) throw badRequest('NOT_A_LIST', `${preview(value)} is not a list.`, { path: at });
      return value.map((element, i) => readScalar(type, element, `${at}[${i}]`)).filter((element) => element !== null);
    case 'text':
      return readScalar({ scalar: 'string' }, value, at);
    case 'pattern':
      return readPattern(readScalar({ scalar: 'string' }, value, at) as string, at);
  }
}

export function findCollection(context: ResolveContext, name: string, at: string): CollectionDef {
  const collection = context.catalogue.collections.get(name);
  if (!collection) throw badRequest('UNKNOWN_COLLECTION', `There is no collection "${name}".`, { path: at });
  return collection;
}

export function findRelationship(context: ResolveContext, ref: RelationshipRef, at: string): RelationshipForm {
  if (typeof ref !== 'string') return ref;
  const relationship = context.relationships.get(ref);
  if (!relationship) throw badRequest('UNKNOWN_RELATIONSHIP', `There is no relationship "${ref}".`, { path: at });
  return relationship;
}

/** A limit or an offset. */
export function readCount(value: number | undefined, at: string): number | null {
  if (value === undefined) return null;
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw badRequest('BAD_LIMIT', `${value} is not a whole number of at least 0.`, { path: at });
}

/** Answers are plain objects, in which this one key would not be a property. */
export function requireAlias(alias: string, at: string): void {
  if (alias !== '__proto__') return;
  throw badRequest('BAD_ALIAS', '"__proto__" can not be a key of the answer.', { path: at });
}

/** Longer ones SQLite refuses (at 50,000) and others spend long on. */
const MAX_PATTERN_LENGTH = 1_000;

/**
 * A lone backslash at the end takes nothing literally; PostgreSQL refuses it when it runs. One before a character that
 * is literal anyway is left out: Oracle refuses it, and what SQL Server has besides as wildcards is then never escaped.
 */
function readPattern(pattern: string, at: string): string {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    const message = `The pattern has ${pattern.length} characters; at most ${MAX_PATTERN_LENGTH} are taken.`;
    throw badRequest('BAD_PATTERN', message, { path: at });
  }
  const trailing = /\\*$/.exec(pattern)?.[0].length ?? 0;
  if (trailing % 2 === 1) {
    throw badRequest('BAD_PATTERN', 'The pattern ends with an escape character that escapes nothing.', { path: at });
  }
  return pattern.replaceAll(/\\(.)/gsu, (pair, character: string) => ('%_\\'.includes(character) ? pair : character));
}

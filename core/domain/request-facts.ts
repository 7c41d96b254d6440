/**
 * Stands in a fact for a value that could not be found out, such as the root fields of a document too large to be read.
 * A condition that can't be decided without it counts as matching: a request must not hide behind its size.
 */
export const UNKNOWN: unique symbol = Symbol('unknown');
export type Unknown = typeof UNKNOWN;

/** A place in a fact of which a request has several values: the arguments of a root field that stands under two aliases. */
export interface VaryingValue {
  /** Names from the top of the fact: `['arguments', 'customers']`. */
  readonly path: readonly string[];
  /** At least one; the fact itself holds the first. */
  readonly values: readonly unknown[];
}

/** What the rules are asked about one request with. A rule matches where any combination of the values it reads does. */
export interface RequestFacts<Fact extends object = object> {
  /** While a question is answered, its varying places hold one value after the other; afterwards the first again. */
  readonly fact: Fact;
  readonly varying: readonly VaryingValue[];
}

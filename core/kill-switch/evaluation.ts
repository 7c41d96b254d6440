import { isMap } from './values.ts';
import type { FactMap } from './values.ts';

/**
 * "No value": what every compiled part returns when it fails. One shared value instead of an exception, so that a failing
 * rule costs no more than a good one.
 */
export const FAILURE: unique symbol = Symbol('condition evaluation failed');

/** Why the evaluation of a condition came to neither true nor false. */
export class EvaluationFailure {
  readonly message: string;
  /** 0-based UTF-16 offset of the part that failed. */
  readonly position: number;
  /** A value of the fact was asked for that is not known: with it the condition could be true, false or fail. */
  readonly isUndecided: boolean;

  constructor(message: string, position: number, isUndecided = false) {
    this.message = message;
    this.position = position;
    this.isUndecided = isUndecided;
  }
}

const NO_FACTS: FactMap = Object.freeze({});

/**
 * Whether the time for an evaluation or a decision is up. Told what was done since the last time it was asked, in steps
 * of some 0.1 µs, so that it asks the clock in proportion to the work.
 */
export type IsOverdue = (steps: number) => boolean;

export const NEVER_OVERDUE: IsOverdue = () => false;

/** The state of one evaluation: what is read, what it has cost, and the failure that stands. */
export class Evaluation {
  /** A fact that is no map holds no names. */
  readonly fact: FactMap;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Elements bound by the enclosing quantifiers, by slot. */
  readonly slots: unknown[] = [];
  steps = 0;
  work = 0;
  message = '';
  position = 0;
  /** An unknown value was read; whatever fails from then on is undecided. */
  isUndecided = false;
  readonly isOverdue: IsOverdue;

  constructor(fact: unknown, now: number, isOverdue: IsOverdue = NEVER_OVERDUE) {
    this.fact = isMap(fact) ? fact : NO_FACTS;
    this.now = now;
    this.isOverdue = isOverdue;
  }

  fail(message: string, position: number): typeof FAILURE {
    this.message = message;
    this.position = position;
    return FAILURE;
  }

  failOverdue(position: number): typeof FAILURE {
    return this.fail('The time for the decision is up.', position);
  }

  /** For a part that reads what is `UNKNOWN`. */
  failUnknown(name: string, position: number): typeof FAILURE {
    this.isUndecided = true;
    return this.fail(`"${name}" is not known.`, position);
  }
}

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

  constructor(message: string, position: number) {
    this.message = message;
    this.position = position;
  }
}

const NO_FACTS: FactMap = Object.freeze({});

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

  constructor(fact: unknown, now: number) {
    this.fact = isMap(fact) ? fact : NO_FACTS;
    this.now = now;
  }

  fail(message: string, position: number): typeof FAILURE {
    this.message = message;
    this.position = position;
    return FAILURE;
  }
}

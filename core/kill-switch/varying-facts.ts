import { UNKNOWN } from '../domain/request-facts.ts';
import type { VaryingValue } from '../domain/request-facts.ts';
import { overlap } from './fact-path.ts';
import type { FactPath } from './fact-path.ts';

const NONE: readonly VaryingValue[] = [];

/** Of these, the values that somebody who reads the paths depends on. */
export function dependencies(varying: readonly VaryingValue[], reads: readonly FactPath[]): readonly VaryingValue[] {
  if (varying.length === 0) return NONE;
  return varying.filter(({ path }) => reads.some((read) => overlap(read, path)));
}

/** Whether a path reads a place that holds one of these below it, such as all of `arguments`. */
export function readsAround(varying: readonly VaryingValue[], reads: readonly FactPath[]): boolean {
  return varying.some(({ path }) => reads.some((read) => read.length < path.length && overlap(read, path)));
}

export function putValue(fact: object, path: FactPath, value: unknown): void {
  let holder = fact as Record<string, unknown>;
  for (let at = 0; at < path.length - 1; at++) holder = holder[path[at] as string] as Record<string, unknown>;
  holder[path.at(-1) as string] = value;
}

export function putFirst(fact: object, varying: readonly VaryingValue[]): void {
  for (const { path, values } of varying) putValue(fact, path, values[0]);
}

export function putUnknown(fact: object, varying: readonly VaryingValue[]): void {
  for (const { path } of varying) putValue(fact, path, UNKNOWN);
}

/** A copy of the fact of which nothing is known where these lie, nor around them. */
export function withoutKnowing(fact: object, varying: readonly VaryingValue[]): object {
  return { ...fact, ...Object.fromEntries(varying.map(({ path }) => [path[0], UNKNOWN])) };
}

/**
 * Puts every value of each into the fact at least once, one of each at a time, and calls `visit`; the first values come
 * last and stay. False where `visit` returned false, which ends it early.
 */
export function visitEachValue(fact: object, varying: readonly VaryingValue[], visit: () => boolean): boolean {
  const rounds = Math.max(0, ...varying.map(({ values }) => values.length));
  let goesOn = true;
  for (let round = rounds - 1; round >= 0 && goesOn; round--) {
    for (const { path, values } of varying) putValue(fact, path, values[Math.min(round, values.length - 1)]);
    goesOn = visit();
  }
  putFirst(fact, varying);
  return goesOn;
}

import { RE2JS, RE2JSException } from 're2js';
import { ConditionFault } from './fault.ts';
import { LIMITS } from './limits.ts';
import { patternSize } from './pattern-size.ts';

/** A pattern ready to search. */
export interface CompiledPattern {
  /** Whether it is found anywhere in a text of at most `maxLength` UTF-16 units. */
  readonly search: (text: string) => boolean;
  readonly maxLength: number;
}

/**
 * Compiles a regular expression of RE2 syntax (no look-around, no back references), so that a search takes time linear in
 * the text whatever the pattern is. Patterns without operators become plain string searches.
 *
 * @throws ConditionFault at `position` when the pattern is too long, repeats too much or is not RE2.
 */
export function compilePattern(pattern: string, position: number): CompiledPattern {
  if (pattern.length > LIMITS.patternLength) {
    throw new ConditionFault(
      `The pattern has ${pattern.length} characters; at most ${LIMITS.patternLength} are allowed.`,
      position,
    );
  }
  const search = plainSearch(pattern);
  if (search !== null) return { search, maxLength: LIMITS.searchedLength };
  const { atoms, wideAtoms } = patternSize(pattern);
  if (atoms > LIMITS.patternAtoms) {
    const message = `With its repeats the pattern has ${atoms} characters and classes; at most ${LIMITS.patternAtoms} are allowed.`;
    throw new ConditionFault(message, position);
  }
  const program = cached(pattern, position);
  if (wideAtoms <= AUTOMATON_WIDE_ATOMS) {
    return { search: (text) => program.test(text), maxLength: LIMITS.searchedLength };
  }
  const maxLength = Math.min(LIMITS.searchedLength, Math.floor(LIMITS.searchSteps / atoms));
  return { search: (text) => program.matcher(text).find(), maxLength };
}

/**
 * `test` runs a deterministic automaton, the fastest way, unless a text makes it build a new state for every character:
 * `a[a-z]{30}[0-9]` has 2^30 of them, and 64 KiB of random a and b took 0.4–0.8 s (measured). `matcher` steps through the
 * program instead (40 ms for the same); with up to ten wide atoms the automaton has at most some thousand states.
 */
const AUTOMATON_WIDE_ATOMS = 10;

const PLAIN = /^(\^?)([^\\^$.|?*+()[\]{}]*)(\$?)$/;

function plainSearch(pattern: string): CompiledPattern['search'] | null {
  const parts = PLAIN.exec(pattern);
  if (parts === null) return null;
  const [, start, text, end] = parts as unknown as [string, string, string, string];
  // RE2 compares code points: half of a surrogate pair must not be found inside a whole one.
  if (!text.isWellFormed()) return null;
  if (start !== '' && end !== '') return (searched) => searched === text;
  if (start !== '') return (searched) => searched.startsWith(text);
  if (end !== '') return (searched) => searched.endsWith(text);
  return (searched) => searched.includes(text);
}

/** Rules made from one template share their patterns, and a changed rule keeps most of its own. */
const CACHE_SIZE = 1_024;
const cache = new Map<string, RE2JS>();

function cached(pattern: string, position: number): RE2JS {
  let compiled = cache.get(pattern);
  if (compiled === undefined) {
    compiled = compileRe2(pattern, position);
    if (cache.size >= CACHE_SIZE) cache.delete(cache.keys().next().value as string);
    cache.set(pattern, compiled);
  }
  return compiled;
}

function compileRe2(pattern: string, position: number): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof RE2JSException) {
      throw new ConditionFault(
        `Not a pattern of RE2 syntax: ${error.message.replace('error parsing regexp: ', '')}.`,
        position,
      );
    }
    throw error;
  }
}

import { RE2JS, RE2JSException } from 're2js';
import { ConditionFault } from './fault.ts';
import { LIMITS } from './limits.ts';

/** Whether the pattern is found anywhere in the text; the caller keeps `LIMITS.searchedLength`. */
export type PatternSearch = (text: string) => boolean;

/**
 * Compiles a regular expression of RE2 syntax (no look-around, no back references), so that a search takes time linear in
 * the text whatever the pattern is. Patterns without operators become plain string searches.
 *
 * @throws ConditionFault at `position` when the pattern is too long or not RE2.
 */
export function compilePattern(pattern: string, position: number): PatternSearch {
  if (pattern.length > LIMITS.patternLength) {
    throw new ConditionFault(
      `The pattern has ${pattern.length} characters; at most ${LIMITS.patternLength} are allowed.`,
      position,
    );
  }
  return plainSearch(pattern) ?? cached(pattern, position);
}

const PLAIN = /^(\^?)([^\\^$.|?*+()[\]{}]*)(\$?)$/;

function plainSearch(pattern: string): PatternSearch | null {
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

function cached(pattern: string, position: number): PatternSearch {
  let compiled = cache.get(pattern);
  if (compiled === undefined) {
    compiled = compileRe2(pattern, position);
    if (cache.size >= CACHE_SIZE) cache.delete(cache.keys().next().value as string);
    cache.set(pattern, compiled);
  }
  const program = compiled;
  return (searched) => program.test(searched);
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

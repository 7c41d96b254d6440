import { describe, expect, it } from 'vitest';
import { ConditionFault } from '../../../core/kill-switch/fault.ts';
import { LIMITS } from '../../../core/kill-switch/limits.ts';
import { patternSize } from '../../../core/kill-switch/pattern-size.ts';
import { compilePattern } from '../../../core/kill-switch/patterns.ts';
import { seededRandom } from './random-condition.ts';

describe('the size of a pattern', () => {
  it.each([
    ['abc', 3, 0],
    ['^a|b$', 2, 0],
    ['a{1000}', 1_000, 0],
    ['a{2,}b{0,5}', 7, 0],
    ['(?:ab[cd]){10}', 30, 10],
    [String.raw`(?:\d{3}-){4}\pL\p{Greek}`, 22, 14],
    ['[]a-z{9}]{2}', 2, 2],
    [String.raw`\{9\}\x{1F600}{3}`, 6, 0],
    ['.*.+', 2, 2],
  ])('%s: %i atoms, %i of them wide', (pattern, atoms, wideAtoms) => {
    const size = patternSize(pattern);
    // "?:" and the like are counted as characters: an upper estimate.
    expect(size.atoms).toBeGreaterThanOrEqual(atoms);
    expect(size.atoms).toBeLessThanOrEqual(atoms * 1.5);
    expect(size.wideAtoms).toBe(wideAtoms);
  });
});

it.each(['(?:abcdefghij){500}', '(?:(?:ab){31}){32}(?:(?:ab){31}){32}(?:(?:ab){31}){32}', '[a-z]{1000}'.repeat(5)])(
  '%s repeats too much',
  (pattern) => {
    expect(() => compilePattern(pattern, 3)).toThrow(ConditionFault);
  },
);

it.each(['a{1000}', '[a-z]{1000}', '(ab){1000}', String.raw`\d{4}(-\d{4}){3}`])('%s does not', (pattern) => {
  expect(compilePattern(pattern, 0).maxLength).toBeGreaterThan(1_000);
});

it('both engines find the same', () => {
  const random = seededRandom(3);
  for (const pattern of ['a[ab]{4}[0-9]', '(?:a|b[ab]?){3}c?[ab.]{9}$', '^[ab]{12}', 'b.{11}[^a]']) {
    const twin = compilePattern(`(?:${pattern})|[xyz][xyz][xyz][xyz][xyz][xyz][xyz][xyz][xyz][xyz][xyz]`, 0);
    const { search } = compilePattern(pattern, 0);
    for (let i = 0; i < 300; i++) {
      const text = Array.from({ length: random.below(24) }, () => random.pick(['a', 'b', 'c', '1'])).join('');
      expect(search(text), `${pattern} in ${text}`).toBe(new RegExp(pattern, 'u').test(text));
      expect(twin.search(text), `${pattern} in ${text}`).toBe(search(text));
    }
  }
});

it('no text makes a search slow', () => {
  const random = seededRandom(5);
  const text = Array.from({ length: LIMITS.searchedLength }, () => random.pick(['a', 'b'])).join('');
  for (const pattern of [
    'a[a-z]{30}[0-9]',
    'a[a-z]{998}[0-9]',
    '.*a.{100}[0-9]',
    '(.*)(.*)(.*)(.*)(.*)[0-9]',
    `a${'.'.repeat(300)}[0-9]`,
  ]) {
    const { search, maxLength } = compilePattern(pattern, 0);
    const started = process.cpuUsage();
    expect(search(text.slice(0, maxLength)), pattern).toBe(false);
    // 50 ms is the mark; the guard is for a machine under load, and the automaton alone took over 700 ms.
    expect(process.cpuUsage(started).user / 1_000, pattern).toBeLessThan(500);
  }
});

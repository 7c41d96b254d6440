import { describe, expect, it } from 'vitest';
import { matchesLike } from '../../../schema/query/like-pattern.ts';
import { seededRandom } from '../../support/seeded-random.ts';

describe('matchesLike', () => {
  it.each([
    ['', '', true],
    ['', '%', true],
    ['', '_', false],
    ['abc', 'abc', true],
    ['abc', 'ab', false],
    ['abc', 'a%c', true],
    ['ac', 'a%c', true],
    ['a', 'a%a', false],
    ['aba', '%ab%ba%', false],
    ['b%c', 'b\\%c', true],
    ['bxc', 'b\\%c', false],
    ['a\\b', 'a\\\\b', true],
    ['🎵', '_', true],
    ['line\nline', 'l%e', true],
  ])('%j like %j is %s', (text, pattern, expected) => {
    expect(matchesLike(text, pattern)).toBe(expected);
  });

  it('agrees with a regular expression', () => {
    const random = seededRandom(11);
    const some = (letters: string, most: number): string =>
      Array.from({ length: Math.floor(random() * most) }, () => letters[Math.floor(random() * letters.length)]).join(
        '',
      );
    for (let i = 0; i < 5_000; i++) {
      const [text, pattern] = [some('ab', 9), some('ab%_', 7)];
      const expected = new RegExp(`^${pattern.replaceAll('%', '.*').replaceAll('_', '.')}$`).test(text);
      expect({ text, pattern, matches: matchesLike(text, pattern) }).toEqual({ text, pattern, matches: expected });
    }
  });

  it('takes a hostile pattern in its stride', () => {
    expect(matchesLike('a'.repeat(20_000), '%a'.repeat(200) + '%b')).toBe(false);
  });
});

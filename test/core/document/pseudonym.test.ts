import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type KeyedHash, pseudonymOf } from '../../../core/document/pseudonym.ts';

const keyed =
  (key: string): KeyedHash =>
  (text) =>
    createHmac('sha256', key).update(text).digest('hex');

const hash = keyed('key');

describe('a pseudonym', () => {
  it('is the same for the same text under the same key, and for itself', () => {
    const pseudonym = pseudonymOf('111-22-3333', hash);
    expect(pseudonym).toMatch(/^[0-9a-f]{32}$/);
    expect(pseudonymOf('111-22-3333', hash)).toBe(pseudonym);
    expect(pseudonymOf(pseudonym, hash)).toBe(pseudonym);
    expect(pseudonymOf('111-22-3334', hash)).not.toBe(pseudonym);
    expect(pseudonymOf('111-22-3333', keyed('other'))).not.toBe(pseudonym);
  });

  it.each([
    ['of another key', pseudonymOf('x', keyed('other'))],
    ['with a proof that is a hash of a value', `0123456789abcdef${pseudonymOf('0123456789abcdef', hash).slice(0, 16)}`],
    [
      'whose proof is asked for as a value',
      `0123456789abcdef${pseudonymOf('proof 0123456789abcdef', hash).slice(0, 16)}`,
    ],
    ['with one digit changed', pseudonymOf('x', hash).replace(/^./, (digit) => (digit === '0' ? '1' : '0'))],
    ['in capitals', pseudonymOf('x', hash).toUpperCase()],
    ['with more around it', ` ${pseudonymOf('x', hash)}`],
    ['of digits only', '41111111111111114111111111111111'],
  ])('is not taken from a value that looks alike: %s', (_, value) => {
    expect(pseudonymOf(value, hash)).not.toBe(value);
  });
});

import { describe, expect, it } from 'vitest';
import { createSecretCheck } from '../../plugin/secret.ts';

describe('the shared secret', () => {
  const isSecret = createSecretCheck({ current: 'new', previous: 'old' });

  it.each([['new'], ['old']])('is accepted: %s', (presented) => {
    expect(isSecret(presented)).toBe(true);
  });

  it.each([[null], [''], ['neW'], ['new '], ['newold'], ['n'.repeat(100_000)]])('is refused: %j', (presented) => {
    expect(isSecret(presented)).toBe(false);
  });

  it('has no previous one unless it is rotated', () => {
    expect(createSecretCheck({ current: 'new', previous: null })('')).toBe(false);
    expect(createSecretCheck({ current: 'new', previous: '' })('')).toBe(false);
  });
});

import { expect, it } from 'vitest';

it('fails, so that test/exit-code.test.ts can see that a failure is told', () => {
  expect(1).toBe(2);
});

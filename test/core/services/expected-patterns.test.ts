import { expect, it } from 'vitest';
import { createExpectedPatterns } from '../../../core/services/expected-patterns.ts';
import type { LabelledPattern } from '../../../core/services/ports/anomalies.ts';

it('knows what was labelled expected last, and forgets it when the labels go or it is confirmed', async () => {
  let labels: LabelledPattern[] = [
    { pattern: 'a', label: 'expected' },
    { pattern: 'b', label: 'confirmed' },
    { pattern: 'b', label: 'expected' },
  ];
  const expected = createExpectedPatterns({ latest: async () => labels });
  expect(expected.has('a')).toBe(false);
  await expected.refresh();
  expect(['a', 'b', 'c'].map((pattern) => expected.has(pattern))).toEqual([true, false, false]);
  labels = [];
  await expected.refresh();
  expect(expected.has('a')).toBe(false);
});

import { expect, it } from 'vitest';
import { NDC_VERSION, versionFault } from '../../connector/spec-version.ts';

it('reports the specification version the official test suite asks for', () => {
  expect(NDC_VERSION).toBe('0.2.13');
});

it.each([[[]], [['0.2.0']], [['0.2.13']], [['0.2.13-rc.1']], [['0.2.12+build.7']]])(
  'serves a caller that asks for %j',
  (requested) => {
    expect(versionFault(requested)).toBeUndefined();
  },
);

it.each([
  [['0.1.6'], 'does not satisfy'],
  [['0.2.14'], 'does not satisfy'],
  [['0.3.0'], 'does not satisfy'],
  [['0.3.0-rc.1'], 'does not satisfy'],
  [['0.0.0'], 'does not satisfy'],
  [['1.0.0'], 'does not satisfy'],
  [['v0.2.0'], 'semantic version'],
  [['0.2'], 'semantic version'],
  [['00.2.0'], 'semantic version'],
  [[''], 'semantic version'],
  [['0.2.0, 0.2.13'], 'semantic version'],
  [['0.2.0', '0.2.0'], '2 times'],
])('refuses %j', (requested, expected) => {
  expect(versionFault(requested)).toContain(expected);
});

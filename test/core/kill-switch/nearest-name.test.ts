import { expect, it } from 'vitest';
import { nearestName } from '../../../core/kill-switch/nearest-name.ts';

const NAMES = ['role', 'rootFields', 'operationName', 'operationType', 'depth', 'limit'];

it.each([
  ['roel', 'role'],
  ['Role', 'role'],
  ['rootfield', 'rootFields'],
  ['operatonName', 'operationName'],
  ['operation_type', 'operationType'],
  ['dept', 'depth'],
  ['user', null],
  ['x', null],
  ['', null],
  ['x'.repeat(10_000), null],
])('for %s it is %s', (name, nearest) => {
  expect(nearestName(name, NAMES)).toBe(nearest);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DEFAULT_HOST_LIMITS } from '../../connector/host.ts';
import { DEFAULT_LIMITS } from '../../schema/query/limits.ts';
import { MAX_VARIABLES } from '../../schema/query/resolve-context.ts';

const readme = readFileSync(join(import.meta.dirname, '..', '..', 'connector', 'README.md'), 'utf8').replaceAll(
  /\s+/g,
  ' ',
);
const text = (count: number): string => count.toLocaleString('en');

it.each([
  `${DEFAULT_HOST_LIMITS.maxBodyBytes / 1_048_576} MiB`,
  `${DEFAULT_HOST_LIMITS.maxBodyDepth} levels`,
  `${DEFAULT_LIMITS.depth} levels of predicates`,
  `${DEFAULT_LIMITS.existsDepth} levels of \`exists\``,
  `${MAX_VARIABLES} variables`,
  `${DEFAULT_LIMITS.tables} path steps and \`exists\``,
  `${DEFAULT_LIMITS.pathSteps} steps per path`,
  `${DEFAULT_LIMITS.sortKeys} sort keys`,
  `${DEFAULT_LIMITS.aggregates} aggregates`,
  `${DEFAULT_LIMITS.dimensions} dimensions`,
  `${text(DEFAULT_LIMITS.cells)} values`,
  `${text(DEFAULT_LIMITS.nodes)} parts`,
  `${text(DEFAULT_LIMITS.variableSets)} variable sets`,
  `${text(DEFAULT_LIMITS.rows)} rows or groups`,
])('the README states the limit as it is: %s', (limit) => {
  expect(readme).toContain(limit);
});

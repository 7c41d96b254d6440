import { describe, expect, it } from 'vitest';
import type { DomainError } from '../../../core/domain/errors.ts';
import { AGGREGATE_FUNCTIONS } from '../../../schema/query/aggregate-functions.ts';
import { evaluateInMemory } from '../../../schema/query/evaluate-in-memory.ts';
import { EXTRACTION_FUNCTIONS } from '../../../schema/query/extraction-functions.ts';
import { OPERATORS } from '../../../schema/query/operators.ts';
import { createQueryEngine } from '../../../schema/query/query-engine.ts';
import { queriesInside } from '../../../schema/query/related-plan.ts';
import { resolveRequest } from '../../../schema/query/resolve-request.ts';
import { fixtureCatalogue, fixtureTables } from '../../support/query-fixture.ts';
import { RequestGenerator } from '../../support/query-requests.ts';
import { seededRandom } from '../../support/seeded-random.ts';

/** Every `kind` of the form. */
const KINDS = [
  'and',
  'or',
  'not',
  'is-null',
  'compare',
  'array-contains',
  'array-is-empty',
  'exists',
  'related',
  'unrelated',
  'nested-collection',
  'nested-scalar-collection',
  'literal',
  'variable',
  'column',
  'aggregate',
  'star-count',
  'column-count',
  'function',
  'dimension',
  'relationship',
  'object',
  'array',
  'collection',
];

// The comparison of the databases is worth what its requests reach.
describe('random requests', () => {
  const generator = new RequestGenerator(seededRandom(20_261_120));
  const requests = Array.from({ length: 2_000 }, () => generator.request());

  it('hold every construct, operator, function and extraction', () => {
    const seen = {
      kind: new Set<string>(),
      operator: new Set<string>(),
      function: new Set<string>(),
      extraction: new Set<string>(),
    };
    const visit = (value: unknown): void => {
      if (value === null || typeof value !== 'object') return;
      const children: Iterable<[string, unknown]> = value instanceof Map ? value.entries() : Object.entries(value);
      for (const [key, child] of children) {
        if (Object.hasOwn(seen, key) && typeof child === 'string') seen[key as keyof typeof seen].add(child);
        visit(child);
      }
    };
    for (const { query } of requests) visit(query);
    expect([...seen.kind].sort()).toEqual(KINDS.toSorted());
    expect([...seen.operator].sort()).toEqual(Object.keys(OPERATORS).sort());
    expect([...seen.function].sort()).toEqual(Object.keys(AGGREGATE_FUNCTIONS).sort());
    expect([...seen.extraction].sort()).toEqual(Object.keys(EXTRACTION_FUNCTIONS).sort());
  });

  it('compare values in memory with collections', () => {
    const plans = requests.map((request) => resolveRequest(fixtureCatalogue, request).root.rows);
    const related = plans.flatMap((rows) => (rows ? queriesInside(rows) : [])).filter((plan) => plan.related);
    expect(related.length).toBeGreaterThan(20);
  });

  it('are answered by rows, and now and then by a number out of range', () => {
    const engine = createQueryEngine(fixtureCatalogue);
    const tables = fixtureTables(seededRandom(7));
    const asked = requests.filter(
      ({ query, variables }) => query.fields && query.limit !== 0 && variables?.length !== 0,
    );
    const answers = asked.map((request) => {
      try {
        return evaluateInMemory(engine, tables, request).some(({ rows }) => rows?.length) ? 'rows' : 'nothing';
      } catch (error) {
        return (error as DomainError).code;
      }
    });
    const shareOf = (answer: string): number => answers.filter((one) => one === answer).length / answers.length;
    expect([...new Set(answers)].sort()).toEqual(['AGGREGATE_OUT_OF_RANGE', 'nothing', 'rows']);
    expect(shareOf('rows')).toBeGreaterThan(0.5);
    expect(shareOf('AGGREGATE_OUT_OF_RANGE')).toBeGreaterThan(0.01);
  });
});

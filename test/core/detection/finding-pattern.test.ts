import { describe, expect, it } from 'vitest';
import { patternOf } from '../../../core/detection/finding-pattern.ts';
import type { FieldEvidence, Finding, Subject } from '../../../core/domain/finding.ts';
import { observationOf, shapeOf } from '../../support/observations.ts';

const field = (path: string, valueClass: string): FieldEvidence => ({
  path,
  value: null,
  contribution: 0.5,
  tailProbability: 0.001,
  valueClass,
  text: '',
});

const found = (
  kind: Finding['kind'],
  subject: Subject,
  fields: readonly FieldEvidence[] = [],
  reason = '',
): Finding => ({
  kind,
  subject,
  severity: 'low',
  p: null,
  score: null,
  reason,
  fields,
});

const record = (index: number): Subject => ({ kind: 'record', dataset: 'orders', index });
const value = (index: number, ...fields: FieldEvidence[]) => found('unusual_value', record(index), fields);

describe('findings are of one pattern', () => {
  const observation = observationOf({});
  const same = (a: Finding, b: Finding) => patternOf(observation, a) === patternOf(observation, b);

  it('about data: by dataset, kind and how the leading field is unusual', () => {
    const high = field('total', 'value:above:4');
    expect(same(value(1, high), value(7, high, field('items', 'value:above:1')))).toBe(true);
    expect(same(value(1, high), value(1, field('total', 'value:above:6')))).toBe(false);
    expect(same(value(1, high), value(1, field('items', 'value:above:4')))).toBe(false);
    expect(same(value(1, high), found('unusual_combination', record(1), [high]))).toBe(false);
  });

  it('about a combination: by its first three fields', () => {
    const fields = ['a', 'b', 'c', 'd'].map((path) => field(path, 'value:within:1'));
    const combination = (...chosen: number[]) =>
      found(
        'unusual_combination',
        record(1),
        chosen.map((i) => fields[i] as FieldEvidence),
      );
    expect(same(combination(0, 1, 2, 3), combination(0, 1, 2))).toBe(true);
    expect(same(combination(0, 1, 2), combination(0, 1, 3))).toBe(false);
  });

  it('about the schema: by the columns that changed', () => {
    const change = (reason: string) => found('schema_change', { kind: 'dataset', dataset: 'orders' }, [], reason);
    expect(same(change('column a is new'), change('column a is new'))).toBe(true);
    expect(same(change('column a is new'), change('column b is new'))).toBe(false);
  });

  it('about a caller: by user and kind; about a query: by role, root fields and kind', () => {
    const other = observationOf({
      userId: '18',
      principal: { role: 'support', userId: '18', sessionVariables: new Map() },
    });
    const burst = found('burst', { kind: 'caller' });
    const size = found('result_size', { kind: 'query' });
    expect(patternOf(other, burst)).not.toBe(patternOf(observation, burst));
    expect(patternOf(other, size)).toBe(patternOf(observation, size));
    const elsewhere = observationOf({ shape: shapeOf('query { albums { id } }', ['albums.id']) });
    expect(patternOf(elsewhere, size)).not.toBe(patternOf(observation, size));
  });
});

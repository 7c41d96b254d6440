import { describe, expect, it } from 'vitest';
import { DAY, MINUTE } from '../../../../core/domain/time.ts';
import { createScenario, MONDAY, teachSupportDesk, THIRD_MONDAY } from './pattern-scenario.ts';

describe('new shape', () => {
  it('reports a query a known role never sent, with the key that makes it once only', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    const [finding] = scenario.send({ at: THIRD_MONDAY, shape: 'other', rootFields: ['invoices'] });
    expect(finding).toMatchObject({
      kind: 'new_shape',
      subject: { kind: 'query' },
      severity: 'low',
      firstSeen: { kind: 'shape', scope: 'graphql:support', value: expect.stringMatching(/^graphql:1:/) },
    });
    expect(finding?.reason).toBe(
      'role support sent a query of a new shape on invoices: depth 2, 2 fields; its 1,080 requests so far had 1 shape',
    );
  });

  it('reports a shape once', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    expect(scenario.kinds({ at: THIRD_MONDAY, shape: 'other' })).toEqual(['new_shape']);
    expect(scenario.kinds({ at: THIRD_MONDAY + MINUTE, shape: 'other' })).toEqual([]);
  });

  it('goes on reporting after one report: a reported shape does not count as the habit of new shapes', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    const reported = Array.from({ length: 30 }, (_, i) =>
      scenario.kinds({ at: THIRD_MONDAY + i * MINUTE, shape: `other ${i}`, records: 1 }),
    );
    expect(reported.flat()).toHaveLength(30);
  });

  it('leaves a role alone whose shapes are new all the time', () => {
    const scenario = createScenario();
    const kinds = Array.from({ length: 400 }, (_, i) =>
      scenario.kinds({ at: MONDAY + i * 30 * MINUTE, source: 'ndc', role: 'analyst', shape: `question ${i}` }),
    );
    expect(kinds.flat()).toEqual([]);
  });

  it('becomes quiet when a role takes up ad-hoc queries for good', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    const onDay = (day: number): number =>
      Array.from({ length: 30 }, (_, i) =>
        scenario.kinds({ at: THIRD_MONDAY + day * DAY + i * MINUTE, shape: `other ${day}/${i}`, records: 1 }),
      ).flat().length;
    expect([onDay(0), onDay(1), onDay(2), onDay(3)]).toEqual([30, 30, 1, 0]);
  });

  it('knows a shape per source and role', () => {
    const scenario = createScenario();
    teachSupportDesk(scenario);
    for (let i = 0; i < 100; i++) scenario.send({ at: MONDAY + i * 60 * MINUTE, role: 'sales', shape: 'sales list' });
    expect(scenario.kinds({ at: THIRD_MONDAY, role: 'support', shape: 'sales list' })).toEqual(['new_shape']);
  });
});

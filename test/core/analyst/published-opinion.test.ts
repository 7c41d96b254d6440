import { describe, expect, it } from 'vitest';
import { anomalyCountOf, publishedOutcome } from '../../../core/analyst/published-opinion.ts';
import type { AnalystOpinion } from '../../../core/domain/analyst-opinion.ts';

const opinion: AnalystOpinion = {
  id: 'opinion',
  at: 0,
  reason: 'request',
  queryId: 'graphql:1:a',
  observationIds: ['mine', 'other'],
  anomaliesDetected: true,
  records: ['mine', 'other'].map((observationId, recordIndex) => ({
    observationId,
    dataset: 'invoices',
    recordIndex,
    reason: 'odd',
    riskLevel: 'high',
    category: 'range_violation',
  })),
  queryPattern: { typical: true, concerns: [], recommendations: ['Look.'] },
  businessRules: [{ rule: 'r', violation: 'v', riskLevel: 'low' }],
  summary: 'One record is odd.',
  draftRule: { condition: 'role == "a"', reason: 'why', refused: null },
  draftAlert: { metric: 'records', comparison: 'above', threshold: 1, windowMinutes: 5, reason: 'why' },
  model: 'm',
  promptVersion: 'v',
  usage: { input: 1, output: 2, cacheWrite: 3, cacheRead: 4 },
  cost: null,
  latencyMs: 9,
};

describe('an outcome in a REST body', () => {
  it("speaks of the request's own records, in the original's names", () => {
    const shown = publishedOutcome({ status: 'answered', opinion, cached: false }, 'mine');
    expect(shown.opinion).toMatchObject({
      cached: false,
      anomalies_detected: true,
      records: [
        { dataset: 'invoices', record_index: 0, reason: 'odd', risk_level: 'high', category: 'range_violation' },
      ],
      query_pattern_analysis: { typical: true, concerns: [], recommendations: ['Look.'] },
      business_rules: [{ rule: 'r', violation: 'v', risk_level: 'low' }],
      draft_alert_rule: { window_minutes: 5 },
      tokens: { input: 1, output: 2, cache_write: 3, cache_read: 4 },
      prompt_version: 'v',
      latency_ms: 9,
    });
    expect(anomalyCountOf(shown)).toBe(2);
  });

  it('speaks of no records where the opinion is about another answer', () => {
    expect(publishedOutcome({ status: 'answered', opinion, cached: true }, 'third').opinion?.records).toEqual([]);
  });

  it.each([
    [{ status: 'skipped', why: 'over_budget' }, 'over_budget'],
    [{ status: 'failed', fault: 'timeout' }, 'timeout'],
    [{ status: 'pending' }, null],
  ] as const)('says why there is none: %j', (outcome, why) => {
    const shown = publishedOutcome(outcome, 'mine');
    expect(shown).toEqual({ status: outcome.status, why, opinion: null });
    expect(anomalyCountOf(shown)).toBe(0);
  });
});

import { anomalyCountOf, type PublishedOutcome, type PublishedRecord } from '../../core/analyst/published-opinion.ts';
import type { anomaliesResponse } from './anomalies-response.ts';

type AnomaliesBody = ReturnType<typeof anomaliesResponse>;

/**
 * The body with the analyst's opinion in the places the original had for it. It adds records, concerns and
 * recommendations and takes nothing away; its count stands beside the statistical one.
 */
export function withOpinion(body: AnomaliesBody, outcome: PublishedOutcome) {
  const { opinion } = outcome;
  const results = Object.entries(body.results).map(([name, result]) => {
    const records = (opinion?.records ?? []).filter((record) => record.dataset === name).map(opinionRecord);
    const advice = opinion?.query_pattern_analysis;
    return [
      name,
      {
        ...result,
        query_analysis: {
          ...result.query_analysis,
          records: [...result.query_analysis.records, ...records],
          query_pattern_analysis: {
            typical: result.query_analysis.query_pattern_analysis.typical && (advice?.typical ?? true),
            concerns: [...result.query_analysis.query_pattern_analysis.concerns, ...(advice?.concerns ?? [])],
            recommendations: [
              ...result.query_analysis.query_pattern_analysis.recommendations,
              ...(advice?.recommendations ?? []),
            ],
          },
        },
        recommendations: [...result.recommendations, ...(advice?.recommendations ?? [])],
        security_concerns: [
          ...result.security_concerns,
          ...records.filter((record) => record.category === 'security_concern'),
        ],
      },
    ];
  });
  return {
    results: Object.fromEntries(results) as Record<string, unknown>,
    metadata: { ...body.metadata, analyst_anomalies: anomalyCountOf(outcome), analyst: analystMetadata(outcome) },
  };
}

function opinionRecord({ record_index, reason, risk_level, category }: PublishedRecord) {
  return { record_index, reason, risk_level, category, type: 'model_opinion', severity: risk_level };
}

function analystMetadata({ status, why, opinion }: PublishedOutcome) {
  if (opinion === null) return { status, why };
  const { id, cached, model, prompt_version, tokens, cost, latency_ms, summary, business_rules } = opinion;
  return { status, why, id, cached, model, prompt_version, tokens, cost, latency_ms, summary, business_rules };
}

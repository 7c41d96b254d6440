import type { AnalystOpinion, AnalystOutcome, OpinionRecord } from '../domain/analyst-opinion.ts';

/** An outcome as REST bodies show it: the original's names where it had them, snake_case throughout. */
export interface PublishedOutcome {
  /** `answered`, `skipped`, `failed` or `pending`. */
  readonly status: AnalystOutcome['status'];
  /** Why there is no opinion: a skip reason or a kind of fault; null where there is one, or where it will come. */
  readonly why: string | null;
  readonly opinion: PublishedOpinion | null;
}

export interface PublishedOpinion {
  readonly id: string;
  /** An earlier opinion on the same shape and kinds of findings: no call was made. */
  readonly cached: boolean;
  readonly anomalies_detected: boolean;
  readonly records: readonly PublishedRecord[];
  readonly query_pattern_analysis: {
    readonly typical: boolean;
    readonly concerns: readonly string[];
    readonly recommendations: readonly string[];
  };
  readonly business_rules: readonly {
    readonly rule: string;
    readonly violation: string;
    readonly risk_level: string;
  }[];
  readonly summary: string;
  readonly draft_kill_switch_rule: AnalystOpinion['draftRule'];
  readonly draft_alert_rule: {
    readonly metric: string;
    readonly comparison: string;
    readonly threshold: number;
    readonly window_minutes: number;
    readonly reason: string;
  } | null;
  readonly model: string;
  readonly prompt_version: string;
  readonly tokens: {
    readonly input: number;
    readonly output: number;
    readonly cache_write: number;
    readonly cache_read: number;
  };
  readonly cost: number | null;
  readonly latency_ms: number;
}

export interface PublishedRecord {
  readonly dataset: string;
  readonly record_index: number;
  readonly reason: string;
  readonly risk_level: string;
  readonly category: string;
}

/**
 * The outcome for one observation. Records of other requests that shared the question are left out; so are those of a
 * cached opinion, whose numbers are about another answer.
 */
export function publishedOutcome(outcome: AnalystOutcome, observationId: string): PublishedOutcome {
  switch (outcome.status) {
    case 'answered': {
      const opinion = publishedOpinion(outcome.opinion, outcome.cached, observationId);
      return { status: 'answered', why: null, opinion };
    }
    case 'skipped':
      return { status: 'skipped', why: outcome.why, opinion: null };
    case 'failed':
      return { status: 'failed', why: outcome.fault, opinion: null };
    case 'pending':
      return { status: 'pending', why: null, opinion: null };
  }
}

/** How many anomalies the opinion adds: the model's own count, never mixed into the statistical one. */
export function anomalyCountOf({ opinion }: PublishedOutcome): number {
  return opinion === null ? 0 : opinion.records.length + opinion.business_rules.length;
}

function publishedOpinion(opinion: AnalystOpinion, cached: boolean, observationId: string): PublishedOpinion {
  const { usage, draftAlert, queryPattern } = opinion;
  return {
    id: opinion.id,
    cached,
    anomalies_detected: opinion.anomaliesDetected,
    records: opinion.records.filter((record) => record.observationId === observationId).map(publishedRecord),
    query_pattern_analysis: queryPattern,
    business_rules: opinion.businessRules.map(({ rule, violation, riskLevel }) => ({
      rule,
      violation,
      risk_level: riskLevel,
    })),
    summary: opinion.summary,
    draft_kill_switch_rule: opinion.draftRule,
    draft_alert_rule: draftAlert && {
      metric: draftAlert.metric,
      comparison: draftAlert.comparison,
      threshold: draftAlert.threshold,
      window_minutes: draftAlert.windowMinutes,
      reason: draftAlert.reason,
    },
    model: opinion.model,
    prompt_version: opinion.promptVersion,
    tokens: {
      input: usage.input,
      output: usage.output,
      cache_write: usage.cacheWrite,
      cache_read: usage.cacheRead,
    },
    cost: opinion.cost,
    latency_ms: opinion.latencyMs,
  };
}

function publishedRecord({ dataset, recordIndex, reason, riskLevel, category }: OpinionRecord): PublishedRecord {
  return { dataset, record_index: recordIndex, reason, risk_level: riskLevel, category };
}

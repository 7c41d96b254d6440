import { defineEntity, p } from '@mikro-orm/core';
import { ANALYST_FAULTS, ASK_REASONS } from '../../core/domain/analyst-opinion.ts';
import { FINDING_KINDS } from '../../core/domain/finding.ts';
import { listOf, oneOf } from '../../core/domain/kind.ts';
import { publish } from '../publish.ts';
import { QueryPattern } from './query-pattern.ts';

/** One row per question to the language model: what was sent, what came back, what it cost. */
export const AnalystOpinion = defineEntity({
  name: 'AnalystOpinion',
  tableName: 'analyst_opinions',
  properties: {
    id: p.uuid().primary(),
    timestamp: p.datetime(3).index(),
    query_id: () => p.manyToOne(QueryPattern).mapToPk().fieldName('query_id'),
    observation_id: p.uuid().index(),
    role: p.string().length(191),
    reason: p.string().length(16),
    kinds: p.json<readonly string[]>(),
    status: p.string().length(24),
    message: p.text().nullable(),
    anomalies_detected: p.boolean().nullable(),
    typical: p.boolean().nullable(),
    summary: p.text().nullable(),
    opinion: p.json<unknown>().nullable(),
    draft_condition: p.text().nullable(),
    draft_refused: p.text().nullable(),
    draft_alert: p.json<unknown>().nullable(),
    model: p.string().length(100),
    prompt_version: p.string().length(32),
    prompt_system: p.text(),
    prompt: p.text(),
    estimated_tokens: p.integer(),
    input_tokens: p.integer(),
    output_tokens: p.integer(),
    cache_write_tokens: p.integer(),
    cache_read_tokens: p.integer(),
    cost: p.double().$type<number>().nullable(),
    latency_ms: p.integer(),
    provider_request_id: p.string().length(100).nullable(),
  },
  indexes: [{ properties: ['query_id', 'timestamp'] }],
});

export const analystOpinions = publish(AnalystOpinion, {
  rowType: 'analyst_opinion',
  description:
    "One row per question to the language model about a suspicious or new query: the exact redacted prompt, the answer, tokens, cost and time. What it found stands in anomaly_records with kind model_opinion. Empty while the analyst is off. The texts of the answer are a model's: advice, not fact.",
  columns: {
    id: 'Stable id.',
    timestamp: 'When the answer came.',
    query_id: 'The shape of the query asked about.',
    observation_id: 'The first of the observed requests asked about; the id of its request_log row while that is kept.',
    role: 'Role that sent the query.',
    reason: { description: 'Why the model was asked.', values: ASK_REASONS },
    kinds: {
      description: 'Kinds of findings it was asked about.',
      holds: listOf(oneOf(Object.keys(FINDING_KINDS))),
    },
    status: { description: 'answered, or why there is no answer.', values: ['answered', ...ANALYST_FAULTS] },
    message: 'What went wrong, in one sentence; null when answered.',
    anomalies_detected: "The model's verdict; null without an answer.",
    typical: 'Whether the model takes the query as such for ordinary.',
    summary: 'One paragraph of the model.',
    opinion: 'The whole answer: records, query_pattern, business_rules.',
    draft_condition:
      'Condition of a kill-switch rule that the model proposes; kept as a draft among kill_switch_rules.',
    draft_refused: 'Why our compiler refuses that condition; null when it is accepted or there is none.',
    draft_alert: 'An alert rule that the model proposes: metric, comparison, threshold, windowMinutes, reason.',
    model: 'The model that answered.',
    prompt_version: 'Version of the instructions.',
    prompt_system: 'The instructions, exactly as sent.',
    prompt: 'The redacted data, exactly as sent.',
    estimated_tokens: { description: 'Upper estimate of the prompt before it was sent.', unit: 'tokens' },
    input_tokens: { description: 'Input that the provider counted and did not cache.', unit: 'tokens' },
    output_tokens: { description: 'Output, thinking included.', unit: 'tokens' },
    cache_write_tokens: { description: "Input written to the provider's cache.", unit: 'tokens' },
    cache_read_tokens: { description: "Input read from the provider's cache.", unit: 'tokens' },
    cost: 'Cost by the configured prices; null without prices.',
    latency_ms: { description: 'From asking to answer, with retries.', unit: 'ms' },
    provider_request_id: "The provider's id of the request, for its support.",
  },
  relations: {
    query_id: { target: 'query_patterns', key: 'query_id', objectName: 'query_pattern', arrayName: 'analyst_opinions' },
  },
});

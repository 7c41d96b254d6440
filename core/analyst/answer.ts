import { z } from 'zod';
import { RISK_LEVELS } from '../domain/analyst-opinion.ts';
import { CATEGORIES } from '../domain/finding.ts';

const riskLevel = z.enum(RISK_LEVELS);

/**
 * What the model has to answer: the original plugin's fields and ours. Lengths are not in the schema but capped on
 * reading (opinion.ts), so that one sentence too many doesn't cost the whole answer; unknown fields are dropped.
 */
export const ANSWER_SCHEMA = z.object({
  anomalies_detected: z.boolean(),
  records: z.array(
    z.object({
      record_index: z.number().int(),
      reason: z.string(),
      risk_level: riskLevel,
      category: z.enum(CATEGORIES),
    }),
  ),
  query_pattern_analysis: z.object({
    typical: z.boolean(),
    concerns: z.array(z.string()),
    recommendations: z.array(z.string()),
  }),
  business_rules: z.array(z.object({ rule: z.string(), violation: z.string(), risk_level: riskLevel })),
  summary: z.string(),
  draft_kill_switch_rule: z.object({ condition: z.string(), reason: z.string() }).nullable(),
  draft_alert_rule: z
    .object({
      metric: z.string(),
      comparison: z.enum(['above', 'below']),
      threshold: z.number(),
      window_minutes: z.number().int(),
      reason: z.string(),
    })
    .nullable(),
});

export type Answer = z.infer<typeof ANSWER_SCHEMA>;

export type AnswerReading =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly why: string };

/** Longer answers are none: the schema's texts at their caps take a fraction of it. */
const MAX_ANSWER = 64 * 1024;

/** Reads the text of an answer; never throws. A code fence around the JSON is taken off: some gateways put it there. */
export function readAnswer(text: string): AnswerReading {
  if (text.length > MAX_ANSWER) return { ok: false, why: `the answer has ${text.length} characters` };
  let json: unknown;
  try {
    json = JSON.parse(withoutFence(text));
  } catch {
    return { ok: false, why: 'the answer is not JSON' };
  }
  const read = ANSWER_SCHEMA.safeParse(json);
  if (read.success) return { ok: true, answer: read.data };
  const [issue] = read.error.issues;
  return { ok: false, why: `the answer has another form at ${issue?.path.join('.') || 'its top'}` };
}

const FENCE = /^```[a-z]*\s*\n([\s\S]*)\n\s*```$/i;

function withoutFence(text: string): string {
  const trimmed = text.trim();
  return FENCE.exec(trimmed)?.[1] ?? trimmed;
}

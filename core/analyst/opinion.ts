import {
  type AnalystOpinion,
  type DraftAlert,
  type DraftRule,
  type OpinionRecord,
  type RiskLevel,
} from '../domain/analyst-opinion.ts';
import type { Finding, Subject } from '../domain/finding.ts';
import type { Severity } from '../domain/severity.ts';
import type { Answer } from './answer.ts';
import type { Dossier } from './dossier.ts';

/** The parts of an opinion that come from the answer. */
export type OpinionContent = Pick<
  AnalystOpinion,
  'anomaliesDetected' | 'records' | 'queryPattern' | 'businessRules' | 'summary' | 'draftRule' | 'draftAlert'
>;

const MAX_SENTENCE = 400;
const MAX_SUMMARY = 1_200;
const MAX_SENTENCES = 10;
/** The condition language's own bound is higher; a proposal this long is not narrow. */
const MAX_CONDITION = 1_000;

/**
 * The answer as an opinion: texts cleaned and capped, lists cut, record numbers mapped back to the observations' records;
 * a number that was not given out is dropped, as is the second verdict of one category on the same record.
 *
 * @param checkRule why the condition is refused by the compiler of kill-switch rules, or null.
 */
export function opinionOf(
  answer: Answer,
  dossier: Pick<Dossier, 'records'>,
  askedRecords: number,
  checkRule: (condition: string) => string | null,
): OpinionContent {
  const { query_pattern_analysis: pattern } = answer;
  return {
    anomaliesDetected: answer.anomalies_detected,
    records: recordsOf(answer, dossier.records.slice(0, askedRecords)),
    queryPattern: {
      typical: pattern.typical,
      concerns: sentences(pattern.concerns),
      recommendations: sentences(pattern.recommendations),
    },
    businessRules: answer.business_rules.slice(0, MAX_SENTENCES).map(({ rule, violation, risk_level }) => ({
      rule: cleanText(rule, MAX_SENTENCE),
      violation: cleanText(violation, MAX_SENTENCE),
      riskLevel: risk_level,
    })),
    summary: cleanText(answer.summary, MAX_SUMMARY),
    draftRule: draftRuleOf(answer.draft_kill_switch_rule, checkRule),
    draftAlert: draftAlertOf(answer.draft_alert_rule),
  };
}

function recordsOf({ records }: Answer, asked: Dossier['records']): OpinionRecord[] {
  const seen = new Set<string>();
  return records.flatMap(({ record_index, reason, risk_level, category }) => {
    const record = asked[record_index];
    const id = `${record_index} ${category}`;
    if (!record || seen.has(id)) return [];
    seen.add(id);
    return [
      {
        observationId: record.observationId,
        dataset: record.dataset,
        recordIndex: record.index,
        reason: cleanText(reason, MAX_SENTENCE),
        riskLevel: risk_level,
        category,
      },
    ];
  });
}

function draftRuleOf(
  draft: Answer['draft_kill_switch_rule'],
  checkRule: (condition: string) => string | null,
): DraftRule | null {
  if (draft === null) return null;
  const condition = draft.condition.trim().toWellFormed();
  if (condition.length > MAX_CONDITION || CONTROL.test(condition)) return null;
  return { condition, reason: cleanText(draft.reason, MAX_SENTENCE), refused: checkRule(condition) };
}

function draftAlertOf(draft: Answer['draft_alert_rule']): DraftAlert | null {
  if (draft === null || !Number.isFinite(draft.threshold)) return null;
  const { metric, comparison, threshold, window_minutes, reason } = draft;
  if (window_minutes < 1 || window_minutes > 60 * 24 * 31) return null;
  return {
    metric: cleanText(metric, 200),
    comparison,
    threshold,
    windowMinutes: window_minutes,
    reason: cleanText(reason, MAX_SENTENCE),
  };
}

function sentences(texts: readonly string[]): string[] {
  const clean = texts.map((text) => cleanText(text, MAX_SENTENCE)).filter((text) => text !== '');
  return [...new Set(clean)].slice(0, MAX_SENTENCES);
}

// C0 and C1 controls, and the marks that reorder or hide text on a screen.
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const CONTROLS = new RegExp(CONTROL.source, 'gu');
/** Anything a terminal, a chat or a browser would make a link of. */
const LINK = /(?:\b[a-z][a-z0-9+.-]{1,20}:\/\/|\b(?:javascript|data|mailto|file|vbscript):|\bwww\.)\S*/gi;

/** A text of the model as plain text: one line, no controls, nothing that links. HTML is for the surfaces to escape. */
export function cleanText(text: string, length: number): string {
  const clean = text
    .slice(0, length * 4)
    .replaceAll(CONTROLS, ' ')
    .replaceAll(LINK, '[link removed]')
    .replaceAll(/\s+/g, ' ')
    .trim();
  // A cut through a surrogate pair would be refused by PostgreSQL's jsonb.
  return (clean.length <= length ? clean : `${clean.slice(0, length - 1)}…`).toWellFormed();
}

const SEVERITY: Readonly<Record<RiskLevel, Severity>> = { low: 'low', medium: 'medium', high: 'high' };

/**
 * An opinion as findings about one of its observations, in the form every detector has. They carry no p-value and no
 * score: they stand beside what statistics found and change nothing of it.
 */
export function findingsOf(opinion: AnalystOpinion, observationId: string): Finding[] {
  const finding = (subject: Subject, level: RiskLevel, category: Finding['category'], reason: string): Finding => ({
    kind: 'model_opinion',
    subject,
    severity: SEVERITY[level],
    p: null,
    score: null,
    reason,
    fields: [],
    ...(category && { category }),
  });
  return [
    ...opinion.records
      .filter((record) => record.observationId === observationId)
      .map(({ dataset, recordIndex, riskLevel, category, reason }) =>
        finding({ kind: 'record', dataset, index: recordIndex }, riskLevel, category, reason),
      ),
    ...opinion.queryPattern.concerns.map((text) => finding({ kind: 'query' }, 'low', 'security_concern', text)),
    ...opinion.businessRules.map(({ rule, violation, riskLevel }) =>
      finding({ kind: 'query' }, riskLevel, 'business_logic', `${violation} (${rule})`),
    ),
  ];
}

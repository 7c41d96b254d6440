import { describe, expect, it } from 'vitest';
import { readAnswer } from '../../../core/analyst/answer.ts';
import { cleanText, findingsOf, opinionOf } from '../../../core/analyst/opinion.ts';
import type { AnalystOpinion } from '../../../core/domain/analyst-opinion.ts';
import { QUIET_ANSWER } from '../../support/fake-messages-api.ts';

const text = JSON.stringify(QUIET_ANSWER);

describe('the reading of an answer', () => {
  it.each([
    ['bare', text],
    ['with blanks around', `\n ${text} \n`],
    ['in a code fence', `\`\`\`json\n${text}\n\`\`\``],
    ['in a fence without a language', `\`\`\`\n${text}\n\`\`\``],
    ['with unknown fields', JSON.stringify({ ...QUIET_ANSWER, execute: 'run this', records: [] })],
  ])('takes it %s', (_how, given) => {
    expect(readAnswer(given)).toEqual({ ok: true, answer: QUIET_ANSWER });
  });

  it.each([
    ['nothing', ''],
    ['prose', 'All is well.'],
    ['prose around it', `Here you are: ${text}`],
    ['half of it', text.slice(0, 40)],
    ['null', 'null'],
    ['a list', `[${text}]`],
    ['a missing field', JSON.stringify({ ...QUIET_ANSWER, summary: undefined })],
    ['another type', JSON.stringify({ ...QUIET_ANSWER, anomalies_detected: 'yes' })],
    [
      'an unknown risk level',
      JSON.stringify({ ...QUIET_ANSWER, business_rules: [{ rule: 'a', violation: 'b', risk_level: 'none' }] }),
    ],
    ['too much', JSON.stringify({ ...QUIET_ANSWER, summary: 'x'.repeat(70_000) })],
    ['nesting without end', '['.repeat(50_000)],
  ])('refuses %s without throwing and without repeating it', (_what, given) => {
    const read = readAnswer(given);
    expect(read.ok).toBe(false);
    if (!read.ok) expect(read.why.length).toBeLessThan(120);
  });
});

describe('a text of the model', () => {
  it.each([
    ['plain', 'plain'],
    ['two\nlines\tand\r\ntabs', 'two lines and tabs'],
    ['see https://evil.example/a?b=c now', 'see [link removed] now'],
    ['[x](javascript:alert(1))', '[x]([link removed]'],
    ['www.evil.example and ftp://x', '[link removed] and [link removed]'],
    ['a\u0000b\u001b[31mc', 'a b [31mc'],
    ['left\u202Eright\u200Bhidden\u2066', 'left right hidden'],
    ['x'.repeat(500), `${'x'.repeat(99)}…`],
    [`${'x'.repeat(98)}😀😀`, `${'x'.repeat(98)}\uFFFD…`],
  ])('%j becomes plain', (given, clean) => {
    expect(cleanText(given, 100)).toBe(clean);
  });
});

describe('an opinion', () => {
  const records = [0, 1].map((index) => ({
    observationId: `observation-${index}`,
    dataset: 'invoices',
    index: 10 + index,
    sketch: {} as never,
  }));
  const said = (record_index: number) =>
    ({ record_index, reason: 'odd', risk_level: 'high', category: 'range_violation' }) as const;

  it('speaks of records that were asked about only', () => {
    const content = opinionOf(
      { ...QUIET_ANSWER, records: [said(0), said(1), said(2), said(0)] },
      { records },
      1,
      () => null,
    );
    expect(content.records).toEqual([
      {
        observationId: 'observation-0',
        dataset: 'invoices',
        recordIndex: 10,
        reason: 'odd',
        riskLevel: 'high',
        category: 'range_violation',
      },
    ]);
  });

  it.each([
    ['a'.repeat(1_001), null],
    ['role == "a"\u0000', null],
    ['role == "a"', { condition: 'role == "a"', reason: 'why', refused: 'no' }],
  ])('holds a rule of sane length and form, with what the compiler said: %j', (condition, draft) => {
    const given = { ...QUIET_ANSWER, draft_kill_switch_rule: { condition, reason: 'why' } };
    expect(opinionOf(given, { records }, 0, () => 'no').draftRule).toEqual(draft);
  });

  it('becomes findings without p-value and score, of at most high severity', () => {
    const opinion = {
      ...opinionOf(
        {
          ...QUIET_ANSWER,
          records: [said(0), said(1)],
          business_rules: [{ rule: 'r', violation: 'v', risk_level: 'medium' }],
        },
        { records },
        2,
        () => null,
      ),
    } as AnalystOpinion;
    expect(findingsOf(opinion, 'observation-1')).toMatchObject([
      {
        kind: 'model_opinion',
        subject: { kind: 'record', dataset: 'invoices', index: 11 },
        severity: 'high',
        category: 'range_violation',
        p: null,
        score: null,
      },
      {
        kind: 'model_opinion',
        subject: { kind: 'query' },
        severity: 'medium',
        category: 'business_logic',
        p: null,
        score: null,
      },
    ]);
  });
});

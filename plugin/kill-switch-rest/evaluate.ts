import { property } from '../../core/document/foreign-object.ts';
import { camelCase } from '../../core/domain/spelling.ts';
import { unprocessable } from '../../core/domain/errors.ts';
import type { Body } from './verb-body.ts';

interface EvaluateCall {
  readonly body: Body;
  readonly run: (name: string, body: Body) => Promise<unknown>;
}

/**
 * `{namespace, fact, explain, ruleKey}`: what the rules in force say about a fact. With `explain: true` also each part
 * of the condition of the rule named, or of the one that decides.
 */
export async function evaluate({ body, run }: EvaluateCall): Promise<unknown> {
  const { explain, ruleKey, ...question } = body;
  if (explain !== undefined && typeof explain !== 'boolean') {
    throw unprocessable('ARGUMENT_TYPE', '"explain" must be true or false.', { path: 'explain' });
  }
  let result = await run('kill_switch_evaluate', question);
  const explained = explain === true ? (ruleKey ?? firstRule(result)) : null;
  if (explained !== null) result = await run('kill_switch_evaluate', { ...question, explain: explained });
  return {
    matches: property(result, 'matches'),
    decision: Object.fromEntries(
      ['action', 'rule_key', 'message', 'until', 'body', 'strip', 'mask'].map((name) => [
        camelCase(name),
        property(result, name),
      ]),
    ),
    matched: property(result, 'matched'),
    wouldMatch: property(result, 'would_match'),
    errors: (property(result, 'errors') as readonly string[]).map(errorOf),
    revision: property(result, 'revision'),
    stale: property(result, 'stale'),
    ...(explained !== null && {
      explanation: { ruleKey: explained, parts: property(result, 'explanation') },
    }),
  };
}

function firstRule(result: unknown): unknown {
  const decides = property(result, 'rule_key');
  const lists = ['matched', 'would_match'].flatMap((name) => property(result, name) as readonly string[]);
  return decides ?? lists[0] ?? null;
}

/** The verb says `key: message`; a key has no colon. */
function errorOf(text: string): { readonly key: string; readonly message: string } {
  const colon = text.indexOf(': ');
  return { key: text.slice(0, colon), message: text.slice(colon + 2) };
}

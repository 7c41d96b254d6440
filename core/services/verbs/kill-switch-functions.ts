import type { Decision } from '../../domain/decision.ts';
import { unprocessable } from '../../domain/errors.ts';
import { DDN_NAMESPACE, RULE_ACTIONS } from '../../domain/kill-switch-rule.ts';
import { listOf, nullable, type ObjectDef, objectOf, oneOf, scalar } from '../../domain/kind.ts';
import { type Clock, formatInstant, type Instant } from '../../domain/time.ts';
import { checkCondition } from '../../kill-switch/condition.ts';
import { FACT_SCHEMAS } from '../../kill-switch/ddn-facts.ts';
import { type Explanation, explainCondition } from '../../kill-switch/explain.ts';
import { decisionValue } from '../../kill-switch/flag.ts';
import type { RuleSet } from '../../kill-switch/rule-index.ts';
import { propagationOf } from '../instance-service.ts';
import type { KillSwitchService } from '../kill-switch-service.ts';
import { argument } from './rule-arguments.ts';
import type { Verb } from './verb.ts';

const text = scalar('string');
const NAMESPACE = argument('namespace', nullable(text), 'ddn by default.');

export const FUNCTION_OBJECTS: readonly ObjectDef[] = [
  {
    name: 'kill_switch_evaluation',
    description: 'What the kill-switch rules say about one fact.',
    fields: [
      argument('matches', scalar('boolean'), 'Whether any active rule matches.'),
      argument('action', nullable(oneOf(RULE_ACTIONS)), 'What is to be done, if anything is.'),
      argument('rule_key', nullable(text), 'The rule that decides, of several that strip or mask the first.'),
      argument('message', nullable(text), 'Its message to the client.'),
      argument('until', nullable(scalar('timestamp')), 'End of its validity.'),
      argument('body', nullable(scalar('json')), 'What it answers, where the action is respond.'),
      argument('strip', listOf(text), 'Paths that the rules leave out of the request.'),
      argument('mask', scalar('json'), 'List of {path, mask, text, count}: what the rules mask, and how.'),
      argument('matched', listOf(text), 'Keys of all active rules that match.'),
      argument('would_match', listOf(text), 'Keys of dry-run rules that match.'),
      argument('errors', listOf(text), 'Rules whose evaluation failed, as key: message.'),
      argument('revision', scalar('int32'), 'Revision of the rules that were asked.'),
      argument('stale', scalar('boolean'), 'Whether the rules could not be refreshed lately.'),
      argument(
        'explanation',
        listOf(objectOf('condition_part')),
        'Where a rule was named to be explained: each part of its condition and of its exception, outermost first.',
      ),
    ],
  },
  {
    name: 'condition_part',
    description: 'What one part of a condition is for a fact.',
    fields: [
      argument('of', oneOf(['condition', 'except']), 'Whether it is of the condition or of its exception.'),
      argument('depth', scalar('int32'), '0 for the whole condition, 1 for its operands, and so on.'),
      argument('text', text, 'The part, in one spelling.'),
      argument('position', scalar('int32'), 'Where it begins in the text of the author, as 0-based UTF-16 offset.'),
      argument('value', nullable(scalar('json')), 'Its value; null also where there is an error.'),
      argument('error', nullable(text), 'Why it has none.'),
    ],
  },
  {
    name: 'kill_switch_propagation',
    description: 'Which instances enforce a revision of the kill-switch rules.',
    fields: [
      argument('revision', scalar('int32'), 'The revision asked about.'),
      argument('all_applied', scalar('boolean'), 'Whether every live instance enforces it.'),
      argument('instances', listOf(objectOf('instance_revision')), 'The live instances.'),
    ],
  },
  {
    name: 'instance_revision',
    description: 'What one instance enforces.',
    fields: [
      argument('id', scalar('uuid'), 'Id of the process, from kill_switch_instances.'),
      argument('name', text, 'Host and process number.'),
      argument('applied_revision', scalar('int32'), 'Revision it enforces.'),
      argument(
        'lag_ms',
        nullable(scalar('int32')),
        'Milliseconds from the change to its taking over; null while it is not applied, or a later one was since.',
      ),
      argument('state', text, 'State of the instance.'),
    ],
  },
];

export interface KillSwitchFunctionDeps {
  readonly clock: Clock;
  readonly killSwitch: KillSwitchService;
}

export function killSwitchFunctions(deps: KillSwitchFunctionDeps): Verb[] {
  return [evaluateVerb(deps), propagationVerb(deps)];
}

function evaluateVerb({ killSwitch, clock }: KillSwitchFunctionDeps): Verb {
  return {
    name: 'kill_switch_evaluate',
    kind: 'function',
    description: 'Asks the kill-switch rules of a namespace about a fact, without any effect.',
    arguments: [
      NAMESPACE,
      { ...argument('fact', scalar('json'), 'The fact, a JSON object.'), anyText: true },
      argument('explain', nullable(text), 'Key of a rule in force whose condition is to be explained part by part.'),
    ],
    result: objectOf('kill_switch_evaluation'),
    role: 'viewer',
    run: async (args) => {
      const { namespace, fact, explain } = evaluationQuestion(args);
      const evaluation = evaluationOf(killSwitch.evaluate(namespace, fact));
      if (explain === null) return evaluation;
      return { ...evaluation, explanation: explanationOf(killSwitch.ruleSet(namespace), explain, fact, clock.now()) };
    },
  };
}

export interface EvaluationQuestion {
  readonly namespace: string;
  readonly fact: Readonly<Record<string, unknown>>;
  /** Key of the rule to be explained. */
  readonly explain: string | null;
}

/**
 * The arguments of `kill_switch_evaluate`, checked by their types.
 *
 * @throws DomainError `unprocessable` where the fact is no object.
 */
export function evaluationQuestion(args: Readonly<Record<string, unknown>>): EvaluationQuestion {
  return {
    namespace: (args['namespace'] as string | null) ?? DDN_NAMESPACE,
    fact: asFact(args['fact']),
    explain: args['explain'] as string | null,
  };
}

/** The object `kill_switch_evaluation`, nothing explained. */
export function evaluationOf(decision: Decision) {
  const { ruleKey, ...value } = decisionValue(decision);
  return {
    ...value,
    rule_key: ruleKey,
    until: decision.terminal?.until ? formatInstant(decision.terminal.until) : null,
    would_match: decision.wouldMatch,
    errors: decision.errors.map(({ key, message }) => `${key}: ${message}`),
    revision: decision.revision,
    stale: decision.stale,
    explanation: [] as readonly Record<string, unknown>[],
  };
}

/**
 * Each part of the condition of a rule in force, and of its exception, as objects `condition_part`.
 *
 * @throws DomainError `unprocessable` where no such rule is in force.
 */
export function explanationOf(ruleSet: RuleSet, key: string, fact: object, now: Instant): Record<string, unknown>[] {
  const { namespace } = ruleSet;
  const rule = ruleSet.rules.get(key)?.rule;
  if (!rule) {
    throw unprocessable('RULE_NOT_IN_FORCE', `No rule "${key.slice(0, 64)}" is in force in "${namespace}".`, {
      path: 'explain',
    });
  }
  const schema = FACT_SCHEMAS.get(namespace) ?? null;
  const explained = (of: 'condition' | 'except', written: string) => {
    const checked = checkCondition(written, { schema });
    return checked.ok ? flattened(explainCondition(checked.condition, fact, now), of, 0) : [];
  };
  return [...explained('condition', rule.condition), ...(rule.except === null ? [] : explained('except', rule.except))];
}

function flattened(
  { text, start, value, error, parts }: Explanation,
  of: 'condition' | 'except',
  depth: number,
): Record<string, unknown>[] {
  const below = parts.flatMap((part) => flattened(part, of, depth + 1));
  return [{ of, depth, text, position: start, value, error }, ...below];
}

function propagationVerb({ killSwitch, clock }: KillSwitchFunctionDeps): Verb {
  return {
    name: 'kill_switch_propagation',
    kind: 'function',
    description: 'Says which live instances enforce a revision of the kill-switch rules.',
    arguments: [
      argument('revision', nullable(scalar('int32')), 'Revision of a change; null: the one this process enforces.'),
    ],
    result: objectOf('kill_switch_propagation'),
    role: 'viewer',
    run: async ({ revision }, { tx }) => {
      const asked = (revision as number | null) ?? killSwitch.revision;
      const reached = await propagationOf(tx.instances, asked, clock.now());
      return {
        revision: reached.revision,
        all_applied: reached.allApplied,
        instances: reached.instances.map(({ appliedRevision, lagMs, ...instance }) => ({
          ...instance,
          applied_revision: appliedRevision,
          lag_ms: lagMs,
        })),
      };
    },
  };
}

function asFact(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw unprocessable('FACT_FORM', 'A fact is a JSON object.', { path: 'fact' });
}

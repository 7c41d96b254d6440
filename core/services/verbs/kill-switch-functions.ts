import { unprocessable } from '../../domain/errors.ts';
import { DDN_NAMESPACE, type KillSwitchRule, RULE_ACTIONS } from '../../domain/kill-switch-rule.ts';
import { type FieldDef, listOf, nullable, type ObjectDef, objectOf, oneOf, scalar } from '../../domain/kind.ts';
import { formatInstant, type Instant } from '../../domain/time.ts';
import { compileRule, type RuleCompilation } from '../../kill-switch/compile-rule.ts';
import { checkCondition } from '../../kill-switch/condition.ts';
import { FACT_SCHEMAS } from '../../kill-switch/ddn-facts.ts';
import type { FactSchema } from '../../kill-switch/fact-schema.ts';
import { type Explanation, explainCondition } from '../../kill-switch/explain.ts';
import { importRuleEngine } from '../../kill-switch/import-rule-engine.ts';
import { warningsOf } from '../../kill-switch/rule-warnings.ts';
import { type CelExport, exportToCel } from '../../kill-switch/to-cel.ts';
import type { Uuid } from '../../domain/ids.ts';
import { propagationOf } from '../instance-service.ts';
import { REPLAY_OBJECT, replayVerb } from './kill-switch-replay.ts';
import type { KillSwitchVerbDeps } from './kill-switch-verbs.ts';
import { argument, candidateRule, RULE_FIELDS, ruleContent } from './rule-arguments.ts';
import { ARGUMENT_OF, ruleById } from './rule-changes.ts';
import type { Verb } from './verb.ts';

const text = scalar('string');
const NAMESPACE = argument('namespace', nullable(text), 'ddn by default.');

export const KILL_SWITCH_OBJECTS: readonly ObjectDef[] = [
  {
    name: 'kill_switch_evaluation',
    description: 'What the kill-switch rules say about one fact.',
    fields: [
      argument('matches', scalar('boolean'), 'Whether any active rule matches.'),
      argument('action', nullable(oneOf(RULE_ACTIONS)), 'Action of the rule that decides, if one does.'),
      argument('rule_key', nullable(text), 'The rule that decides.'),
      argument('message', nullable(text), 'Its message to the client.'),
      argument('until', nullable(scalar('timestamp')), 'End of its validity.'),
      argument('matched', listOf(text), 'Keys of all active rules that match.'),
      argument('would_match', listOf(text), 'Keys of dry-run rules that match.'),
      argument('errors', listOf(text), 'Rules whose evaluation failed, as key: message.'),
      argument('revision', scalar('int32'), 'Revision of the rules that were asked.'),
      argument('stale', scalar('boolean'), 'Whether the rules could not be refreshed lately.'),
      argument(
        'explanation',
        listOf(objectOf('condition_part')),
        'Where a rule was named to be explained: each part of its condition, outermost first.',
      ),
    ],
  },
  {
    name: 'condition_part',
    description: 'What one part of a condition is for a fact.',
    fields: [
      argument('depth', scalar('int32'), '0 for the whole condition, 1 for its operands, and so on.'),
      argument('text', text, 'The part, in one spelling.'),
      argument('position', scalar('int32'), 'Where it begins in the text of the author, as 0-based UTF-16 offset.'),
      argument('value', nullable(scalar('json')), 'Its value; null also where there is an error.'),
      argument('error', nullable(text), 'Why it has none.'),
    ],
  },
  {
    name: 'condition_check',
    description: 'Whether a condition may be stored.',
    fields: [
      argument('ok', scalar('boolean'), 'Whether it is allowed.'),
      argument('normalised', nullable(text), 'The condition in one spelling.'),
      argument(
        'cel',
        nullable(text),
        'The condition in the Common Expression Language; null where CEL cannot say it, and a note says why.',
      ),
      argument('notes', listOf(text), 'What a reader of the translation should know.'),
      argument('message', nullable(text), 'What is wrong.'),
      argument('position', nullable(scalar('int32')), 'Where, as 0-based UTF-16 offset.'),
      argument('caret', nullable(text), 'The line with a mark under the place.'),
    ],
  },
  {
    name: 'rule_check',
    description: 'Whether a rule may be stored, what it covers, and what its author should know.',
    fields: [
      argument('ok', scalar('boolean'), 'Whether it is allowed.'),
      argument('path', nullable(text), 'The argument that is wrong.'),
      argument('message', nullable(text), 'What is wrong.'),
      argument('caret', nullable(text), 'The line with a mark under the place.'),
      argument('stages', listOf(text), 'Hooks at which it is asked; none for namespaces other than ddn.'),
      argument('coverage', listOf(oneOf(['graphql', 'sql', 'jsonapi'])), 'Which traffic of the engine it reaches.'),
      argument('warnings', listOf(objectOf('rule_warning')), 'What its author should know.'),
    ],
  },
  {
    name: 'rule_warning',
    description: 'Something the author of a rule should know.',
    fields: [
      argument(
        'code',
        oneOf([
          'GRAPHQL_ONLY',
          'MATCHES_EVERYTHING',
          'NOT_INDEXED',
          'OVERLAP',
          'NO_EXPIRY',
          'NO_DRY_RUN',
          'SLOW_REFRESH',
        ]),
        'What it is about.',
      ),
      argument('message', text, 'It in words.'),
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
  REPLAY_OBJECT,
  {
    name: 'replay_share',
    description: 'How often a value occurs among the matches of a replay.',
    fields: [argument('name', text, 'The value.'), argument('matches', scalar('int32'), 'Matches with it.')],
  },
];

export function killSwitchFunctions(deps: KillSwitchVerbDeps): Verb[] {
  return [evaluateVerb(deps), checkConditionVerb(), checkRuleVerb(deps), propagationVerb(deps), replayVerb(deps)];
}

function evaluateVerb({ killSwitch, clock }: KillSwitchVerbDeps): Verb {
  return {
    name: 'kill_switch_evaluate',
    kind: 'function',
    description: 'Asks the kill-switch rules of a namespace about a fact, without any effect.',
    arguments: [
      NAMESPACE,
      argument('fact', scalar('json'), 'The fact, a JSON object.'),
      argument('explain', nullable(text), 'Key of a rule in force whose condition is to be explained part by part.'),
    ],
    result: objectOf('kill_switch_evaluation'),
    role: 'viewer',
    run: async ({ namespace: given, fact: value, explain }) => {
      const namespace = (given as string | null) ?? DDN_NAMESPACE;
      const fact = asFact(value);
      const decision = killSwitch.evaluate(namespace, fact);
      return {
        matches: decision.matched.length > 0,
        action: decision.terminal?.action.type ?? null,
        rule_key: decision.terminal?.ruleKey ?? null,
        message: decision.terminal?.message ?? null,
        until: decision.terminal?.until ? formatInstant(decision.terminal.until) : null,
        matched: decision.matched,
        would_match: decision.wouldMatch,
        errors: decision.errors.map(({ key, message }) => `${key}: ${message}`),
        revision: decision.revision,
        stale: decision.stale,
        explanation: explain === null ? [] : explanationOf(namespace, explain as string, fact, clock.now()),
      };
    },
  };

  function explanationOf(namespace: string, key: string, fact: object, now: Instant) {
    const rule = killSwitch.ruleSet(namespace).rules.get(key)?.rule;
    if (!rule) {
      throw unprocessable('RULE_NOT_IN_FORCE', `No rule "${key.slice(0, 64)}" is in force in "${namespace}".`, {
        path: 'explain',
      });
    }
    const checked = checkCondition(rule.condition, { schema: FACT_SCHEMAS.get(namespace) ?? null });
    return checked.ok ? flattened(explainCondition(checked.condition, fact, now), 0) : [];
  }
}

function flattened({ text, start, value, error, parts }: Explanation, depth: number): Record<string, unknown>[] {
  return [{ depth, text, position: start, value, error }, ...parts.flatMap((part) => flattened(part, depth + 1))];
}

/** Languages a condition may be written in: ours, and that of the original kill-switch service. */
const CONDITION_LANGUAGES = ['sentinel', 'rule-engine'] as const;

type ConditionLanguage = (typeof CONDITION_LANGUAGES)[number];

function readCondition(condition: string, language: ConditionLanguage, schema: FactSchema | null) {
  if (language === 'rule-engine') return importRuleEngine(condition, { schema });
  return { notes: [], ...checkCondition(condition, { schema }) };
}

function checkConditionVerb(): Verb {
  return {
    name: 'kill_switch_check_condition',
    kind: 'function',
    description:
      'Says whether a condition may be stored, and if not, where it is wrong; translates it from and to other languages.',
    arguments: [
      argument('namespace', nullable(text), 'ddn by default, whose facts are known.'),
      argument('condition', text, 'The condition.'),
      argument(
        'language',
        nullable(oneOf(CONDITION_LANGUAGES)),
        'Language it is written in: sentinel by default, or that of the Python library rule-engine.',
      ),
    ],
    result: objectOf('condition_check'),
    role: 'viewer',
    run: async ({ namespace, condition, language }) => {
      const schema = FACT_SCHEMAS.get((namespace as string | null) ?? DDN_NAMESPACE) ?? null;
      const checked = readCondition(condition as string, (language as ConditionLanguage | null) ?? 'sentinel', schema);
      if (!checked.ok) {
        const { message, position, caret } = checked.error;
        return { ok: false, normalised: null, cel: null, notes: [], message, position, caret };
      }
      const cel = exportToCel(checked.condition);
      const notes = [...checked.notes, ...celNotes(cel)];
      const { normalised } = checked.condition;
      return { ok: true, normalised, cel: cel.ok ? cel.text : null, notes, message: null, position: null, caret: null };
    },
  };
}

function celNotes(cel: CelExport): readonly string[] {
  return cel.ok ? cel.notes : [`CEL cannot say it: ${cel.error.message}`];
}

/** Slower than this a client's enforcement lags behind what people expect of a switch. */
const USUAL_REFRESH_SECONDS = 30;

function checkRuleVerb({ killSwitch, clock }: KillSwitchVerbDeps): Verb {
  const optional = (field: FieldDef): FieldDef =>
    field.type.type === 'nullable' ? field : { ...field, type: nullable(field.type) };
  return {
    name: 'kill_switch_check_rule',
    kind: 'function',
    description:
      'Says whether a rule may be stored, which traffic it covers, and what its author should know: a rule that is stored (by id), that rule with changes, or a new one.',
    arguments: [
      argument('id', nullable(scalar('uuid')), 'A stored rule; null: a new one.'),
      NAMESPACE,
      ...RULE_FIELDS.map(optional),
    ],
    result: objectOf('rule_check'),
    role: 'viewer',
    run: async (args, { tx }) => {
      const stored = args['id'] === null ? null : await ruleById(tx, args['id'] as Uuid);
      const rule = {
        ...(stored ?? candidateRule((args['namespace'] as string | null) ?? DDN_NAMESPACE)),
        ...ruleContent(args, stored),
      };
      const compilation = compileRule(rule);
      if (!compilation.ok) return { ...refusal(compilation), stages: [], coverage: [], warnings: [] };
      const { compiled } = compilation;
      const warnings = [
        ...warningsOf(compiled, killSwitch.ruleSet(rule.namespace), clock.now()),
        ...administrativeWarnings(rule),
      ];
      const { stages, coverage } = compiled;
      return { ok: true, path: null, message: null, caret: null, stages: stages ?? [], coverage, warnings };
    },
  };
}

function refusal({ error }: Extract<RuleCompilation, { ok: false }>) {
  return { ok: false, path: ARGUMENT_OF[error.field], message: error.message, caret: error.caret };
}

function administrativeWarnings(rule: KillSwitchRule): { readonly code: string; readonly message: string }[] {
  const warnings = [];
  if (rule.validTo === null && rule.maxDurationSeconds === null) {
    warnings.push({ code: 'NO_EXPIRY', message: 'The rule holds until somebody lifts it.' });
  }
  if (rule.status === 'active' && rule.dryRunAt === null) {
    warnings.push({ code: 'NO_DRY_RUN', message: 'The rule is active and was never in dry run.' });
  }
  if (rule.refreshSeconds > USUAL_REFRESH_SECONDS) {
    warnings.push({
      code: 'SLOW_REFRESH',
      message: `A client that polls may lag ${rule.refreshSeconds} seconds behind; ${USUAL_REFRESH_SECONDS} are usual.`,
    });
  }
  return warnings;
}

function propagationVerb({ killSwitch, clock }: KillSwitchVerbDeps): Verb {
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

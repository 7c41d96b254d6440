import { COVERAGE_GAPS, DDN_NAMESPACE, type KillSwitchRule, TRAFFIC } from '../../domain/kill-switch-rule.ts';
import type { Uuid } from '../../domain/ids.ts';
import { type FieldDef, listOf, nullable, type ObjectDef, objectOf, oneOf, scalar } from '../../domain/kind.ts';
import type { Clock } from '../../domain/time.ts';
import { compileRule, type RuleCompilation } from '../../kill-switch/compile-rule.ts';
import { checkCondition } from '../../kill-switch/condition.ts';
import { FACT_SCHEMAS } from '../../kill-switch/ddn-facts.ts';
import type { FactSchema } from '../../kill-switch/fact-schema.ts';
import { importRuleEngine } from '../../kill-switch/import-rule-engine.ts';
import { warningsOf } from '../../kill-switch/rule-warnings.ts';
import { type CelExport, exportToCel } from '../../kill-switch/to-cel.ts';
import type { KillSwitchService } from '../kill-switch-service.ts';
import { argument, candidateRule, RULE_FIELDS, ruleContent } from './rule-arguments.ts';
import { ARGUMENT_OF, ruleById } from './rule-changes.ts';
import type { Verb } from './verb.ts';

const text = scalar('string');
const NAMESPACE = argument('namespace', nullable(text), 'ddn by default, whose facts are known.');

export const CHECK_OBJECTS: readonly ObjectDef[] = [
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
      argument('coverage', listOf(oneOf(TRAFFIC)), 'Which traffic of the engine it reaches.'),
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
          ...COVERAGE_GAPS,
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
];

/** Languages a condition may be written in: ours, and that of the original kill-switch service. */
const CONDITION_LANGUAGES = ['sentinel', 'rule-engine'] as const;

type ConditionLanguage = (typeof CONDITION_LANGUAGES)[number];

function readCondition(condition: string, language: ConditionLanguage, schema: FactSchema | null) {
  if (language === 'rule-engine') return importRuleEngine(condition, { schema });
  return { notes: [], ...checkCondition(condition, { schema }) };
}

export function checkConditionVerb(): Verb {
  return {
    name: 'kill_switch_check_condition',
    kind: 'function',
    description:
      'Says whether a condition may be stored, and if not, where it is wrong; translates it from and to other languages.',
    arguments: [
      NAMESPACE,
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

export interface CheckRuleDeps {
  readonly killSwitch: Pick<KillSwitchService, 'ruleSet'>;
  readonly clock: Clock;
}

export function checkRuleVerb({ killSwitch, clock }: CheckRuleDeps): Verb {
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

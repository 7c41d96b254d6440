import { isDeepStrictEqual } from 'node:util';
import { conflict, notFound, unprocessable } from '../../domain/errors.ts';
import { type Uuid, uuidv7 } from '../../domain/ids.ts';
import { DDN_NAMESPACE, type KillSwitchRule, RULE_ACTIONS, type RuleStatus } from '../../domain/kill-switch-rule.ts';
import { type FieldDef, listOf, nullable, type ObjectDef, objectOf, oneOf, scalar } from '../../domain/kind.ts';
import { type Clock, formatInstant, type Instant } from '../../domain/time.ts';
import { checkCondition } from '../../kill-switch/condition.ts';
import { compileRule, isConstantTrue } from '../../kill-switch/compile-rule.ts';
import { FACT_SCHEMAS } from '../../kill-switch/ddn-facts.ts';
import { conditionRefused } from '../../kill-switch/fault.ts';
import type { RuleChange, Transaction } from '../ports.ts';
import type { KillSwitchService } from '../kill-switch-service.ts';
import { checkAction, checkSlug, checkValidity, instantOf } from './rule-arguments.ts';
import type { Verb, VerbContext } from './verb.ts';

const text = scalar('string');

const argument = (name: string, type: FieldDef['type'], description: string): FieldDef => ({ name, type, description });

const ID = argument('id', scalar('uuid'), 'Id of the rule, from kill_switch_rules.');
const REASON = argument('reason', nullable(text), 'Why; required to activate, kept in the audit.');
const EXPECTED_REVISION = argument(
  'expected_revision',
  nullable(scalar('int32')),
  'Refuse the change if the rule has another revision by now; null: change whatever is there.',
);
const CONFIRM_ALL = argument(
  'confirm_all',
  nullable(scalar('boolean')),
  'True to allow a rule that matches every request.',
);

const RULE_FIELDS: readonly FieldDef[] = [
  argument('description', nullable(text), 'What the rule is for.'),
  argument(
    'condition',
    text,
    'When it matches, in the condition language, for example role == "support" and "customers" in rootFields.',
  ),
  argument('except_condition', nullable(text), 'It does not match where this is true.'),
  argument('action_type', nullable(oneOf(RULE_ACTIONS)), 'What a match does; block by default.'),
  argument(
    'action',
    nullable(scalar('json')),
    'Settings of the action: block {message, quiet}, respond {body}, strip {paths}, mask {masks}.',
  ),
  argument('priority', nullable(scalar('int32')), 'Higher wins; 0 by default.'),
  argument('valid_from', nullable(scalar('timestamp')), 'Start of validity, inclusive; null: at once.'),
  argument('valid_to', nullable(scalar('timestamp')), 'End of validity, exclusive; null: until it is lifted.'),
];

const RULE = objectOf('kill_switch_rule');

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
    ],
  },
  {
    name: 'condition_check',
    description: 'Whether a condition may be stored.',
    fields: [
      argument('ok', scalar('boolean'), 'Whether it is allowed.'),
      argument('normalised', nullable(text), 'The condition in one spelling.'),
      argument('message', nullable(text), 'What is wrong.'),
      argument('position', nullable(scalar('int32')), 'Where, as 0-based UTF-16 offset.'),
      argument('caret', nullable(text), 'The line with a mark under the place.'),
    ],
  },
];

export interface KillSwitchVerbDeps {
  readonly clock: Clock;
  readonly killSwitch: KillSwitchService;
}

export function killSwitchVerbs(deps: KillSwitchVerbDeps): Verb[] {
  const { clock } = deps;
  return [
    {
      name: 'create_kill_switch_rule',
      kind: 'procedure',
      description:
        'Creates a kill-switch rule. Repeating it with the same content changes nothing; another rule of that key is a conflict.',
      arguments: [
        argument(
          'namespace',
          nullable(text),
          'Whose facts the rule reads; ddn by default: requests of the DDN engine.',
        ),
        argument('key', text, 'Short name, unique in the namespace.'),
        ...RULE_FIELDS,
        argument(
          'status',
          nullable(oneOf(['draft', 'dry_run', 'active'])),
          'draft by default; dry_run only counts matches; active enforces and needs a reason.',
        ),
        REASON,
        CONFIRM_ALL,
      ],
      result: RULE,
      role: 'admin',
      run: (args, context) => createRule(args, context, clock.now()),
    },
    {
      name: 'update_kill_switch_rule',
      kind: 'procedure',
      description: 'Changes what a kill-switch rule says; arguments that are null or absent leave their part as it is.',
      arguments: [
        ID,
        ...RULE_FIELDS.map((field) => (field.name === 'condition' ? { ...field, type: nullable(text) } : field)),
        REASON,
        EXPECTED_REVISION,
        CONFIRM_ALL,
      ],
      result: RULE,
      role: 'admin',
      run: (args, context) => updateRule(args, context, clock.now()),
    },
    {
      name: 'activate_kill_switch_rule',
      kind: 'procedure',
      description:
        'Switches a rule on, or to dry_run. Enforced by this process at once and by every other within its poll interval.',
      arguments: [
        ID,
        argument('status', nullable(oneOf(['active', 'dry_run'])), 'active by default.'),
        argument('valid_to', nullable(scalar('timestamp')), 'New end of validity; null leaves it.'),
        REASON,
        EXPECTED_REVISION,
        CONFIRM_ALL,
      ],
      result: RULE,
      role: 'admin',
      run: (args, context) =>
        changeRule('activate', args, context, clock.now(), (rule) => ({
          status: (args['status'] ?? 'active') as RuleStatus,
          validTo: args['valid_to'] === null ? rule.validTo : instantOf(args['valid_to']),
        })),
    },
    statusVerb(
      'deactivate_kill_switch_rule',
      'deactivate',
      'inactive',
      'Lifts a rule: it matches nothing from now on.',
      clock,
    ),
    statusVerb('archive_kill_switch_rule', 'archive', 'archived', 'Retires a rule for good; its history stays.', clock),
    {
      name: 'kill_switch_evaluate',
      kind: 'function',
      description: 'Asks the kill-switch rules of a namespace about a fact, without any effect.',
      arguments: [
        argument('namespace', nullable(text), 'ddn by default.'),
        argument('fact', scalar('json'), 'The fact, a JSON object.'),
      ],
      result: objectOf('kill_switch_evaluation'),
      role: 'viewer',
      run: async ({ namespace, fact }) => {
        const decision = deps.killSwitch.evaluate((namespace as string | null) ?? DDN_NAMESPACE, asFact(fact));
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
        };
      },
    },
    {
      name: 'kill_switch_check_condition',
      kind: 'function',
      description: 'Says whether a condition may be stored, and if not, where it is wrong.',
      arguments: [
        argument('namespace', nullable(text), 'ddn by default, whose facts are known.'),
        argument('condition', text, 'The condition.'),
      ],
      result: objectOf('condition_check'),
      role: 'viewer',
      run: async ({ namespace, condition }) => {
        const schema = FACT_SCHEMAS.get((namespace as string | null) ?? DDN_NAMESPACE) ?? null;
        const checked = checkCondition(condition as string, { schema });
        return checked.ok
          ? { ok: true, normalised: checked.condition.normalised, message: null, position: null, caret: null }
          : {
              ok: false,
              normalised: null,
              message: checked.error.message,
              position: checked.error.position,
              caret: checked.error.caret,
            };
      },
    },
  ];
}

function statusVerb(
  name: string,
  change: RuleChange['change'],
  status: RuleStatus,
  description: string,
  clock: Clock,
): Verb {
  return {
    name,
    kind: 'procedure',
    description,
    arguments: [ID, REASON, EXPECTED_REVISION],
    result: RULE,
    role: 'admin',
    run: (args, context) => changeRule(change, args, context, clock.now(), () => ({ status })),
  };
}

type Args = Readonly<Record<string, unknown>>;

async function createRule(args: Args, context: VerbContext, now: Instant): Promise<unknown> {
  const namespace = checkSlug((args['namespace'] as string | null) ?? DDN_NAMESPACE, 'namespace');
  const key = checkSlug(args['key'] as string, 'key');
  const { rules } = context.tx;
  const content = {
    ...ruleContent(args, null),
    status: (args['status'] ?? 'draft') as RuleStatus,
    reason: args['reason'] as string | null,
  };
  const existing = await rules.byKey(namespace, key);
  if (existing) {
    if (holds(existing, content)) return ruleRow(existing);
    throw conflict('RULE_EXISTS', `There is a rule "${key}" in namespace "${namespace}" already, with other content.`, {
      path: 'key',
    });
  }
  const rule: KillSwitchRule = {
    id: uuidv7(now),
    key,
    namespace,
    ...content,
    origin: context.actor.surface === 'system' ? context.actor.name : 'manual',
    revision: await rules.nextRevision(),
    createdBy: context.actor.name,
    createdAt: now,
    updatedBy: context.actor.name,
    updatedAt: now,
  };
  return ruleRow(await saved(context, 'create', null, rule, content.reason, args['confirm_all'] === true));
}

async function updateRule(args: Args, context: VerbContext, now: Instant): Promise<unknown> {
  return changeRule('update', args, context, now, (rule) => ruleContent(args, rule));
}

type Content = Pick<
  KillSwitchRule,
  'description' | 'condition' | 'except' | 'action' | 'priority' | 'validFrom' | 'validTo'
>;

function ruleContent(args: Args, before: KillSwitchRule | null): Content {
  const given = <T>(name: string, read: (value: unknown) => T, otherwise: T): T =>
    args[name] === null ? otherwise : read(args[name]);
  const content: Content = {
    description: given<string | null>('description', String, before?.description ?? null),
    condition: given('condition', String, before?.condition ?? ''),
    except: given<string | null>('except_condition', String, before?.except ?? null),
    action:
      args['action'] === null && args['action_type'] === null && before
        ? before.action
        : checkAction((args['action_type'] as string | null) ?? before?.action.type ?? 'block', args['action']),
    priority: given('priority', Number, before?.priority ?? 0),
    validFrom: given('valid_from', instantOf, before?.validFrom ?? null),
    validTo: given('valid_to', instantOf, before?.validTo ?? null),
  };
  checkValidity(content.validFrom, content.validTo);
  return content;
}

async function changeRule(
  change: RuleChange['change'],
  args: Args,
  context: VerbContext,
  now: Instant,
  changes: (rule: KillSwitchRule) => Partial<KillSwitchRule>,
): Promise<unknown> {
  const before = await ruleById(context.tx, args['id'] as Uuid);
  const expected = args['expected_revision'] as number | null;
  if (expected !== null && expected !== before.revision) {
    throw conflict('RULE_REVISION', `The rule has revision ${before.revision}, not ${expected}: read it again.`, {
      path: 'expected_revision',
    });
  }
  if (before.status === 'archived' && change !== 'archive') {
    throw conflict('RULE_ARCHIVED', 'An archived rule stays as it is; create a new one.', { path: 'id' });
  }
  const changed = changes(before);
  const reason = args['reason'] as string | null;
  if (holds(before, changed)) return ruleRow(before);
  const after: KillSwitchRule = {
    ...before,
    ...changed,
    ...(change === 'activate' && reason !== null && { reason }),
    revision: await context.tx.rules.nextRevision(),
    updatedBy: context.actor.name,
    updatedAt: now,
  };
  checkValidity(after.validFrom, after.validTo);
  return ruleRow(await saved(context, change, before, after, reason, args['confirm_all'] === true));
}

async function saved(
  { tx, actor }: VerbContext,
  change: RuleChange['change'],
  before: KillSwitchRule | null,
  after: KillSwitchRule,
  reason: string | null,
  confirmAll: boolean,
): Promise<KillSwitchRule> {
  if (after.status === 'active' && !after.reason) {
    throw unprocessable('RULE_REASON', 'An active rule needs a reason.', { path: 'reason' });
  }
  const compilation = compileRule(after);
  if (!compilation.ok) throw conditionRefused(compilation.error, ARGUMENT_OF[compilation.error.field]);
  if (!confirmAll && after.status === 'active' && isConstantTrue(compilation.compiled, after.updatedAt)) {
    throw unprocessable(
      'RULE_MATCHES_ALL',
      'This rule matches every request; say confirm_all: true if that is meant.',
      { path: 'condition' },
    );
  }
  await tx.rules.save({
    change,
    actor: actor.name,
    surface: actor.surface,
    at: after.updatedAt,
    reason,
    before,
    after,
  });
  return after;
}

const ARGUMENT_OF = { condition: 'condition', except: 'except_condition', action: 'action' } as const;

async function ruleById(tx: Transaction, id: Uuid): Promise<KillSwitchRule> {
  const rule = await tx.rules.byId(id);
  if (!rule) throw notFound('RULE_UNKNOWN', `There is no rule with the id ${id}.`, { path: 'id' });
  return rule;
}

function holds(rule: KillSwitchRule, content: Partial<KillSwitchRule>): boolean {
  return Object.entries(content).every(([name, value]) => isDeepStrictEqual(rule[name as keyof KillSwitchRule], value));
}

function asFact(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw unprocessable('FACT_FORM', 'A fact is a JSON object.', { path: 'fact' });
}

/** The rule as a row of `kill_switch_rules`. */
export function ruleRow(rule: KillSwitchRule): Record<string, unknown> {
  const instant = (at: Instant | null) => (at === null ? null : formatInstant(at));
  return {
    id: rule.id,
    namespace: rule.namespace,
    key: rule.key,
    description: rule.description,
    reason: rule.reason,
    condition: rule.condition,
    except_condition: rule.except,
    action_type: rule.action.type,
    action: rule.action,
    priority: rule.priority,
    status: rule.status,
    valid_from: instant(rule.validFrom),
    valid_to: instant(rule.validTo),
    origin: rule.origin,
    revision: rule.revision,
    created_by: rule.createdBy,
    created_at: formatInstant(rule.createdAt),
    updated_by: rule.updatedBy,
    updated_at: formatInstant(rule.updatedAt),
  };
}

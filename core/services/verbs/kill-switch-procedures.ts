import { unprocessable } from '../../domain/errors.ts';
import type { KillSwitchRule, RuleStatus } from '../../domain/kill-switch-rule.ts';
import { type FieldDef, listOf, nullable, objectOf, oneOf, scalar } from '../../domain/kind.ts';
import type { Clock } from '../../domain/time.ts';
import { ruleRow } from '../../kill-switch/rule-row.ts';
import type { InstanceService } from '../instance-service.ts';
import type { KillSwitchService } from '../kill-switch-service.ts';
import type { RuleChange } from '../ports/rules.ts';
import { argument, CLEARABLE, RULE_FIELDS } from './rule-arguments.ts';
import { activateRule, createRule, setStatus, updateRule } from './rule-changes.ts';
import type { Verb, VerbContext } from './verb.ts';

const text = scalar('string');

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
const EMERGENCY = argument(
  'emergency',
  nullable(scalar('boolean')),
  'True for an emergency: it is marked as such and active for an hour at most.',
);
const WAIT: readonly FieldDef[] = [
  argument(
    'wait_for_instances',
    nullable(scalar('boolean')),
    'True: answer once every live instance enforces the change, or after timeout_ms; kill_switch_propagation says which do.',
  ),
  argument('timeout_ms', nullable(scalar('int32')), 'How long to wait, 1 to 60000; 5000 by default.'),
];

const RULE = objectOf('kill_switch_rule');

export interface KillSwitchProcedureDeps {
  readonly clock: Clock;
  readonly killSwitch: KillSwitchService;
  readonly instances: Pick<InstanceService, 'awaitEverywhere'>;
  /** Lets others run between two slices of work. */
  pause(): Promise<void>;
}

export function killSwitchProcedures(deps: KillSwitchProcedureDeps): Verb[] {
  const { clock } = deps;
  return [
    {
      name: 'create_kill_switch_rule',
      kind: 'procedure',
      description:
        'Creates a kill-switch rule. Repeating it with the same content changes nothing; another rule of that key is a conflict. An operator may create drafts and dry runs.',
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
        EMERGENCY,
        ...WAIT,
      ],
      result: RULE,
      role: 'operator',
      run: (args, context) => answered(deps, args, context, () => createRule(args, context, clock.now())),
    },
    {
      name: 'update_kill_switch_rule',
      kind: 'procedure',
      description:
        'Changes what a kill-switch rule says; arguments that are null or absent leave their part as it is. An operator may change drafts and dry runs.',
      arguments: [
        ID,
        ...RULE_FIELDS.map((field) => (field.name === 'condition' ? { ...field, type: nullable(text) } : field)),
        argument('clear', nullable(listOf(oneOf(CLEARABLE))), 'Parts to take away.'),
        REASON,
        EXPECTED_REVISION,
        CONFIRM_ALL,
        ...WAIT,
      ],
      result: RULE,
      role: 'operator',
      run: (args, context) => answered(deps, args, context, () => updateRule(args, context, clock.now())),
    },
    {
      name: 'activate_kill_switch_rule',
      kind: 'procedure',
      description:
        'Switches a rule on, or to dry_run. Enforced by this process at once, by the others on PostgreSQL within moments, and everywhere within the poll interval, 2 s by default. An operator may put a draft in dry run.',
      arguments: [
        ID,
        argument('status', nullable(oneOf(['active', 'dry_run'])), 'active by default.'),
        argument('valid_to', nullable(scalar('timestamp')), 'New end of validity; null leaves it.'),
        REASON,
        EXPECTED_REVISION,
        CONFIRM_ALL,
        EMERGENCY,
        ...WAIT,
      ],
      result: RULE,
      role: 'operator',
      run: (args, context) => answered(deps, args, context, () => activateRule(args, context, clock.now())),
    },
    statusVerb(deps, {
      name: 'deactivate_kill_switch_rule',
      change: 'deactivate',
      status: 'inactive',
      description: 'Lifts a rule: it matches nothing from now on. An operator may end a dry run.',
      role: 'operator',
    }),
    statusVerb(deps, {
      name: 'archive_kill_switch_rule',
      change: 'archive',
      status: 'archived',
      description: 'Retires a rule for good; its history stays.',
      role: 'admin',
    }),
  ];
}

interface StatusChange extends Pick<Verb, 'name' | 'description' | 'role'> {
  readonly change: RuleChange['change'];
  readonly status: RuleStatus;
}

function statusVerb(deps: KillSwitchProcedureDeps, { change, status, ...verb }: StatusChange): Verb {
  return {
    ...verb,
    kind: 'procedure',
    arguments: [ID, REASON, EXPECTED_REVISION, ...WAIT],
    result: RULE,
    run: (args, context) =>
      answered(deps, args, context, () => setStatus(change, status, args, context, deps.clock.now())),
  };
}

const DEFAULT_TIMEOUT_MS = 5_000;

/**
 * The rule as a row. This process enforces the change with the answer; where the caller waits for the other instances,
 * the answer leaves after the waiting.
 */
async function answered(
  { instances, killSwitch }: KillSwitchProcedureDeps,
  args: Readonly<Record<string, unknown>>,
  { tx }: VerbContext,
  change: () => Promise<KillSwitchRule>,
): Promise<Record<string, unknown>> {
  const timeoutMs = (args['timeout_ms'] ?? DEFAULT_TIMEOUT_MS) as number;
  if (timeoutMs < 1 || timeoutMs > 60_000) {
    throw unprocessable('TIMEOUT', `timeout_ms is ${timeoutMs}; expected 1 to 60000.`, { path: 'timeout_ms' });
  }
  const rule = await change();
  tx.afterCommit(async () => {
    await killSwitch.refresh();
    if (args['wait_for_instances'] === true) await instances.awaitEverywhere(rule.revision, timeoutMs);
  });
  return ruleRow(rule);
}

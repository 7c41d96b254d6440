import { isDeepStrictEqual } from 'node:util';
import { type Actor, mayAct } from '../../domain/actor.ts';
import { conflict, forbidden, notFound, unprocessable } from '../../domain/errors.ts';
import { type Uuid, uuidv7 } from '../../domain/ids.ts';
import { DDN_NAMESPACE, type KillSwitchRule, RULE_DEFAULTS, type RuleStatus } from '../../domain/kill-switch-rule.ts';
import { DAY, HOUR, type Instant, SECOND } from '../../domain/time.ts';
import { compileRule, type RuleError } from '../../kill-switch/compile-rule.ts';
import { isConstantTrue } from '../../kill-switch/constant-rule.ts';
import { conditionRefused } from '../../kill-switch/fault.ts';
import { findingsOf } from '../../kill-switch/rule-reach.ts';
import type { RuleChange } from '../ports/rules.ts';
import type { Transaction } from '../ports/store.ts';
import { checkSlug, checkValidity, instantOf, ruleContent } from './rule-arguments.ts';
import type { VerbContext } from './verb.ts';

type Args = Readonly<Record<string, unknown>>;

/** What a machine switches on lasts a day, what a person switches on in an emergency an hour. */
const MACHINE_SECONDS = DAY / SECOND;
const EMERGENCY_SECONDS = HOUR / SECOND;

/** Creates a rule; with the content of the one that has its key already, nothing happens. */
export async function createRule(
  args: Args,
  context: VerbContext,
  now: Instant,
  origin?: string,
): Promise<KillSwitchRule> {
  const namespace = checkSlug((args['namespace'] as string | null) ?? DDN_NAMESPACE, 'namespace');
  const key = checkSlug(args['key'] as string, 'key');
  const { rules } = context.tx;
  await rules.lock();
  const content = {
    ...ruleContent(args, null),
    status: (args['status'] ?? 'draft') as RuleStatus,
    reason: args['reason'] as string | null,
  };
  const existing = await rules.byKey(namespace, key);
  if (existing) {
    // The end that its activation set is not part of what its author said.
    const { validTo, ...said } = content;
    if (holds(existing, said) && (validTo === existing.validTo || isSetByActivation(existing))) return existing;
    throw conflict('RULE_EXISTS', `There is a rule "${key}" in namespace "${namespace}" already, with other content.`, {
      path: 'key',
    });
  }
  const draft: KillSwitchRule = {
    ...RULE_DEFAULTS,
    id: uuidv7(now),
    key,
    namespace,
    ...content,
    status: 'draft',
    origin: origin ?? 'manual',
    revision: 0,
    createdBy: context.actor.name,
    createdAt: now,
    updatedBy: context.actor.name,
    updatedAt: now,
  };
  const rule = {
    ...draft,
    ...transition(draft, content.status, { args, context, now }),
    revision: await rules.nextRevision(),
  };
  return saved(context, 'create', null, rule, content.reason, args['confirm_all'] === true);
}

const isSetByActivation = (rule: KillSwitchRule): boolean =>
  rule.maxDurationSeconds !== null && rule.activatedAt !== null;

export function updateRule(args: Args, context: VerbContext, now: Instant): Promise<KillSwitchRule> {
  return changeRule('update', args, context, now, (rule) => {
    const content = ruleContent(args, rule);
    const limit = limitOf(content.maxDurationSeconds, rule.emergency);
    const { activatedAt } = rule;
    // A shorter duration holds for what is active already.
    if (rule.status !== 'active' || limit === null || activatedAt === null) return content;
    const end = activatedAt + limit * SECOND;
    return { ...content, validTo: Math.min(content.validTo ?? end, end) };
  });
}

export function activateRule(args: Args, context: VerbContext, now: Instant): Promise<KillSwitchRule> {
  const status = (args['status'] ?? 'active') as RuleStatus;
  return changeRule('activate', args, context, now, (rule) => transition(rule, status, { args, context, now }));
}

export function setStatus(
  change: RuleChange['change'],
  status: RuleStatus,
  args: Args,
  context: VerbContext,
  now: Instant,
): Promise<KillSwitchRule> {
  return changeRule(change, args, context, now, () => ({ status }));
}

interface Occasion {
  readonly args: Args;
  readonly context: VerbContext;
  readonly now: Instant;
}

/** What entering a status changes besides: the end of validity, and who did it when. Repeating it changes nothing. */
function transition(
  rule: KillSwitchRule,
  status: RuleStatus,
  { args, context, now }: Occasion,
): Partial<KillSwitchRule> {
  const end = (args['valid_to'] ?? null) === null ? null : instantOf(args['valid_to']);
  if (status !== 'active') {
    const dryRunAt = status === 'dry_run' ? (rule.dryRunAt ?? now) : rule.dryRunAt;
    return { status, dryRunAt, validTo: end ?? rule.validTo };
  }
  const emergency = args['emergency'] === true;
  const expired = rule.validTo !== null && rule.validTo <= now;
  const isActive = rule.status === 'active' && rule.emergency === emergency && !expired;
  const limit =
    limitOf(rule.maxDurationSeconds, emergency) ?? (context.actor.surface === 'system' ? MACHINE_SECONDS : null);
  const since = isActive ? (rule.activatedAt ?? now) : now;
  const latest = limit === null ? null : Math.max(since, rule.validFrom ?? since) + limit * SECOND;
  if (end !== null && latest !== null && end > latest) {
    throw unprocessable('RULE_DURATION', `It may stay active for ${limit} seconds only; valid_to is later.`, {
      path: 'valid_to',
    });
  }
  if (isActive) return { status, validTo: end ?? rule.validTo };
  if (end === null && expired && latest === null) {
    throw conflict('RULE_EXPIRED', 'The validity of the rule is over: give a new valid_to.', { path: 'valid_to' });
  }
  const until = end ?? (expired ? null : rule.validTo);
  return {
    status,
    emergency,
    validTo: latest === null ? until : Math.min(until ?? latest, latest),
    maxDurationSeconds: emergency ? rule.maxDurationSeconds : limit,
    recheck: rule.recheck && { ...rule.recheck, extensions: 0 },
    activatedBy: context.actor.name,
    activatedAt: now,
  };
}

/** How long a rule may stay active, in seconds; null: until it is lifted. */
function limitOf(maxDurationSeconds: number | null, emergency: boolean): number | null {
  return emergency ? Math.min(EMERGENCY_SECONDS, maxDurationSeconds ?? Infinity) : maxDurationSeconds;
}

async function changeRule(
  change: RuleChange['change'],
  args: Args,
  context: VerbContext,
  now: Instant,
  changes: (rule: KillSwitchRule) => Partial<KillSwitchRule>,
): Promise<KillSwitchRule> {
  await context.tx.rules.lock();
  const before = await ruleById(context.tx, args['id'] as Uuid);
  const expected = (args['expected_revision'] ?? null) as number | null;
  if (expected !== null && expected !== before.revision) {
    throw conflict('RULE_REVISION', `The rule has revision ${before.revision}, not ${expected}: read it again.`, {
      path: 'expected_revision',
    });
  }
  if (before.status === 'archived' && change !== 'archive') {
    throw conflict('RULE_ARCHIVED', 'An archived rule stays as it is; create a new one.', { path: 'id' });
  }
  const changed = changes(before);
  const reason = (args['reason'] ?? null) as string | null;
  if (holds(before, changed)) return before;
  const after: KillSwitchRule = {
    ...before,
    ...changed,
    ...(change === 'activate' && reason !== null && { reason }),
    revision: await context.tx.rules.nextRevision(),
    updatedBy: context.actor.name,
    updatedAt: now,
  };
  checkValidity(after.validFrom, after.validTo);
  return saved(context, change, before, after, reason, args['confirm_all'] === true);
}

async function saved(
  { tx, actor }: VerbContext,
  change: RuleChange['change'],
  before: KillSwitchRule | null,
  changed: KillSwitchRule,
  reason: string | null,
  confirmAll: boolean,
): Promise<KillSwitchRule> {
  checkPermission(actor, before, changed);
  if (changed.status === 'active' && !changed.reason) {
    throw unprocessable('RULE_REASON', 'An active rule needs a reason.', { path: 'reason' });
  }
  const compilation = compileRule(changed);
  if (!compilation.ok) throw conditionRefused(compilation.error, ARGUMENT_OF[compilation.error.field]);
  const after = { ...changed, ...findingsOf(compilation.compiled) };
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

/**
 * An operator prepares rules and tries them: drafts and dry runs, which enforce nothing. To switch on, to change what was
 * once in force, and to lift takes an admin.
 *
 * @throws DomainError `forbidden`
 */
function checkPermission(actor: Actor, before: KillSwitchRule | null, after: KillSwitchRule): void {
  if (mayAct(actor, 'admin')) return;
  const wasInForce = before !== null && (before.status === 'active' || before.activatedAt !== null);
  if (!wasInForce && after.status !== 'active' && after.status !== 'archived') return;
  throw forbidden(
    'RULE_ADMIN',
    `To switch a rule on, to change one that is or was in force, and to lift it asks for the role admin; the caller is ${actor.role} and may prepare drafts and dry runs.`,
  );
}

export const ARGUMENT_OF: Readonly<Record<RuleError['field'], string>> = {
  condition: 'condition',
  except: 'except_condition',
  action: 'action',
  schedule: 'schedule',
  languageVersion: 'language_version',
};

export async function ruleById(tx: Transaction, id: Uuid): Promise<KillSwitchRule> {
  const rule = await tx.rules.byId(id);
  if (!rule) throw notFound('RULE_UNKNOWN', `There is no rule with the id ${id}.`, { path: 'id' });
  return rule;
}

function holds(rule: KillSwitchRule, content: Partial<KillSwitchRule>): boolean {
  return Object.entries(content).every(([name, value]) => isDeepStrictEqual(rule[name as keyof KillSwitchRule], value));
}

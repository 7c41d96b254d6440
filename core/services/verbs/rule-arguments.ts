import { unprocessable } from '../../domain/errors.ts';
import { FINDING_KINDS } from '../../domain/finding.ts';
import {
  type KillSwitchRule,
  type MaskSpec,
  RULE_ACTIONS,
  RULE_DEFAULTS,
  type RuleAction,
} from '../../domain/kill-switch-rule.ts';
import { type FieldDef, listOf, nullable, oneOf, scalar } from '../../domain/kind.ts';
import type { Instant } from '../../domain/time.ts';
import { guardFromJson, recheckFromJson, scheduleFromJson, tagsFromJson } from '../../kill-switch/rule-row.ts';

const text = scalar('string');

export const argument = (name: string, type: FieldDef['type'], description: string): FieldDef => ({
  name,
  type,
  description,
});

/** What the author of a rule can say; every part but the condition has a default. */
export const RULE_FIELDS: readonly FieldDef[] = [
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
  argument(
    'schedule',
    nullable(scalar('json')),
    'Weekly windows: {zone: "Europe/Vienna", windows: [{days: ["mon"], from: "08:00", to: "18:00"}]}.',
  ),
  argument(
    'max_duration_seconds',
    nullable(scalar('int32')),
    'How long it may stay active, 60 to 31536000: sets valid_to when it is activated. A machine gets 86400 by default.',
  ),
  argument(
    'recheck',
    nullable(scalar('json')),
    'At valid_to extend while the cause persists: {cause: "matches" | "findings", kinds, extend_seconds, max_extensions}.',
  ),
  argument(
    'on_error',
    nullable(oneOf(['no_match', 'match'])),
    'What a condition that can not be evaluated means; no_match by default.',
  ),
  argument(
    'guard',
    nullable(scalar('json')),
    'Fall back to dry_run when it acts on more traffic: {max_share: 0.2, window_seconds: 60, min_requests: 100}.',
  ),
  argument('environment', nullable(text), 'Applies only where the service runs as this environment.'),
  argument(
    'refresh_seconds',
    nullable(scalar('int32')),
    'Longest lag of a client that polls, 1 to 86400; 30 by default.',
  ),
  argument('ticket', nullable(text), 'Where it is discussed.'),
  argument('owner', nullable(text), 'Who answers for it.'),
  argument('tags', nullable(listOf(text)), 'Tags.'),
];

/** Parts of a rule that can be taken away again. */
export const CLEARABLE = [
  'description',
  'except_condition',
  'valid_from',
  'valid_to',
  'schedule',
  'max_duration_seconds',
  'recheck',
  'guard',
  'environment',
  'ticket',
  'owner',
  'tags',
] as const;

export type RuleContent = Pick<
  KillSwitchRule,
  | 'description'
  | 'condition'
  | 'except'
  | 'action'
  | 'priority'
  | 'validFrom'
  | 'validTo'
  | 'schedule'
  | 'maxDurationSeconds'
  | 'recheck'
  | 'onError'
  | 'guard'
  | 'environment'
  | 'refreshSeconds'
  | 'ticket'
  | 'owner'
  | 'tags'
>;

/** What the arguments say; what they leave out is as before, or the default. */
export function ruleContent(args: Readonly<Record<string, unknown>>, before: KillSwitchRule | null): RuleContent {
  const cleared = new Set((args['clear'] ?? []) as readonly string[]);
  function given<T>(name: string, read: (value: unknown) => T, otherwise: T): T;
  function given<T>(name: string, read: (value: unknown) => T, otherwise: T | undefined, nothing: T): T;
  function given<T>(name: string, read: (value: unknown) => T, otherwise: T | undefined, nothing?: T): T {
    if (cleared.has(name)) return nothing as T;
    return (args[name] ?? null) === null ? ((otherwise ?? nothing) as T) : read(args[name]);
  }
  const shortText = (name: string) => (value: unknown) => checkText(value as string, name);
  const content: RuleContent = {
    description: given<string | null>('description', String, before?.description, null),
    condition: given('condition', String, before?.condition ?? ''),
    except: given<string | null>('except_condition', String, before?.except, null),
    action:
      (args['action'] ?? null) === null && (args['action_type'] ?? null) === null && before
        ? before.action
        : checkAction((args['action_type'] as string | null) ?? before?.action.type ?? 'block', args['action']),
    priority: given('priority', Number, before?.priority ?? 0),
    validFrom: given('valid_from', instantOf, before?.validFrom, null),
    validTo: given('valid_to', instantOf, before?.validTo, null),
    schedule: given('schedule', scheduleFromJson, before?.schedule, null),
    maxDurationSeconds: given<number | null>(
      'max_duration_seconds',
      (value) => checkSeconds(value, 60, 31_536_000, 'max_duration_seconds'),
      before?.maxDurationSeconds,
      null,
    ),
    recheck: given('recheck', recheckOf, before?.recheck, null),
    onError: given('on_error', (value) => value as KillSwitchRule['onError'], before?.onError ?? RULE_DEFAULTS.onError),
    guard: given('guard', (value) => guardFromJson(value), before?.guard, null),
    environment: given<string | null>(
      'environment',
      (value) => checkSlug(value as string, 'environment'),
      before?.environment,
      null,
    ),
    refreshSeconds: given(
      'refresh_seconds',
      (value) => checkSeconds(value, 1, 86_400, 'refresh_seconds'),
      before?.refreshSeconds ?? RULE_DEFAULTS.refreshSeconds,
    ),
    ticket: given<string | null>('ticket', shortText('ticket'), before?.ticket, null),
    owner: given<string | null>('owner', shortText('owner'), before?.owner, null),
    tags: given<readonly string[]>('tags', tagsFromJson, before?.tags, []),
  };
  checkValidity(content.validFrom, content.validTo);
  return content;
}

/** A rule that is not stored, before its author has said anything. */
export function candidateRule(namespace: string): KillSwitchRule {
  return {
    ...RULE_DEFAULTS,
    id: '00000000-0000-7000-8000-000000000001',
    key: 'candidate',
    namespace,
    description: null,
    reason: null,
    condition: '',
    except: null,
    action: { type: 'block' },
    priority: 0,
    status: 'draft',
    validFrom: null,
    validTo: null,
    origin: 'manual',
    revision: 0,
    createdBy: '',
    createdAt: 0,
    updatedBy: '',
    updatedAt: 0,
  };
}

function recheckOf(value: unknown): KillSwitchRule['recheck'] {
  const recheck = recheckFromJson(value);
  const unknown = recheck?.kinds.find((kind) => !Object.hasOwn(FINDING_KINDS, kind));
  if (unknown === undefined) return recheck && { ...recheck, extensions: 0 };
  throw unprocessable(
    'RULE_FORM',
    `"${unknown.slice(0, 80)}" is no kind of finding; there are ${Object.keys(FINDING_KINDS).join(', ')}.`,
    { path: 'recheck' },
  );
}

function checkSeconds(value: unknown, from: number, to: number, path: string): number {
  if ((value as number) >= from && (value as number) <= to) return value as number;
  throw unprocessable('RULE_FORM', `${path} is ${String(value)}; expected ${from} to ${to} seconds.`, { path });
}

function checkText(value: string, path: string): string {
  if (value.length <= 191) return value;
  throw unprocessable('RULE_FORM', `${path} has ${value.length} characters; at most 191 are kept.`, { path });
}

/** Checks of a rule's parts when it is created or changed: nothing that can't be enforced is ever stored. */

const SLUG = /^[a-z0-9][a-z0-9_-]{0,63}$/;

export function checkSlug(value: string, path: string): string {
  if (SLUG.test(value)) return value;
  throw unprocessable(
    'RULE_SLUG',
    `"${value.slice(0, 80)}" is not allowed as ${path}: 1 to 64 lower-case letters, digits, "-" and "_", starting with a letter or digit.`,
    { path },
  );
}

export function checkValidity(from: Instant | null, to: Instant | null): void {
  if (from !== null && to !== null && from >= to) {
    throw unprocessable('RULE_VALIDITY', 'valid_to must be later than valid_from.', { path: 'valid_to' });
  }
}

export function instantOf(text: unknown): Instant | null {
  return text === null ? null : Date.parse(text as string);
}

/** The action from its JSON settings, closed: unknown keys are refused, so that a misspelt one is not lost in silence. */
export function checkAction(type: string, settings: unknown): RuleAction {
  const given = settings ?? {};
  if (typeof given !== 'object' || Array.isArray(given))
    throw refused('an object with the settings of the action', settings);
  const fields = new Map(Object.entries(given));
  fields.delete('type');
  if (!RULE_ACTIONS.some((known) => known === type)) throw refused('a known type', type);
  const action = ACTIONS[type as RuleAction['type']](fields);
  const [unknown] = fields.keys();
  if (unknown !== undefined) throw refused(`known settings only ("${unknown}" is not one of ${type}'s)`, settings);
  return action;
}

type Fields = Map<string, unknown>;

const ACTIONS: { readonly [Type in RuleAction['type']]: (fields: Fields) => Extract<RuleAction, { type: Type }> } = {
  block: (fields) => {
    const message = take(fields, 'message');
    const quiet = take(fields, 'quiet');
    if (message !== undefined && (typeof message !== 'string' || message.length > 500))
      throw refused('a message of at most 500 characters', message);
    if (quiet !== undefined && typeof quiet !== 'boolean') throw refused('quiet: true or false', quiet);
    return { type: 'block', ...(message !== undefined && { message }), ...(quiet !== undefined && { quiet }) };
  },
  respond: (fields) => {
    const body = take(fields, 'body');
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      throw refused('a body: the GraphQL response to give', body);
    return { type: 'respond', body };
  },
  strip: (fields) => ({ type: 'strip', paths: pathsOf(take(fields, 'paths')) }),
  mask: (fields) => {
    const masks = take(fields, 'masks');
    if (!Array.isArray(masks) || masks.length === 0 || masks.length > 100)
      throw refused('masks: a list of 1 to 100 masks', masks);
    return { type: 'mask', masks: masks.map(maskOf) };
  },
  log: () => ({ type: 'log' }),
};

const FIELD_PATH = /^[_A-Za-z][_0-9A-Za-z]*(\.[_A-Za-z][_0-9A-Za-z]*)*$/;

function pathsOf(paths: unknown): string[] {
  if (!Array.isArray(paths) || paths.length === 0 || paths.length > 100)
    throw refused('paths: a list of 1 to 100 field paths', paths);
  return paths.map(pathOf);
}

function pathOf(path: unknown): string {
  if (typeof path === 'string' && path.length <= 255 && FIELD_PATH.test(path)) return path;
  throw refused('a field path such as customers.email', path);
}

function maskOf(given: unknown): MaskSpec {
  if (typeof given !== 'object' || given === null)
    throw refused('a mask such as {"path": "customers.email", "mask": "null"}', given);
  const fields = new Map(Object.entries(given));
  const path = pathOf(fields.get('path'));
  switch (fields.get('mask')) {
    case 'null':
      return { path, mask: 'null' };
    case 'hash':
      return { path, mask: 'hash' };
    case 'fixed': {
      const text = fields.get('text');
      if (typeof text !== 'string' || text.length > 200)
        throw refused('a text of at most 200 characters for the fixed mask', text);
      return { path, mask: 'fixed', text };
    }
    case 'keep_last': {
      const count = fields.get('count');
      if (!Number.isInteger(count) || (count as number) < 1 || (count as number) > 100)
        throw refused('a count of 1 to 100 for keep_last', count);
      return { path, mask: 'keep_last', count: count as number };
    }
    default:
      throw refused('a mask of null, fixed, keep_last or hash', fields.get('mask'));
  }
}

function take(fields: Fields, name: string): unknown {
  const value = fields.get(name);
  fields.delete(name);
  return value ?? undefined;
}

function refused(expected: string, value: unknown): Error {
  const shown = JSON.stringify(value ?? null).slice(0, 120);
  return unprocessable(
    'RULE_ACTION',
    `The action is ${shown}; expected ${expected}. Actions: ${RULE_ACTIONS.join(', ')}.`,
    { path: 'action' },
  );
}

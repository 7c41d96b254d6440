import { unprocessable } from '../domain/errors.ts';
import {
  type KillSwitchRule,
  RULE_ACTIONS,
  RULE_STATUSES,
  type RuleAction,
  type RuleGuard,
  type RuleReach,
  type RuleRecheck,
  type RuleSchedule,
  type RuleStatus,
  type RuleWindow,
  WEEKDAYS,
} from '../domain/kill-switch-rule.ts';
import { formatInstant, type Instant } from '../domain/time.ts';
import { isMap } from './values.ts';

/** How a name is written: as stored (`valid_from`), or `camelCase` for REST and clients. */
export type Spelling = (snakeCase: string) => string;

const AS_STORED: Spelling = (name) => name;

type Json = Readonly<Record<string, unknown>>;

/** The rule as a published row: timestamps in RFC 3339, no tags as null. */
export function ruleRow(rule: KillSwitchRule, spell: Spelling = AS_STORED): Record<string, unknown> {
  const instant = (at: Instant | null) => (at === null ? null : formatInstant(at));
  const row = {
    id: rule.id,
    namespace: rule.namespace,
    key: rule.key,
    description: rule.description,
    reason: rule.reason,
    condition: rule.condition,
    except_condition: rule.except,
    normalised_condition: rule.normalisedCondition,
    ...reachRow(rule.reach),
    action_type: rule.action.type,
    action: rule.action,
    priority: rule.priority,
    status: rule.status,
    valid_from: instant(rule.validFrom),
    valid_to: instant(rule.validTo),
    schedule: scheduleJson(rule.schedule),
    max_duration_seconds: rule.maxDurationSeconds,
    recheck: recheckJson(rule.recheck, spell),
    on_error: rule.onError,
    guard: guardJson(rule.guard, spell),
    environment: rule.environment,
    refresh_seconds: rule.refreshSeconds,
    ticket: rule.ticket,
    owner: rule.owner,
    tags: tagsJson(rule.tags),
    language_version: rule.languageVersion,
    emergency: rule.emergency,
    dry_run_at: instant(rule.dryRunAt),
    origin: rule.origin,
    revision: rule.revision,
    created_by: rule.createdBy,
    created_at: formatInstant(rule.createdAt),
    updated_by: rule.updatedBy,
    updated_at: formatInstant(rule.updatedAt),
    activated_by: rule.activatedBy,
    activated_at: instant(rule.activatedAt),
  };
  return spell === AS_STORED ? row : respelt(row, spell);
}

function respelt(row: Json, spell: Spelling): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [spell(name), value]));
}

/** @throws DomainError `unprocessable` naming the field, for a row that this version cannot have written. */
export function ruleFromRow(given: unknown, spell: Spelling = AS_STORED): KillSwitchRule {
  if (!isMap(given)) throw malformed('a rule', given);
  const row = createReader(given, spell);
  return {
    id: row.text('id'),
    namespace: row.text('namespace'),
    key: row.text('key'),
    description: row.textOrNull('description'),
    reason: row.textOrNull('reason'),
    condition: row.text('condition'),
    except: row.textOrNull('except_condition'),
    normalisedCondition: row.textOrNull('normalised_condition'),
    reach: reachFromRow({
      stages: row.value('stages'),
      coverage: row.value('coverage'),
      coverage_warnings: row.value('coverage_warnings'),
    }),
    action: actionFromJson(row.value('action')),
    priority: row.number('priority'),
    status: row.oneOf<RuleStatus>('status', RULE_STATUSES),
    validFrom: row.instantOrNull('valid_from'),
    validTo: row.instantOrNull('valid_to'),
    schedule: scheduleFromJson(row.value('schedule')),
    maxDurationSeconds: row.numberOrNull('max_duration_seconds'),
    recheck: recheckFromJson(row.value('recheck'), spell),
    onError: row.oneOf('on_error', ['no_match', 'match'] as const),
    guard: guardFromJson(row.value('guard'), spell),
    environment: row.textOrNull('environment'),
    refreshSeconds: row.number('refresh_seconds'),
    ticket: row.textOrNull('ticket'),
    owner: row.textOrNull('owner'),
    tags: tagsFromJson(row.value('tags')),
    languageVersion: row.number('language_version'),
    emergency: row.value('emergency') === true,
    dryRunAt: row.instantOrNull('dry_run_at'),
    origin: row.text('origin'),
    revision: row.number('revision'),
    createdBy: row.text('created_by'),
    createdAt: row.instant('created_at'),
    updatedBy: row.text('updated_by'),
    updatedAt: row.instant('updated_at'),
    activatedBy: row.textOrNull('activated_by'),
    activatedAt: row.instantOrNull('activated_at'),
  };
}

function createReader(row: Json, spell: Spelling) {
  const value = (name: string): unknown => (Object.hasOwn(row, spell(name)) ? (row[spell(name)] ?? null) : null);
  function read<T>(name: string, expected: string, accept: (value: unknown) => T | undefined): T {
    const accepted = accept(value(name));
    if (accepted === undefined) throw malformed(`${expected} as ${spell(name)}`, value(name));
    return accepted;
  }
  const text = (given: unknown) => (typeof given === 'string' ? given : undefined);
  const number = (given: unknown) => (Number.isFinite(given) ? (given as number) : undefined);
  const instant = (given: unknown) => {
    const at = typeof given === 'string' ? Date.parse(given) : Number.NaN;
    return Number.isNaN(at) ? undefined : at;
  };
  const orNull =
    <T>(accept: (given: unknown) => T | undefined) =>
    (given: unknown) =>
      given === null ? null : accept(given);
  return {
    value,
    text: (name: string) => read(name, 'a text', text),
    textOrNull: (name: string) => read(name, 'a text or null', orNull(text)),
    number: (name: string) => read(name, 'a number', number),
    numberOrNull: (name: string) => read(name, 'a number or null', orNull(number)),
    instant: (name: string) => read(name, 'a timestamp', instant),
    instantOrNull: (name: string) => read(name, 'a timestamp or null', orNull(instant)),
    oneOf: <T extends string>(name: string, allowed: readonly T[]) =>
      read(name, `one of ${allowed.join(', ')}`, (given) => allowed.find((each) => each === given)),
  };
}

export function actionFromJson(given: unknown): RuleAction {
  if (isMap(given) && RULE_ACTIONS.some((type) => type === given['type'])) return given as unknown as RuleAction;
  throw malformed('an action', given);
}

export function scheduleJson(schedule: RuleSchedule | null): unknown {
  if (schedule === null) return null;
  const windows = schedule.windows.map(({ days, from, to }) => ({ days, from: clockText(from), to: clockText(to) }));
  return { zone: schedule.zone, windows };
}

/** @throws DomainError `unprocessable` for anything but `{zone, windows: [{days, from, to}]}`. */
export function scheduleFromJson(given: unknown): RuleSchedule | null {
  if (given === null) return null;
  const windows = isMap(given) ? given['windows'] : undefined;
  const zone = isMap(given) ? given['zone'] : undefined;
  if (typeof zone !== 'string' || !isZone(zone)) {
    throw malformed('a schedule with a zone, an IANA name such as Europe/Vienna', given, 'schedule');
  }
  if (!Array.isArray(windows) || windows.length === 0 || windows.length > 50) {
    throw malformed('a schedule of 1 to 50 windows', given, 'schedule');
  }
  return { zone, windows: windows.map(windowFromJson) };
}

function windowFromJson(given: unknown): RuleWindow {
  const days: unknown = isMap(given) ? given['days'] : undefined;
  const [from, to] = isMap(given) ? [minutesOf(given['from']), minutesOf(given['to'])] : [undefined, undefined];
  const known = Array.isArray(days) ? WEEKDAYS.filter((day) => days.includes(day)) : [];
  if (!Array.isArray(days) || known.length === 0 || known.length !== days.length) {
    throw malformed(`a window with days, distinct ones of ${WEEKDAYS.join(', ')}`, given, 'schedule');
  }
  if (from === undefined || to === undefined || from === 1_440) {
    throw malformed('a window with from and to as HH:MM', given, 'schedule');
  }
  return { days: known, from, to };
}

const CLOCK = /^(\d{2}):(\d{2})$/;

function minutesOf(given: unknown): number | undefined {
  const [, hours, minutes] = CLOCK.exec(typeof given === 'string' ? given : '') ?? [];
  const total = Number(hours) * 60 + Number(minutes);
  return total <= 1_440 && Number(minutes) < 60 ? total : undefined;
}

const clockText = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

export function guardJson(guard: RuleGuard | null, spell: Spelling = AS_STORED): unknown {
  if (guard === null) return null;
  const { maxShare, windowSeconds, minRequests } = guard;
  return respelt({ max_share: maxShare, window_seconds: windowSeconds, min_requests: minRequests }, spell);
}

/** @throws DomainError `unprocessable` */
export function guardFromJson(given: unknown, spell: Spelling = AS_STORED): RuleGuard | null {
  if (given === null) return null;
  const field = (name: string) => (isMap(given) ? given[spell(name)] : undefined);
  const maxShare = field('max_share');
  const windowSeconds = field('window_seconds');
  const minRequests = field('min_requests');
  if (typeof maxShare !== 'number' || !(maxShare > 0 && maxShare < 1)) {
    throw malformed(`a guard with ${spell('max_share')} above 0 and below 1`, given, 'guard');
  }
  return {
    maxShare,
    windowSeconds: integer(windowSeconds, 1, 86_400, `a guard with ${spell('window_seconds')}`, given),
    minRequests: integer(minRequests, 1, 1_000_000_000, `a guard with ${spell('min_requests')}`, given),
  };
}

export function recheckJson(recheck: RuleRecheck | null, spell: Spelling = AS_STORED): unknown {
  if (recheck === null) return null;
  const { cause, kinds, extendSeconds, maxExtensions, extensions } = recheck;
  return respelt({ cause, kinds, extend_seconds: extendSeconds, max_extensions: maxExtensions, extensions }, spell);
}

/** @throws DomainError `unprocessable` */
export function recheckFromJson(given: unknown, spell: Spelling = AS_STORED): RuleRecheck | null {
  if (given === null) return null;
  const field = (name: string) => (isMap(given) ? given[spell(name)] : undefined);
  const cause = field('cause');
  const kinds = field('kinds') ?? [];
  if (cause !== 'matches' && cause !== 'findings') {
    throw malformed('a recheck with the cause matches or findings', given, 'recheck');
  }
  if (!Array.isArray(kinds) || !kinds.every((kind) => typeof kind === 'string')) {
    throw malformed('a recheck with kinds, a list of kinds of findings', given, 'recheck');
  }
  return {
    cause,
    kinds,
    extendSeconds: integer(field('extend_seconds'), 60, 31_536_000, `a recheck with ${spell('extend_seconds')}`, given),
    maxExtensions: integer(field('max_extensions'), 1, 1_000, `a recheck with ${spell('max_extensions')}`, given),
    extensions: integer(field('extensions') ?? 0, 0, 1_000, 'a recheck with extensions', given),
  };
}

function integer(value: unknown, from: number, to: number, what: string, given: unknown): number {
  if (Number.isInteger(value) && (value as number) >= from && (value as number) <= to) return value as number;
  throw malformed(`${what}, an integer from ${from} to ${to}`, given, what.includes('guard') ? 'guard' : 'recheck');
}

/** The columns that say what a rule covers. */
export function reachRow(reach: RuleReach | null) {
  return {
    stages: reach?.stages ?? null,
    coverage: reach?.coverage ?? null,
    coverage_warnings: reach?.gaps ?? null,
  };
}

/** Null where any of the columns is: rows of earlier versions have none. */
export function reachFromRow(row: Readonly<Record<keyof ReturnType<typeof reachRow>, unknown>>): RuleReach | null {
  const { stages, coverage, coverage_warnings: gaps } = row;
  if (!Array.isArray(stages) || !Array.isArray(coverage) || !Array.isArray(gaps)) return null;
  return {
    stages: stages as RuleReach['stages'],
    coverage: coverage as RuleReach['coverage'],
    gaps: gaps as RuleReach['gaps'],
  };
}

export const tagsJson = (tags: readonly string[]): readonly string[] | null => (tags.length === 0 ? null : tags);

/** @throws DomainError `unprocessable` */
export function tagsFromJson(given: unknown): readonly string[] {
  if (given === null) return [];
  const isTag = (tag: unknown) => typeof tag === 'string' && tag !== '' && tag.length <= 64;
  if (Array.isArray(given) && given.length <= 50 && given.every(isTag)) return [...new Set(given as string[])];
  throw malformed('tags, a list of at most 50 texts of 1 to 64 characters', given, 'tags');
}

function malformed(expected: string, value: unknown, path?: string): Error {
  const shown = JSON.stringify(value ?? null).slice(0, 120);
  return unprocessable('RULE_FORM', `Expected ${expected}, not ${shown}.`, path === undefined ? {} : { path });
}

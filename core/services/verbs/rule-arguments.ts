import { unprocessable } from '../../domain/errors.ts';
import { type MaskSpec, RULE_ACTIONS, type RuleAction } from '../../domain/kill-switch-rule.ts';
import type { Instant } from '../../domain/time.ts';

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

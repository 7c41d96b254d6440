import { type Actor, type ActorRole, mayAct } from '../../domain/actor.ts';
import { badRequest, forbidden, unprocessable } from '../../domain/errors.ts';
import type { FieldDef, ObjectDef, ScalarKind, ValueType } from '../../domain/kind.ts';
import { SCALAR_FORMS, unstorablePlace } from '../../domain/scalar-form.ts';
import type { Transaction } from '../ports/store.ts';

/**
 * Something a caller can do or ask, declared once: NDC procedures and functions, GraphQL mutations and fields, REST and
 * HML all come from a table of these. Procedures are small, name their target explicitly, are safe to repeat and return
 * the changed object.
 */
export interface Verb {
  /** snake_case, the published name. */
  readonly name: string;
  readonly kind: 'procedure' | 'function';
  readonly description: string;
  /** A nullable argument may be absent or null; both mean the same. */
  readonly arguments: readonly Argument[];
  /** `objectOf(rowType)` of a published collection, an object of `VerbTable.objects`, or scalars and lists of those. */
  readonly result: ValueType;
  readonly role: ActorRole;
  /** Runs inside `context.tx`; values use the JSON forms of core/domain/kind.ts, objects have the columns' names. */
  run(args: Readonly<Record<string, unknown>>, context: VerbContext): Promise<unknown>;
}

export interface Argument extends FieldDef {
  /** Only looked at, never stored or searched for: texts that a database can't hold are taken too. */
  readonly anyText?: boolean;
}

export interface VerbContext {
  readonly actor: Actor;
  /** Open transaction of the request. Functions only read through it. */
  readonly tx: Transaction;
}

export interface VerbTable {
  readonly verbs: ReadonlyMap<string, Verb>;
  /** Result types that are not rows of a collection. */
  readonly objects: readonly ObjectDef[];
}

/** The one door to a verb: permission and argument types are checked here, whatever surface the call came from. */
export async function runVerb(
  verb: Verb,
  args: Readonly<Record<string, unknown>>,
  context: VerbContext,
): Promise<unknown> {
  if (!mayAct(context.actor, verb.role)) {
    throw forbidden(
      'VERB_FORBIDDEN',
      `"${verb.name}" asks for the role ${verb.role}; the caller is ${context.actor.role}.`,
    );
  }
  return verb.run(checkArguments(verb, args), context);
}

/** Refuses unknown, missing and ill-typed arguments with the offending path; absent nullable ones become null. */
export function checkArguments(verb: Verb, args: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const known = new Map(verb.arguments.map((argument) => [argument.name, argument]));
  for (const name of Object.keys(args)) {
    if (!known.has(name)) {
      throw badRequest(
        'UNKNOWN_ARGUMENT',
        `"${verb.name}" has no argument "${name}"; it takes ${[...known.keys()].join(', ') || 'none'}.`,
        {
          path: name,
        },
      );
    }
  }
  const checked: Record<string, unknown> = {};
  for (const argument of verb.arguments) {
    const value = Object.hasOwn(args, argument.name) ? args[argument.name] : null;
    checked[argument.name] = argument.anyText ? value : checkValue(value ?? null, argument.type, argument.name);
  }
  return checked;
}

/** A rule that holds until some hour is too important to guess whose hour is meant: verbs want the zone. */
const ZONED = /([Zz]|[+-]\d{2}:\d{2})$/;

/** The value in wire form. */
function checkValue(value: unknown, type: ValueType, path: string): unknown {
  switch (type.type) {
    case 'nullable':
      return value === null ? null : checkValue(value, type.of, path);
    case 'list':
      if (!Array.isArray(value)) throw illTyped(path, value, 'a list');
      return value.map((item, index) => checkValue(item, type.of, `${path}[${index}]`));
    case 'object':
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw illTyped(path, value, 'an object');
      return checkScalar(value, 'json', path);
    case 'scalar': {
      const wire = checkScalar(value, type.scalar, path);
      if (type.values && !type.values.includes(wire as string))
        throw illTyped(path, value, `one of ${type.values.join(', ')}`);
      return wire;
    }
  }
}

function checkScalar(value: unknown, kind: ScalarKind, path: string): unknown {
  if (kind === 'timestamp' && typeof value === 'string' && !ZONED.test(value)) {
    throw illTyped(path, value, 'an RFC 3339 timestamp with a zone, such as 2026-03-10T12:00:00Z');
  }
  const { read, expected } = SCALAR_FORMS[kind];
  const wire = read(value);
  if (wire !== undefined) return wire;
  throw illTyped(kind === 'json' ? path + (unstorablePlace(value) ?? '') : path, value, expected);
}

function illTyped(path: string, value: unknown, expected: string): Error {
  const shown = value === null ? 'nothing' : JSON.stringify(value)?.slice(0, 80);
  return unprocessable('ARGUMENT_TYPE', `Argument "${path}" is ${shown}; expected ${expected}.`, { path });
}

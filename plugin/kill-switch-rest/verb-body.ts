import { isRecord } from '../../core/document/foreign-object.ts';
import type { Actor } from '../../core/domain/actor.ts';
import { badRequest, unprocessable } from '../../core/domain/errors.ts';
import { camelCase } from '../../core/domain/spelling.ts';
import type { Transaction } from '../../core/services/ports/store.ts';
import { runVerb, type Verb, type VerbTable } from '../../core/services/verbs/verb.ts';
import type { FastifyRequest } from 'fastify';
import { jsonOf, textOf } from '../rest/rest-call.ts';

/** REST bodies say in camelCase what the arguments of a verb say in snake_case. */

export type Body = Readonly<Record<string, unknown>>;

/** @throws DomainError `bad-request` for anything but a JSON object; no body is an empty one. */
export function bodyOf(request: FastifyRequest): Body {
  if (textOf(request).trim() === '') return {};
  const body = jsonOf(request);
  if (!isRecord(body)) throw badRequest('BODY', 'The body must be a JSON object, sent as application/json.');
  return body;
}

/** Arguments whose own keys are spelt too. */
const SPELT: ReadonlySet<string> = new Set(['guard', 'recheck']);

/** Runs a verb with the arguments that a body and the path give. */
export function runVerbOf(
  verbs: VerbTable,
  name: string,
  body: Body,
  fromPath: Body,
  context: { readonly actor: Actor; readonly tx: Transaction },
): Promise<unknown> {
  const verb = verbs.verbs.get(name) as Verb;
  return runVerb(verb, argumentsOf(verb, body, fromPath), context);
}

/** The arguments of a verb that a body and the path give. A key that the verb does not know is refused. */
export function argumentsOf(verb: Verb, body: Body, fromPath: Body = {}): Record<string, unknown> {
  const args: Record<string, unknown> = { ...fromPath };
  const known = new Map(verb.arguments.map((argument) => [camelCase(argument.name), argument.name]));
  for (const [key, value] of Object.entries(body)) {
    const argument = known.get(key);
    if (argument === undefined || Object.hasOwn(fromPath, argument)) {
      const names = [...known].filter(([, own]) => !Object.hasOwn(fromPath, own)).map(([spelt]) => spelt);
      throw unprocessable('UNKNOWN_ARGUMENT', `There is no "${key.slice(0, 80)}" here; known: ${names.join(', ')}.`, {
        path: key,
      });
    }
    args[argument] = SPELT.has(argument) && isRecord(value) ? snakeKeys(value) : value;
  }
  return args;
}

function snakeKeys(value: Body): Body {
  const snake = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(value).map(([key, own]) => [snake(key), own]));
}

/** The result of a function in camelCase; not for results that hold values of callers. */
export function camelResult(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelResult);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, own]) => [camelCase(key), camelResult(own)]));
}

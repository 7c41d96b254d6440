import { Kind, type ValueNode } from 'graphql';
import type { ArgumentValue } from '../domain/observation.ts';

/** An argument as written, kept apart from the syntax tree so that a cached document stays small. */
export type ValueTemplate =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  /** A number that a double does not hold exactly: an integer beyond 2^53, or one that overflows. */
  | { readonly kind: 'inexact'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'list'; readonly items: readonly ValueTemplate[] }
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, ValueTemplate> };

/** Variables of a request, as sent: a foreign object, of which own properties are read only. */
export type Variables = Readonly<Record<string, unknown>>;

/** Argument values per request, characters per value, and levels inside one argument. */
export const MAX_ARGUMENT_VALUES = 1_000;
export const MAX_ARGUMENT_CHARACTERS = 4_096;
const MAX_ARGUMENT_DEPTH = 16;
/** Of a path, and of one key in it: keys are the client's, and one stands in the path of everything below it. */
const MAX_PATH_CHARACTERS = 1_024;
const MAX_KEY_CHARACTERS = 128;

export function templateOf(node: ValueNode): ValueTemplate {
  switch (node.kind) {
    case Kind.VARIABLE:
      return { kind: 'variable', name: node.name.value };
    case Kind.INT:
    case Kind.FLOAT:
      return numberTemplate(node.value);
    case Kind.STRING:
    case Kind.ENUM:
    case Kind.BOOLEAN:
      return { kind: 'literal', value: node.value };
    case Kind.NULL:
      return { kind: 'literal', value: null };
    case Kind.LIST:
      return { kind: 'list', items: node.values.map(templateOf) };
    case Kind.OBJECT:
      return {
        kind: 'object',
        fields: new Map(node.fields.map((field) => [field.name.value, templateOf(field.value)])),
      };
  }
}

/** What templates are resolved with. */
export interface TemplateScope {
  readonly variables: Variables;
  /** By the name of the variable. */
  readonly defaults: ReadonlyMap<string, ValueTemplate>;
  /**
   * What becomes of a number that a double does not hold exactly. As `text` an id stays another id than its neighbours;
   * as a `number` it can be compared, as the same number in a variable is.
   */
  readonly inexact: 'text' | 'number';
}

/**
 * The value with variables substituted; a variable that was not sent takes its default, else it is `undefined`.
 * Objects of the document have no prototype; values from variables are returned as they are.
 */
export function resolveTemplate(template: ValueTemplate, scope: TemplateScope): unknown {
  switch (template.kind) {
    case 'literal':
      return template.value;
    case 'inexact':
      return scope.inexact === 'text' ? template.text : Number(template.text);
    case 'variable': {
      if (Object.hasOwn(scope.variables, template.name)) return scope.variables[template.name];
      const byDefault = scope.defaults.get(template.name);
      return byDefault === undefined ? undefined : resolveTemplate(byDefault, { ...scope, ...NO_VARIABLES });
    }
    case 'list':
      return template.items.map((item) => resolveTemplate(item, scope));
    case 'object': {
      const object = Object.create(null) as Record<string, unknown>;
      for (const [name, field] of template.fields) object[name] = resolveTemplate(field, scope);
      return object;
    }
  }
}

/** A default can't name a variable; one that does is refused by the engine. */
const NO_VARIABLES: Pick<TemplateScope, 'variables' | 'defaults'> = { variables: {}, defaults: new Map() };

/**
 * The structure of an argument: keys of objects, sorted, with every scalar, list of scalars and variable as `?`. A
 * literal and a variable in its place are thereby the same; a variable for a whole object hides that object's keys.
 */
export function structureOf(template: ValueTemplate): string {
  switch (template.kind) {
    case 'literal':
    case 'inexact':
    case 'variable':
      return '?';
    case 'list': {
      const items = new Set(template.items.map(structureOf));
      items.delete('?');
      return items.size === 0 ? '?' : `[${[...items].sort().join(',')}]`;
    }
    case 'object':
      return `{${[...template.fields]
        .map(([name, field]) => `${name}:${structureOf(field)}`)
        .sort()
        .join(',')}}`;
  }
}

/**
 * Appends the scalars inside `value`, objects as dotted paths, elements of lists under the path of their list. Stops at
 * the caps above; longer texts, paths and keys are cut.
 */
export function appendArgumentValues(name: string, value: unknown, into: ArgumentValue[], depth = 0): void {
  if (into.length >= MAX_ARGUMENT_VALUES || depth > MAX_ARGUMENT_DEPTH) return;
  const path = name.slice(0, MAX_PATH_CHARACTERS);
  if (typeof value === 'string') into.push({ path, value: value.slice(0, MAX_ARGUMENT_CHARACTERS) });
  else if (value === null || typeof value === 'number' || typeof value === 'boolean') into.push({ path, value });
  else if (Array.isArray(value)) for (const item of value) appendArgumentValues(path, item, into, depth + 1);
  else if (typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) {
      appendArgumentValues(`${path}.${key.slice(0, MAX_KEY_CHARACTERS)}`, item, into, depth + 1);
    }
  }
}

function numberTemplate(text: string): ValueTemplate {
  const value = Number(text);
  const isExact = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  return isExact ? { kind: 'literal', value } : { kind: 'inexact', text };
}

import type { ValueType } from '../../core/domain/kind.ts';
import type { RequestPlan } from '../../schema/query/plan.ts';
import { typeName } from '../../schema/query/value-types.ts';

/** A plan to be read: collections by name, types and columns in a word, nothing that is empty. */
export function planToJson(plan: RequestPlan): string {
  const { root, variables, sets, hasVariables } = plan;
  const asked = hasVariables ? { variables, sets } : {};
  return `${JSON.stringify(short({ ...asked, root }), null, 2)}\n`;
}

type Fields = Readonly<Record<string, unknown>>;

/** What stands in one word, told by the fields it has. */
const WORDS: readonly { readonly has: readonly string[]; readonly word: (value: Fields) => unknown }[] = [
  { has: ['backing', 'columns'], word: ({ name }) => name },
  { has: ['scope', 'column', 'fieldPath', 'type'], word: columnWord },
  { has: ['source', 'target'], word: ({ source, target }) => `${String(short(target))} = ${String(short(source))}` },
  { has: ['type', 'nullable'], word: typeWord },
  { has: ['scalar'], word: ({ scalar, values }) => (Array.isArray(values) ? values.join(' | ') : scalar) },
];

function short(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(short);
  if (value === null || typeof value !== 'object') return value;
  const fields = value as Fields;
  if (fields['kind'] === 'literal') return fields;
  const known = 'kind' in fields ? undefined : WORDS.find(({ has }) => has.every((name) => name in fields));
  if (known) return known.word(fields);
  const said = Object.entries(fields).map(([name, inner]) => [name, short(inner)] as const);
  return Object.fromEntries(said.filter(([, inner]) => !isNothing(inner)));
}

/** `name: string`, `address.city: string?`; `^1 name` of the row outside the nearest `exists`. */
function columnWord({ scope, column, fieldPath, type }: Fields): string {
  const path = [column, ...(fieldPath as readonly string[])].join('.');
  return `${scope === 0 ? '' : `^${String(scope)} `}${path}: ${typeWord(type as Fields)}`;
}

function typeWord({ type, nullable }: Fields): string {
  return `${typeName(type as ValueType)}${nullable ? '?' : ''}`;
}

/** A part that is not asked for, a flag that is not up, the root's place in the answer. */
function isNothing(value: unknown): boolean {
  return value === null || value === false || value === '';
}

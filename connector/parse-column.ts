import { unsupported } from '../core/domain/errors.ts';
import type { AggregateForm, ColumnForm, GroupValueForm } from '../schema/query/form.ts';
import type { JsonNode } from './json-node.ts';

/** A column of the current row under the key the protocol uses at this place, with its path into nested objects. */
export function parseColumn(node: JsonNode, key: 'name' | 'column' | 'column_name'): ColumnForm {
  refuseArguments(node);
  return { column: node.required(key).string(), ...parseFieldPath(node) };
}

export function parseFieldPath(node: JsonNode): { readonly fieldPath?: readonly string[] } {
  const fieldPath = node.optional('field_path')?.strings() ?? [];
  return fieldPath.length === 0 ? {} : { fieldPath };
}

export function parseAggregate(node: JsonNode): AggregateForm {
  return node.tagged<AggregateForm>({
    star_count: () => ({ kind: 'star-count' }),
    column_count: (count) => ({
      kind: 'column-count',
      distinct: count.required('distinct').boolean(),
      ...parseColumn(count, 'column'),
    }),
    single_column: (single) => ({
      kind: 'function',
      function: single.required('function').string(),
      ...parseColumn(single, 'column'),
    }),
  });
}

/** A value that does not depend on a row. */
export function parsePlainValue(node: JsonNode): GroupValueForm {
  return node.tagged(PLAIN_VALUES);
}

export const PLAIN_VALUES = {
  scalar: (node: JsonNode): GroupValueForm => ({ kind: 'literal', value: node.present('value').value }),
  variable: (node: JsonNode): GroupValueForm => ({ kind: 'variable', name: node.required('name').string() }),
};

/** No published collection or column takes arguments; functions are reached as the request's own collection. */
export function refuseArguments(node: JsonNode): void {
  const [first] = node.optional('arguments')?.entries() ?? [];
  if (!first) return;
  throw unsupported('NO_ARGUMENTS', `${first[1].path} is given, but nothing that can stand here takes arguments.`, {
    path: first[1].path,
  });
}

export function expectIsNull(operator: JsonNode): void {
  if (operator.string() !== 'is_null') throw operator.refuse('is_null');
}

export function parseDirection(node: JsonNode): 'asc' | 'desc' {
  const direction = node.string();
  if (direction !== 'asc' && direction !== 'desc') throw node.refuse('asc or desc');
  return direction;
}

/** Limit and offset, of rows or of groups. */
export function parsePage(node: JsonNode): { readonly limit?: number; readonly offset?: number } {
  const limit = node.optional('limit');
  const offset = node.optional('offset');
  return { ...(limit ? { limit: limit.count() } : {}), ...(offset ? { offset: offset.count() } : {}) };
}

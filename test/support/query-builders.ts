import type {
  ColumnTargetForm,
  ComparisonTargetForm,
  FieldForm,
  FieldsForm,
  PredicateForm,
  QueryForm,
  QueryRequestForm,
  ValueForm,
} from '../../schema/query/form.ts';
import { RELATIONSHIPS } from './query-requests.ts';

/** Short spellings of the form's parts, for tests that are read. */
export function request(
  collection: string,
  query: QueryForm,
  variables?: readonly Readonly<Record<string, unknown>>[],
): QueryRequestForm {
  const sets = variables?.map((set) => new Map(Object.entries(set)));
  return { collection, query, relationships: RELATIONSHIPS, ...(sets ? { variables: sets } : {}) };
}

export function columns(...names: readonly string[]): FieldsForm {
  return new Map(names.map((name): [string, FieldForm] => [name, { kind: 'column', column: name }]));
}

export function target(column: string, ...fieldPath: string[]): ColumnTargetForm {
  return { kind: 'column', column, fieldPath };
}

export function literal(value: unknown): ValueForm {
  return { kind: 'literal', value };
}

export function compare(on: string | ComparisonTargetForm, operator: string, value: unknown): PredicateForm {
  const form = typeof on === 'string' ? target(on) : on;
  return { kind: 'compare', target: form, operator, value: literal(value) };
}

export const not = (expression: PredicateForm): PredicateForm => ({ kind: 'not', expression });
export const and = (...expressions: PredicateForm[]): PredicateForm => ({ kind: 'and', expressions });
export const or = (...expressions: PredicateForm[]): PredicateForm => ({ kind: 'or', expressions });

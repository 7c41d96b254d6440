import type { QueryRequestForm } from '../../schema/query/form.ts';

/** Keys whose objects are maps in the form; `fields` with a `kind` is a nested selection and stays an object. */
const MAPS = new Set(['fields', 'aggregates', 'relationships', 'mapping']);

/** The query form from plain JSON, so that cases can stand in files. */
export function formFromJson(json: unknown): QueryRequestForm {
  return revive('', json) as QueryRequestForm;
}

function revive(key: string, value: unknown): unknown {
  if (Array.isArray(value)) {
    const isSets = key === 'variables';
    return value.map((element: unknown) => (isSets ? new Map(Object.entries(element as object)) : revive('', element)));
  }
  if (value === null || typeof value !== 'object') return value;
  if ('kind' in value && value.kind === 'literal') return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, revive(name, inner)] as const);
  return MAPS.has(key) && !('kind' in value) ? new Map(entries) : Object.fromEntries(entries);
}

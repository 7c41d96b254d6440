/**
 * The capability flags a request depends on, as paths into the capabilities document
 * (`query.aggregates.group_by.filter`). Used to see that no flag is declared without a case that shows it.
 */
export function capabilitiesUsed(request: unknown): Set<string> {
  const used = new Set<string>();
  visit(request, { key: '', inNested: undefined, inOrderBy: false }, used);
  return used;
}

interface Place {
  readonly key: string;
  /** Inside the NestedField of a column: of an object, or of an array. */
  readonly inNested: 'object' | 'array' | undefined;
  readonly inOrderBy: boolean;
}

type Json = Readonly<Record<string, unknown>>;

/** `type` (or key) of a node → the flag it needs, where that depends on nothing else. */
const BY_TYPE: Readonly<Record<string, string>> = {
  nested_collection: 'query.exists.nested_collections',
  nested_scalar_collection: 'query.exists.nested_scalar_collections',
  unrelated: 'query.exists.unrelated',
  is_empty: 'query.nested_fields.filter_by.nested_arrays.is_empty',
  contains: 'query.nested_fields.filter_by.nested_arrays.contains',
  collection: 'query.nested_fields.nested_collections',
  variable: 'query.variables',
  relationship: 'relationships',
};

function visit(node: unknown, place: Place, used: Set<string>): void {
  if (Array.isArray(node)) {
    for (const item of node) visit(item, place, used);
    if (place.key === 'operations' && node.length > 1) used.add('mutation.transactional');
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  const json = node as Json;
  const type = json['type'] as string | undefined;
  if (type !== undefined && Object.hasOwn(BY_TYPE, type)) used.add(BY_TYPE[type] as string);
  for (const flag of flagsOf(json, type, place)) used.add(flag);
  for (const [key, child] of Object.entries(json)) {
    const inOrderBy = place.inOrderBy || key === 'order_by';
    visit(child, { key, inNested: nestedPlace(json, key, place), inOrderBy }, used);
  }
}

function flagsOf(json: Json, type: string | undefined, place: Place): string[] {
  const flags: string[] = [];
  const hasFieldPath = Array.isArray(json['field_path']) && json['field_path'].length > 0;
  const path = Array.isArray(json['path']) ? json['path'] : [];
  if (json['aggregates']) flags.push('query.aggregates');
  if (json['groups']) flags.push('query.aggregates.group_by');
  if ('dimensions' in json) {
    if (json['predicate']) flags.push('query.aggregates.group_by.filter');
    if (json['order_by']) flags.push('query.aggregates.group_by.order');
    if (json['limit'] !== undefined || json['offset'] !== undefined) flags.push('query.aggregates.group_by.paginate');
  }
  if (type === 'aggregate' && path.length > 0) {
    flags.push(place.inOrderBy ? 'relationships.order_by_aggregate' : 'query.aggregates.filter_by');
  }
  if (hasFieldPath) flags.push(...fieldPathFlags(json, type, place));
  if (typeof json['scope'] === 'number' && json['scope'] > 0) flags.push('query.exists.named_scopes');
  if (place.key === 'value' && type === 'column' && path.length > 0) flags.push('relationships.relation_comparisons');
  if (type === 'relationship' && place.inNested) flags.push('relationships.nested');
  if (type === 'relationship' && place.inNested === 'array') flags.push('relationships.nested.array');
  if (place.key !== '' && 'column_mapping' in json) {
    const targets = Object.values(json['column_mapping'] as Readonly<Record<string, readonly string[]>>);
    if (targets.some((target) => target.length > 1)) flags.push('relationships.nested');
  }
  return flags;
}

function fieldPathFlags(json: Json, type: string | undefined, place: Place): string[] {
  if (type === 'column_count' || type === 'single_column') return ['query.nested_fields.aggregates'];
  if (type === 'related') return ['relationships.nested', 'relationships.nested.filtering'];
  if ('relationship' in json) return ['relationships.nested', 'relationships.nested.ordering'];
  return [place.inOrderBy ? 'query.nested_fields.order_by' : 'query.nested_fields.filter_by'];
}

function nestedPlace(json: Json, key: string, place: Place): Place['inNested'] {
  // A relationship's own query is a row of its own again.
  if (key === 'query') return undefined;
  if (key !== 'fields') return place.inNested;
  if (json['type'] === 'array') return 'array';
  if (json['type'] === 'object' && place.inNested !== 'array') return 'object';
  return place.inNested;
}

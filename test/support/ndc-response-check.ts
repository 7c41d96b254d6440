import type {
  Aggregate,
  Query,
  QueryRequest,
  RowSet,
  SchemaResponse,
  Type,
  TypeRepresentation,
} from '@hasura/ndc-sdk-typescript';

/**
 * What the official `ndc-test` demands of a response, restated: keys are there exactly when they were asked for, and
 * every value has the JSON form of its declared type.
 */
export function checkQueryResponse(schema: SchemaResponse, request: QueryRequest, response: unknown): RowSet[] {
  const rowSets = expectArray(response, 'response');
  const expected = request.variables?.length ?? 1;
  if (rowSets.length !== expected) throw new Error(`${rowSets.length} row sets instead of ${expected}`);
  const rowType = rowTypeOf(schema, request.collection);
  rowSets.forEach((rowSet, index) => checkRowSet(schema, request, rowType, request.query, rowSet, `[${index}]`));
  return rowSets as RowSet[];
}

function checkRowSet(
  schema: SchemaResponse,
  request: QueryRequest,
  rowType: string,
  query: Query,
  value: unknown,
  at: string,
): void {
  const rowSet = expectObject(value, at);
  for (const [key, asked] of [
    ['rows', query.fields],
    ['aggregates', query.aggregates],
    ['groups', query.groups],
  ] as const) {
    if ((rowSet[key] !== undefined) !== (asked !== undefined && asked !== null)) {
      throw new Error(`${at} ${rowSet[key] === undefined ? 'lacks' : 'has unasked'} "${key}"`);
    }
  }
  if (query.fields) {
    const rows = expectArray(rowSet['rows'], `${at}.rows`);
    if (typeof query.limit === 'number' && rows.length > query.limit) {
      throw new Error(`${at} has ${rows.length} rows for limit ${query.limit}`);
    }
    rows.forEach((row, index) => checkRow(schema, request, rowType, query, row, `${at}.rows[${index}]`));
  }
  if (query.aggregates) checkAggregates(schema, rowType, query.aggregates, rowSet['aggregates'], `${at}.aggregates`);
  if (query.groups) {
    const { dimensions, aggregates, limit } = query.groups;
    const groups = expectArray(rowSet['groups'], `${at}.groups`);
    if (typeof limit === 'number' && groups.length > limit) throw new Error(`${at} has ${groups.length} groups`);
    const seen = new Set<string>();
    for (const [index, each] of groups.entries()) {
      const group = expectObject(each, `${at}.groups[${index}]`);
      const values = expectArray(group['dimensions'], `${at}.groups[${index}].dimensions`);
      if (values.length !== dimensions.length)
        throw new Error(`${at}.groups[${index}] has ${values.length} dimensions`);
      const key = JSON.stringify(values);
      if (seen.has(key)) throw new Error(`${at}.groups has ${key} twice`);
      seen.add(key);
      checkAggregates(schema, rowType, aggregates, group['aggregates'], `${at}.groups[${index}].aggregates`);
    }
  }
}

function checkRow(
  schema: SchemaResponse,
  request: QueryRequest,
  rowType: string,
  query: Query,
  value: unknown,
  at: string,
): void {
  const row = expectObject(value, at);
  for (const [alias, field] of Object.entries(query.fields ?? {})) {
    if (!(alias in row)) throw new Error(`${at} lacks "${alias}"`);
    if (field.type === 'column') {
      if (field.fields) continue;
      const type = schema.object_types[rowType]?.fields[field.column]?.type;
      if (!type) throw new Error(`${rowType} has no "${field.column}"`);
      checkValue(schema, type, row[alias], `${at}.${alias}`);
    } else {
      const target = request.collection_relationships[field.relationship]?.target_collection as string;
      checkRowSet(schema, request, rowTypeOf(schema, target), field.query, row[alias], `${at}.${alias}`);
    }
  }
}

function checkAggregates(
  schema: SchemaResponse,
  rowType: string,
  asked: Readonly<Record<string, Aggregate>>,
  value: unknown,
  at: string,
): void {
  const aggregates = expectObject(value, at);
  const [got, want] = [Object.keys(aggregates).sort(), Object.keys(asked).sort()];
  if (got.join() !== want.join()) throw new Error(`${at} has ${got.join()} instead of ${want.join()}`);
  for (const [alias, aggregate] of Object.entries(asked)) {
    checkValue(schema, aggregateType(schema, rowType, aggregate), aggregates[alias], `${at}.${alias}`);
  }
}

/** Type of an aggregate's value as the schema declares it; counts are checked as the official suite does. */
function aggregateType(schema: SchemaResponse, rowType: string, aggregate: Aggregate): Type {
  if (aggregate.type !== 'single_column') {
    return named(schema.capabilities?.query?.aggregates?.count_scalar_type as string);
  }
  const column = schema.object_types[rowType]?.fields[aggregate.column]?.type as Type;
  const scalar = innermostName(column);
  const definition = schema.scalar_types[scalar]?.aggregate_functions[aggregate.function];
  switch (definition?.type) {
    case 'min':
    case 'max':
      return nullable(named(scalar));
    case 'sum':
      return named(definition.result_type);
    case 'average':
      return nullable(named(definition.result_type));
    case 'custom':
      return definition.result_type;
    default:
      throw new Error(`${scalar} has no aggregate function "${aggregate.function}"`);
  }
}

/** Whether a value is what the type says; every declared field of an object must be there. */
export function checkValue(schema: SchemaResponse, type: Type, value: unknown, at: string): void {
  switch (type.type) {
    case 'nullable':
      if (value !== null) checkValue(schema, type.underlying_type, value, at);
      return;
    case 'array':
      expectArray(value, at).forEach((item, index) => checkValue(schema, type.element_type, item, `${at}[${index}]`));
      return;
    case 'predicate':
      throw new Error(`${at} has a predicate type`);
    case 'named': {
      const object = schema.object_types[type.name];
      if (object) {
        const fields = expectObject(value, at);
        for (const [name, field] of Object.entries(object.fields)) {
          if (!(name in fields)) throw new Error(`${at} lacks "${name}"`);
          checkValue(schema, field.type, fields[name], `${at}.${name}`);
        }
        return;
      }
      const scalar = schema.scalar_types[type.name];
      if (!scalar) throw new Error(`${at}: the schema does not define "${type.name}"`);
      if (!isOfRepresentation(scalar.representation, value)) {
        throw new Error(`${at} is ${JSON.stringify(value)}, not ${JSON.stringify(scalar.representation)}`);
      }
    }
  }
}

function isOfRepresentation(representation: TypeRepresentation, value: unknown): boolean {
  switch (representation.type) {
    case 'boolean':
      return typeof value === 'boolean';
    case 'int8':
    case 'int16':
    case 'int32':
      return Number.isInteger(value);
    case 'float32':
    case 'float64':
      return typeof value === 'number';
    case 'enum':
      return representation.one_of.includes(value as string);
    case 'json':
    case 'geography':
    case 'geometry':
      return value !== undefined;
    default:
      return typeof value === 'string';
  }
}

export function rowTypeOf(schema: SchemaResponse, collection: string): string {
  const found = schema.collections.find(({ name }) => name === collection);
  if (!found) throw new Error(`the schema has no collection "${collection}"`);
  return found.type;
}

function innermostName(type: Type): string {
  switch (type.type) {
    case 'named':
      return type.name;
    case 'nullable':
      return innermostName(type.underlying_type);
    case 'array':
      return innermostName(type.element_type);
    default:
      throw new Error(`a ${type.type} type has no innermost name`);
  }
}

function expectArray(value: unknown, at: string): unknown[] {
  if (!Array.isArray(value)) throw new Error(`${at} is ${JSON.stringify(value)?.slice(0, 200)}, not an array`);
  return value;
}

function expectObject(value: unknown, at: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`${at} is ${JSON.stringify(value)?.slice(0, 200)}, not an object`);
  }
  return value as Record<string, unknown>;
}

const named = (name: string): Type => ({ type: 'named', name });
const nullable = (underlying: Type): Type => ({ type: 'nullable', underlying_type: underlying });

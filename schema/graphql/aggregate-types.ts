import { camelCase, pascalCase } from '../../core/domain/spelling.ts';
import {
  AGGREGATE_FUNCTIONS,
  type AggregateFunctionName,
  COUNT_KIND,
  resultKindOf,
} from '../query/aggregate-functions.ts';
import type { AggregateForm, AggregatesForm, Row } from '../query/form.ts';
import type { Builder } from './builder.ts';
import { type ObjectShape, type ObjectShapes, scalarColumns } from './object-shape.ts';
import { GRAPHQL_SCALARS } from './scalar-kinds.ts';
import type { Selection } from './selection.ts';

/** The aggregates of one list, flat under `<key>` or `<key>.<key>` of the selection. */
export interface AggregateValues {
  readonly values: Row;
  readonly prefix: string;
}

const FUNCTIONS = Object.keys(AGGREGATE_FUNCTIONS) as AggregateFunctionName[];

/** Object type per collection: `AnomalyRecordAggregate { count, countDistinct { … }, avg { score }, … }`. */
export function aggregateTypes(builder: Builder, shapes: ObjectShapes) {
  return new Map(
    [...shapes.values()]
      .filter(({ collection }) => collection !== null)
      .map((shape) => [shape.name, aggregateType(builder, shape)]),
  );
}

export const aggregateValues = (values: Row): AggregateValues => ({ values, prefix: '' });

function aggregateType(builder: Builder, shape: ObjectShape) {
  const ref = builder.objectRef<AggregateValues>(`${shape.typeName}Aggregate`);
  const countKind = GRAPHQL_SCALARS[COUNT_KIND];
  const distinct = builder.objectRef<AggregateValues>(`${shape.typeName}CountDistinct`).implement({
    fields: (t) =>
      Object.fromEntries(
        scalarColumns(shape)
          .filter(({ scalar }) => scalar.scalar !== 'json') // databases disagree on which JSON is equal
          .map(({ field }) => [field, t.field({ type: countKind, resolve: pick })]),
      ),
  });
  const functions = FUNCTIONS.flatMap((name) => {
    const type = functionType(builder, name, shape);
    return type === undefined ? [] : [{ name, type }];
  });
  return ref.implement({
    description: `Aggregates over rows of ${shape.collection?.name}.`,
    fields: (t) => ({
      count: t.field({ type: countKind, description: 'Number of rows.', resolve: pick }),
      countDistinct: t.field({
        type: distinct,
        description: 'Number of different values that are not null.',
        resolve: group,
      }),
      ...Object.fromEntries(
        functions.map(({ name, type }) => [
          camelCase(name),
          t.field({ type, description: AGGREGATE_FUNCTIONS[name].description, resolve: group }),
        ]),
      ),
    }),
  });
}

function functionType(builder: Builder, name: AggregateFunctionName, shape: ObjectShape) {
  const columns = scalarColumns(shape).flatMap(({ field, scalar }) => {
    const kind = resultKindOf(name, scalar);
    return kind === undefined ? [] : [[field, GRAPHQL_SCALARS[kind]] as const];
  });
  if (columns.length === 0) return undefined;
  return builder.objectRef<AggregateValues>(`${shape.typeName}${pascalCase(name)}`).implement({
    fields: (t) =>
      Object.fromEntries(columns.map(([field, type]) => [field, t.field({ type, nullable: true, resolve: pick })])),
  });
}

interface PathInfo {
  readonly path: { readonly key: string | number };
}

function pick({ values, prefix }: AggregateValues, _args: unknown, _context: unknown, { path }: PathInfo): unknown {
  return values[prefix + path.key];
}

function group({ values }: AggregateValues, _args: unknown, _context: unknown, { path }: PathInfo): AggregateValues {
  return { values, prefix: `${path.key}.` };
}

/** What is selected of an aggregate type, under the keys that `pick` looks for. */
export function lowerAggregates(selections: readonly Selection[], shape: ObjectShape): AggregatesForm {
  const aggregates = new Map<string, AggregateForm>();
  for (const { key, name, children } of selections) {
    if (name === 'count') {
      aggregates.set(key, { kind: 'star-count' });
      continue;
    }
    for (const child of children) {
      const column = shape.columns.get(child.name)?.column as string;
      aggregates.set(
        `${key}.${child.key}`,
        name === 'countDistinct'
          ? { kind: 'column-count', column, distinct: true }
          : { kind: 'function', function: functionNamed(name), column },
      );
    }
  }
  return aggregates;
}

function functionNamed(field: string): AggregateFunctionName {
  const name = FUNCTIONS.find((candidate) => camelCase(candidate) === field);
  if (!name) throw new Error(`there is no aggregate function "${field}"`);
  return name;
}

import { randomUUID } from 'node:crypto';
import { uuidv7 } from '../../core/domain/ids.ts';
import type { Dataset, Observation } from '../../core/domain/observation.ts';
import { queryHashOf, queryIdOf, type QueryShape } from '../../core/domain/query-shape.ts';

/** Hand-made observations for tests below the adapters. */
export function shapeOf(text: string, fields: readonly string[] = ['tracks.id']): QueryShape {
  return {
    id: queryIdOf('graphql', text),
    text,
    operationType: 'query',
    rootFields: [...new Set(fields.map((field) => field.split('.')[0] as string))],
    fields,
    features: {
      queryLength: text.length,
      depth: 2,
      fields: fields.length,
      arguments: 0,
      variables: 0,
      hasPagination: false,
      hasFiltering: false,
      hasSorting: false,
      complexityScore: 2 * fields.length + 6,
      aliases: 0,
      rootFields: 1,
      introspection: false,
    },
  };
}

export function datasetOf(name: string, rows: readonly Readonly<Record<string, unknown>>[]): Dataset {
  const paths = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return {
    name,
    recordCount: rows.length,
    columns: paths.map((path) => ({ path, cells: rows.map((row) => row[path] as string | number | boolean | null) })),
    droppedRecords: 0,
    droppedColumns: 0,
  };
}

export function observationOf(
  partial: Partial<Observation> & { readonly role?: string; readonly userId?: string | null },
): Observation {
  const at = partial.at ?? Date.UTC(2026, 0, 5, 12);
  const shape = partial.shape ?? shapeOf('query { tracks { id } }');
  return {
    id: uuidv7(at),
    at,
    receivedAt: at,
    source: 'graphql',
    deliveryKey: randomUUID(),
    traceId: null,
    requestId: null,
    principal: { role: partial.role ?? 'support', userId: partial.userId ?? '17', sessionVariables: new Map() },
    operationName: null,
    shape,
    queryHash: queryHashOf(shape.text),
    arguments: [],
    datasets: [],
    errorCount: 0,
    killed: false,
    ...partial,
  };
}

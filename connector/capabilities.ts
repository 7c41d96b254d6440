import type { Capabilities } from '@hasura/ndc-sdk-typescript';

/**
 * What is declared is honoured: each flag has at least one replay snapshot in test/ndc-snapshots and a test that fails
 * where a flag has none. The experimental relational flags are left out on purpose.
 */
export const CAPABILITIES = {
  query: {
    aggregates: { filter_by: {}, group_by: { filter: {}, order: {}, paginate: {} } },
    variables: {},
    explain: {},
    nested_fields: {
      filter_by: { nested_arrays: { contains: {}, is_empty: {} } },
      order_by: {},
      aggregates: {},
      nested_collections: {},
    },
    exists: { named_scopes: {}, unrelated: {}, nested_collections: {}, nested_scalar_collections: {} },
  },
  mutation: { transactional: {}, explain: {} },
  relationships: {
    relation_comparisons: {},
    order_by_aggregate: {},
    nested: { array: {}, filtering: {}, ordering: {} },
  },
} as const satisfies Capabilities;

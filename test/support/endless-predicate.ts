const column = (name: string, scope: number): object => ({ type: 'column', name, path: [], scope });
const compare = (operator: string, value: object): object => ({
  type: 'binary_comparison_operator',
  column: { type: 'column', name: 'name' },
  operator,
  value,
});

/**
 * An NDC predicate on `kill_switch_instances` that is false after comparing every four of them: no database finds a
 * shorter way, as the innermost comparison looks at the outermost row.
 */
export const ENDLESS_PREDICATE: object = [1, 2, 3].reduce(
  (predicate) => ({
    type: 'exists',
    in_collection: { type: 'unrelated', collection: 'kill_switch_instances', arguments: {} },
    predicate: { type: 'and', expressions: [compare('_neq', column('name', 1)), predicate] },
  }),
  compare('_contains', column('state', 3)),
);

/** So many instances make it take hours. */
export const ENDLESS_INSTANCES = 300;

/** Steps of a Relay connection, which a rule's author need not spell out. */
const CONNECTION_STEPS: ReadonlySet<string> = new Set(['edges', 'node', 'nodes']);

/**
 * Where a field stands, by names and never by aliases: `customers.address.city`. `short` leaves out the steps of
 * connections, so that `customers.ssn` also names `customers.edges.node.ssn`.
 */
export interface SchemaPath {
  readonly full: string;
  readonly short: string;
}

export const ROOT_PATH: SchemaPath = { full: '', short: '' };

export function childPath(parent: SchemaPath, name: string): SchemaPath {
  return {
    full: join(parent.full, name),
    short: CONNECTION_STEPS.has(name) && parent.short !== '' ? parent.short : join(parent.short, name),
  };
}

export function lookUpPath<T>(byPath: ReadonlyMap<string, T>, path: SchemaPath): T | undefined {
  return byPath.get(path.full) ?? (path.short === path.full ? undefined : byPath.get(path.short));
}

function join(parent: string, name: string): string {
  return parent === '' ? name : `${parent}.${name}`;
}

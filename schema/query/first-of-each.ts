/** The first value of each key, in their order. A sort key decides nothing where it stands again; SQL Server refuses it. */
export function firstOfEach<T>(values: readonly T[], keyOf: (value: T, index: number) => unknown): T[] {
  const seen = new Set<unknown>();
  return values.filter((value, index) => {
    const key = keyOf(value, index);
    return !seen.has(key) && seen.add(key);
  });
}

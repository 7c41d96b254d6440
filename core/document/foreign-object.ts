/** Objects that came from outside: anything may be missing or of another type, and only own properties count. */
export type ForeignObject = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is ForeignObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The own property, or undefined where there is none or `value` is no object. */
export function property(value: unknown, key: string): unknown {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

export function textProperty(value: unknown, key: string): string | undefined {
  const found = property(value, key);
  return typeof found === 'string' ? found : undefined;
}

export function listProperty(value: unknown, key: string): readonly unknown[] {
  const found = property(value, key);
  return Array.isArray(found) ? found : [];
}

/** Own entries of an own property that is an object; none otherwise. */
export function entriesOf(value: unknown, key: string): [string, unknown][] {
  const found = property(value, key);
  return isRecord(found) ? Object.entries(found) : [];
}

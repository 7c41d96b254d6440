/** A map that forgets its least recently used entry beyond a number of entries; insertion order is order of use. */
export class BoundedMap<Value> {
  readonly capacity: number;
  readonly entries: Map<string, Value>;

  constructor(capacity: number, entries: Iterable<readonly [string, Value]> = []) {
    this.capacity = capacity;
    this.entries = new Map(entries);
  }

  /** Reads without counting as use, so that examining a request changes nothing. */
  peek(key: string): Value | undefined {
    return this.entries.get(key);
  }

  /** The entry for a key, made when absent, and now the most recently used. */
  use(key: string, create: () => Value): Value {
    const value = this.entries.get(key) ?? create();
    this.entries.delete(key);
    this.entries.set(key, value);
    if (this.entries.size > this.capacity) {
      for (const oldest of this.entries.keys()) {
        this.entries.delete(oldest);
        break;
      }
    }
    return value;
  }
}

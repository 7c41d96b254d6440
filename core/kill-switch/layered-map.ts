/**
 * A map that never changes; `with` answers the map after some changes and shares nearly everything with it.
 *
 * Two layers: a large one that many versions share, and over it a small one with what changed since. The small one is
 * copied with each change. Once it has as many entries as the square root of the large one, both become a new large one:
 * so a change costs in the order of √n on average, and a look-up at most two of `Map`.
 */
export class LayeredMap<K, V extends object> {
  readonly size: number;
  readonly #base: ReadonlyMap<K, V>;
  /** Null: no longer there. */
  readonly #recent: ReadonlyMap<K, V | null>;

  private constructor(base: ReadonlyMap<K, V>, recent: ReadonlyMap<K, V | null>, size: number) {
    this.#base = base;
    this.#recent = recent;
    this.size = size;
  }

  /** @param entries nobody changes them from now on. */
  static of<K, V extends object>(entries: ReadonlyMap<K, V>): LayeredMap<K, V> {
    return new LayeredMap<K, V>(entries, new Map(), entries.size);
  }

  get(key: K): V | undefined {
    if (this.#recent.size > 0) {
      const recent = this.#recent.get(key);
      if (recent !== undefined) return recent ?? undefined;
    }
    return this.#base.get(key);
  }

  *entries(): IterableIterator<[K, V]> {
    for (const entry of this.#base) if (!this.#recent.has(entry[0])) yield entry;
    for (const [key, value] of this.#recent) if (value !== null) yield [key, value];
  }

  *keys(): IterableIterator<K> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): IterableIterator<V> {
    for (const [, value] of this.entries()) yield value;
  }

  /** @param changes new values; null takes the key away. */
  with(changes: ReadonlyMap<K, V | null>): LayeredMap<K, V> {
    let { size } = this;
    for (const [key, value] of changes) {
      if (this.get(key) !== undefined) size--;
      if (value !== null) size++;
    }
    if (this.#recent.size + changes.size <= Math.sqrt(this.#base.size)) {
      return new LayeredMap(this.#base, new Map([...this.#recent, ...changes]), size);
    }
    const base = new Map(this.#recent.size === 0 ? this.#base : this.entries());
    for (const [key, value] of changes) {
      if (value === null) base.delete(key);
      else base.set(key, value);
    }
    return new LayeredMap(base, new Map(), size);
  }
}

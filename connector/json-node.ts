import { badRequest } from '../core/domain/errors.ts';

/** Readers recurse once per level: far below what a stack holds, far above any request of the engine. */
const MAX_DEPTH = 512;

/**
 * A value of a foreign JSON document together with where it stands. Reads own properties only, never converts
 * (`"5"` is not a number), and refuses with the offending path. The path is spelled out only when an error needs it.
 */
export class JsonNode {
  readonly value: unknown;
  readonly #parent: JsonNode | undefined;
  readonly #key: string | number;
  readonly #depth: number;

  constructor(value: unknown, parent?: JsonNode, key: string | number = '') {
    this.value = value;
    this.#parent = parent;
    this.#key = key;
    this.#depth = parent ? parent.#depth + 1 : 0;
    // Our host measures the body before; this holds where another host runs the connector.
    if (this.#depth > MAX_DEPTH)
      throw badRequest('NDC_TOO_DEEP', `The request is nested more than ${MAX_DEPTH} levels deep.`);
  }

  /** `query.predicate.expressions[2].column`; the document itself is `$`. */
  get path(): string {
    return this.#parent ? this.#steps().replace(/^\./, '') : '$';
  }

  #steps(): string {
    if (!this.#parent) return '';
    const key = this.#key;
    const step = typeof key === 'number' ? `[${key}]` : isPlainName(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
    return this.#parent.#steps() + step;
  }

  /** Refuses this value: `limit is "5"; expected …`. */
  refuse(expected: string): Error {
    return badRequest('NDC_MALFORMED', `${this.path} is ${show(this.value)}; expected ${expected}.`, {
      path: this.path,
    });
  }

  /** The property, or undefined where it is absent or null: the protocol treats both alike. */
  optional(name: string): JsonNode | undefined {
    const value = this.#own(name);
    return value === undefined || value === null ? undefined : new JsonNode(value, this, name);
  }

  /** The property, which must be there and not be null. */
  required(name: string): JsonNode {
    const child = this.optional(name);
    if (!child) {
      throw badRequest('NDC_MALFORMED', `${this.path} has no "${name}".`, { path: this.path });
    }
    return child;
  }

  /** The property with null as a value of its own (operands, literals): absent is refused. */
  present(name: string): JsonNode {
    const value = this.#own(name);
    if (value === undefined) {
      throw badRequest('NDC_MALFORMED', `${this.path} has no "${name}".`, { path: this.path });
    }
    return new JsonNode(value, this, name);
  }

  string(): string {
    if (typeof this.value !== 'string') throw this.refuse('a string');
    return this.value;
  }

  boolean(): boolean {
    if (typeof this.value !== 'boolean') throw this.refuse('true or false');
    return this.value;
  }

  /** A limit, an offset, an index: an integer of 32 bits, not negative. */
  count(): number {
    const { value } = this;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
      throw this.refuse('an integer between 0 and 4294967295');
    }
    return value;
  }

  list(): JsonNode[] {
    if (!Array.isArray(this.value)) throw this.refuse('an array');
    return this.value.map((item: unknown, index) => new JsonNode(item, this, index));
  }

  strings(): string[] {
    return this.list().map((item) => item.string());
  }

  /** The properties of a map whose keys are the caller's own names. */
  entries(): [string, JsonNode][] {
    const { value } = this;
    if (!isObject(value)) throw this.refuse('an object');
    return Object.keys(value).map((key) => {
      // The one name that can't be a key of a plain answer object without changing its prototype.
      if (key === '__proto__')
        throw badRequest('NDC_MALFORMED', `${this.path} has the key "__proto__", which is not a usable name.`, {
          path: this.path,
        });
      return [key, new JsonNode(value[key], this, key)];
    });
  }

  map<T>(read: (node: JsonNode) => T): Map<string, T> {
    return new Map(this.entries().map(([key, node]) => [key, read(node)]));
  }

  /** Reads a tagged union: the reader of the member that `type` names. */
  tagged<T>(readers: Readonly<Record<string, (node: JsonNode) => T>>): T {
    const tag = this.required('type');
    const name = tag.string();
    const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (!read) throw tag.refuse(`one of ${Object.keys(readers).join(', ')}`);
    return read(this);
  }

  #own(name: string): unknown {
    const { value } = this;
    if (!isObject(value)) throw this.refuse('an object');
    return Object.hasOwn(value, name) ? value[name] : undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPlainName(key: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(key);
}

function show(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? typeof value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

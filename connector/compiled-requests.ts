import { LRUCache } from 'lru-cache';

/** Of request text, in characters. */
const MAX_CHARACTERS = 2 ** 18;
const MAX_CHARACTERS_EACH = 2 ** 14;

/** Stands for what a request compiled to that was asked once so far. */
const ASKED_ONCE = Symbol('asked once');

/**
 * What requests compiled to, by their whole text: dashboards, automations and polling programs ask the same question again
 * and again, and one whose answer is small costs up to twice the CPU when it is new (`npm run bench ndc-cpu`). Kept from
 * the second time on, so that questions that are asked once leave nothing but their text for a while. Requests with
 * variables are left out: their values change from one to the next.
 */
export class CompiledRequests<T extends object> {
  readonly #compile: (body: unknown) => T;
  readonly #known = new LRUCache<string, T | typeof ASKED_ONCE>({
    maxSize: MAX_CHARACTERS,
    maxEntrySize: MAX_CHARACTERS_EACH,
    sizeCalculation: (_compiled, text) => text.length,
  });

  /** @param compile pure: what it returns is shared and must not be changed; what it throws is not remembered */
  constructor(compile: (body: unknown) => T) {
    this.#compile = compile;
  }

  /** @param body a parsed JSON document */
  get(body: unknown): T {
    const hasVariables = typeof body === 'object' && body !== null && 'variables' in body;
    if (hasVariables) return this.#compile(body);
    const text = JSON.stringify(body);
    if (text.includes('null') && holdsInfinity(body)) return this.#compile(body);
    const known = this.#known.get(text);
    if (typeof known === 'object') return known;
    const compiled = this.#compile(body);
    this.#known.set(text, known === ASKED_ONCE ? compiled : ASKED_ONCE);
    return compiled;
  }
}

/** JSON.parse reads `1e999` as infinity, which JSON.stringify writes as null: the texts are the same, the requests are not. */
function holdsInfinity(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsInfinity);
}

import { ConditionFault } from './fault.ts';
import { LIMITS } from './limits.ts';
import { KEYWORDS } from './names.ts';
import type { Node, Span } from './syntax-tree.ts';
import { readToken } from './tokens.ts';
import type { Token } from './tokens.ts';

/** Where the parser stands in a condition's text: the next token, and what nesting and nodes have used of the limits. */
export class TokenCursor {
  token: Token;
  readonly #text: string;
  #previousEnd = 0;
  #nesting = 0;
  #nodes = 0;

  /** @throws ConditionFault here and in `advance` when no token can be read. */
  constructor(text: string) {
    this.#text = text;
    this.token = readToken(text, 0);
  }

  /** Counts a node of the tree against the limit. */
  make<T extends Node>(node: T): T {
    this.count();
    return node;
  }

  count(): void {
    if (++this.#nodes > LIMITS.nodes) {
      throw new ConditionFault(
        `The condition has more than ${LIMITS.nodes} operators and operands.`,
        this.#previousEnd,
      );
    }
  }

  /** Takes back the count of a literal in a list: the list counts as one. */
  discount(): void {
    this.#nodes--;
  }

  /** Enters one level of nesting; the caller leaves it with the function returned. */
  nest(): () => void {
    if (++this.#nesting > LIMITS.nesting) {
      throw new ConditionFault(`The condition nests deeper than ${LIMITS.nesting} levels.`, this.token.start);
    }
    return () => {
      this.#nesting--;
    };
  }

  advance(): void {
    this.#previousEnd = this.token.end;
    this.token = readToken(this.#text, this.#previousEnd);
  }

  /** From a position to the end of the token read last. */
  span(start: number): Span {
    return { start, end: this.#previousEnd };
  }

  isAtEnd(): boolean {
    return this.token.kind === 'end';
  }

  isSymbol(value: string): boolean {
    return this.token.kind === 'symbol' && this.token.value === value;
  }

  isWord(value: string): boolean {
    return this.token.kind === 'word' && this.token.value === value;
  }

  isOperator(word: string, symbol: string): boolean {
    return this.isWord(word) || this.isSymbol(symbol);
  }

  expect(symbol: string, wanted = `expected "${symbol}"`): void {
    if (!this.isSymbol(symbol)) throw new ConditionFault(`${this.#found()}; ${wanted}.`, this.token.start);
    this.advance();
  }

  unexpected(wanted: string): ConditionFault {
    return new ConditionFault(`${this.#found()}; expected ${wanted}.`, this.token.start);
  }

  #found(): string {
    if (this.token.kind === 'end') return 'The condition ends here';
    const shown = this.#text.slice(this.token.start, Math.min(this.token.end, this.token.start + 40));
    const upper = shown.toLowerCase();
    const hint = shown !== upper && KEYWORDS.has(upper) ? ` (keywords are lower-case: "${upper}")` : '';
    return `Unexpected ${shown.startsWith('"') ? shown : `"${shown}"`}${hint}`;
  }
}

import { ConditionFault } from './fault.ts';
import { LIMITS } from './limits.ts';
import { isConstant } from './syntax-tree.ts';
import type { ArithmeticOperator, ComparisonOperator, Node } from './syntax-tree.ts';
import { parseTimestamp } from './timestamps.ts';
import { readToken } from './tokens.ts';
import type { Token } from './tokens.ts';

/** Words that are never names when bare. */
export const KEYWORDS: ReadonlySet<string> = new Set(['and', 'or', 'not', 'in', 'true', 'false', 'null', 'now']);

/** Bare, these would mean an object's machinery in other languages; `a["constructor"]` and backquotes read own keys. */
export const FORBIDDEN_NAMES: ReadonlySet<string> = new Set(['constructor', '__proto__', 'prototype']);

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=', '=~', '!~']);

/**
 * Parses a condition, in either spelling (`and or not`, `&& || !`), to a syntax tree.
 *
 * Recursive descent, loosest operator first. The depth of recursion is bounded by `LIMITS.nesting`, so no text overflows
 * the stack.
 *
 * @throws ConditionFault at the first place that cannot be read, or that goes over a limit.
 */
export function parseCondition(text: string): Node {
  if (text.length > LIMITS.textLength) {
    throw new ConditionFault(
      `The condition has ${text.length} characters; at most ${LIMITS.textLength} are allowed.`,
      LIMITS.textLength,
    );
  }
  const parser = new Parser(text);
  return parser.parseWhole();
}

class Parser {
  readonly #text: string;
  #token: Token;
  #previousEnd = 0;
  #nesting = 0;
  #nodes = 0;
  /** Variables of the enclosing quantifiers, outermost first. */
  readonly #variables: string[] = [];

  constructor(text: string) {
    this.#text = text;
    this.#token = readToken(text, 0);
  }

  parseWhole(): Node {
    if (this.#token.kind === 'end') throw new ConditionFault('The condition is empty.', 0);
    const tree = this.#conditional();
    if (!this.#isAtEnd()) throw this.#unexpected('an operator or the end');
    return tree;
  }

  #conditional(): Node {
    const test = this.#or();
    if (!this.#isSymbol('?')) return test;
    const leave = this.#nest();
    this.#advance();
    const consequent = this.#conditional();
    this.#expect(':');
    const alternate = this.#conditional();
    leave();
    return this.#make({ kind: 'conditional', test, consequent, alternate, ...this.#span(test.start) });
  }

  #or(): Node {
    return this.#chain('or', '||', () => this.#chain('and', '&&', () => this.#not()));
  }

  #chain(operator: 'and' | 'or', symbol: string, operand: () => Node): Node {
    const first = operand();
    if (!this.#isOperator(operator, symbol)) return first;
    const operands = [first];
    while (this.#isOperator(operator, symbol)) {
      this.#advance();
      operands.push(operand());
      this.#count();
    }
    return { kind: 'logical', operator, operands, ...this.#span(first.start) };
  }

  #not(): Node {
    if (!this.#isWord('not')) return this.#comparison();
    const { start } = this.#token;
    const leave = this.#nest();
    this.#advance();
    const operand = this.#not();
    leave();
    return this.#make({ kind: 'not', operand, ...this.#span(start) });
  }

  #comparison(): Node {
    const left = this.#coalesce();
    const operator = this.#comparisonOperator();
    if (operator === null) return left;
    const right = this.#coalesce();
    if (isComparison(this.#token) || this.#isWord('not')) {
      throw new ConditionFault(
        'Comparisons do not chain; join them with "and", or use parentheses.',
        this.#token.start,
      );
    }
    return this.#make({ kind: 'comparison', operator, left, right, ...this.#span(left.start) });
  }

  #comparisonOperator(): ComparisonOperator | null {
    if (this.#isWord('not')) {
      this.#advance();
      if (!this.#isWord('in')) throw this.#unexpected('"in" after "not"');
      this.#advance();
      return 'not in';
    }
    if (!isComparison(this.#token)) return null;
    const operator = this.#token.value as ComparisonOperator;
    this.#advance();
    return operator;
  }

  #coalesce(): Node {
    let left = this.#arithmetic(ADDITIVE, () => this.#arithmetic(MULTIPLICATIVE, () => this.#unary()));
    while (this.#isSymbol('??')) {
      this.#advance();
      const right = this.#arithmetic(ADDITIVE, () => this.#arithmetic(MULTIPLICATIVE, () => this.#unary()));
      left = this.#make({ kind: 'coalesce', left, right, ...this.#span(left.start) });
    }
    return left;
  }

  #arithmetic(operators: ReadonlySet<string>, operand: () => Node): Node {
    let left = operand();
    while (this.#token.kind === 'symbol' && operators.has(this.#token.value)) {
      const operator = this.#token.value as ArithmeticOperator;
      this.#advance();
      const right = operand();
      left = this.#make({ kind: 'arithmetic', operator, left, right, ...this.#span(left.start) });
    }
    return left;
  }

  #unary(): Node {
    const { start } = this.#token;
    const isMinus = this.#isSymbol('-');
    if (!isMinus && !this.#isSymbol('!')) return this.#postfix();
    const leave = this.#nest();
    this.#advance();
    const operand = this.#unary();
    leave();
    const span = this.#span(start);
    if (!isMinus) return this.#make({ kind: 'not', operand, ...span });
    // A negative number is a literal like any other: it can stand in a list, and be checked against a type.
    if (operand.kind === 'literal' && typeof operand.value === 'number') {
      return { kind: 'literal', value: -operand.value, ...span };
    }
    return this.#make({ kind: 'negate', operand, ...span });
  }

  #postfix(): Node {
    let node = this.#primary();
    for (;;) {
      if (this.#isSymbol('.')) node = this.#memberOrMethod(node);
      else if (this.#isSymbol('[')) node = this.#index(node);
      else return node;
    }
  }

  #memberOrMethod(object: Node): Node {
    this.#advance();
    const token = this.#token;
    if (token.kind !== 'word' && token.kind !== 'quoted') throw this.#unexpected('a name after "."');
    this.#advance();
    if (token.kind === 'word' && this.#isSymbol('(')) return this.#method(object, token);
    if (token.kind === 'word') refuseForbidden(token);
    return this.#make({ kind: 'member', object, name: token.value, ...this.#span(object.start) });
  }

  #method(receiver: Node, name: Token & { kind: 'word' }): Node {
    if (name.value === 'exists' || name.value === 'all') return this.#quantifier(receiver, name.value);
    const args = this.#arguments();
    return this.#make({
      kind: 'call',
      receiver,
      name: name.value,
      nameStart: name.start,
      args,
      ...this.#span(receiver.start),
    });
  }

  #quantifier(list: Node, quantifier: 'exists' | 'all'): Node {
    const leave = this.#nest();
    this.#expect('(');
    const variable = this.#token;
    if (variable.kind !== 'word' || KEYWORDS.has(variable.value))
      throw this.#unexpected('a plain name for the element');
    refuseForbidden(variable);
    this.#advance();
    this.#expect(',', `"${quantifier}" takes a name and a condition`);
    const slot = this.#variables.push(variable.value) - 1;
    const body = this.#conditional();
    this.#variables.pop();
    this.#expect(')');
    leave();
    const span = this.#span(list.start);
    return this.#make({ kind: 'quantifier', quantifier, list, variable: variable.value, slot, body, ...span });
  }

  #index(object: Node): Node {
    const leave = this.#nest();
    this.#advance();
    const index = this.#conditional();
    this.#expect(']');
    leave();
    return this.#make({ kind: 'index', object, index, ...this.#span(object.start) });
  }

  #primary(): Node {
    const token = this.#token;
    const { start, end } = token;
    switch (token.kind) {
      case 'number':
      case 'string':
        this.#advance();
        return this.#make({ kind: 'literal', value: token.value, start, end });
      case 'date':
        return this.#timestamp(token);
      case 'quoted':
        this.#advance();
        return this.#make({ kind: 'name', name: token.value, start, end });
      case 'word':
        return this.#word(token);
      case 'symbol':
        if (token.value === '(') return this.#parenthesised();
        if (token.value === '[') return this.#list();
        break;
      case 'end':
        break;
    }
    throw this.#unexpected('a value');
  }

  #timestamp(token: Token & { kind: 'date' }): Node {
    const value = parseTimestamp(token.value);
    if (value === null) throw notATimestamp(token.value, token.start);
    this.#advance();
    return this.#make({ kind: 'literal', value, start: token.start, end: token.end });
  }

  #word(token: Token & { kind: 'word' }): Node {
    const { start, end, value: name } = token;
    const literal = LITERAL_WORDS.get(name);
    if (literal !== undefined || name === 'now') {
      this.#advance();
      return this.#make(
        name === 'now' ? { kind: 'now', start, end } : { kind: 'literal', value: literal as null, start, end },
      );
    }
    if (name === 'not') throw new ConditionFault('Put parentheses around "not …" here, or write "!".', start);
    if (KEYWORDS.has(name)) throw this.#unexpected('a value');
    refuseForbidden(token);
    this.#advance();
    if (this.#isSymbol('(')) {
      const args = this.#arguments();
      return this.#make({ kind: 'call', receiver: null, name, nameStart: start, args, ...this.#span(start) });
    }
    const slot = this.#variables.lastIndexOf(name);
    return this.#make(slot === -1 ? { kind: 'name', name, start, end } : { kind: 'variable', name, slot, start, end });
  }

  #parenthesised(): Node {
    const leave = this.#nest();
    this.#advance();
    const inner = this.#conditional();
    this.#expect(')');
    leave();
    return inner;
  }

  #list(): Node {
    const { start } = this.#token;
    const leave = this.#nest();
    this.#advance();
    const items = this.#sequence(']', (item) => {
      if (isConstant(item)) this.#nodes--;
    });
    leave();
    return this.#make({ kind: 'list', items, ...this.#span(start) });
  }

  #arguments(): Node[] {
    const leave = this.#nest();
    this.#advance();
    const args = this.#sequence(')', () => undefined);
    leave();
    return args;
  }

  #sequence(close: ')' | ']', onItem: (item: Node) => void): Node[] {
    const items: Node[] = [];
    while (!this.#isSymbol(close) || items.length > 0) {
      if (items.length === LIMITS.listLength) {
        throw new ConditionFault(`A list has at most ${LIMITS.listLength} elements.`, this.#token.start);
      }
      const item = this.#conditional();
      items.push(item);
      onItem(item);
      if (this.#isSymbol(close)) break;
      this.#expect(',', `expected "," or "${close}"`);
    }
    this.#advance();
    return items;
  }

  #make<T extends Node>(node: T): T {
    this.#count();
    return node;
  }

  #count(): void {
    if (++this.#nodes > LIMITS.nodes) {
      throw new ConditionFault(
        `The condition has more than ${LIMITS.nodes} operators and operands.`,
        this.#previousEnd,
      );
    }
  }

  /** Enters one level of nesting; the caller leaves it with the function returned. */
  #nest(): () => void {
    if (++this.#nesting > LIMITS.nesting) {
      throw new ConditionFault(`The condition nests deeper than ${LIMITS.nesting} levels.`, this.#token.start);
    }
    return () => {
      this.#nesting--;
    };
  }

  #advance(): void {
    this.#previousEnd = this.#token.end;
    this.#token = readToken(this.#text, this.#previousEnd);
  }

  #span(start: number): { start: number; end: number } {
    return { start, end: this.#previousEnd };
  }

  #isAtEnd(): boolean {
    return this.#token.kind === 'end';
  }

  #isSymbol(value: string): boolean {
    return this.#token.kind === 'symbol' && this.#token.value === value;
  }

  #isWord(value: string): boolean {
    return this.#token.kind === 'word' && this.#token.value === value;
  }

  #isOperator(word: string, symbol: string): boolean {
    return this.#isWord(word) || this.#isSymbol(symbol);
  }

  #expect(symbol: string, wanted = `expected "${symbol}"`): void {
    if (!this.#isSymbol(symbol)) throw new ConditionFault(`${this.#found()}; ${wanted}.`, this.#token.start);
    this.#advance();
  }

  #unexpected(wanted: string): ConditionFault {
    return new ConditionFault(`${this.#found()}; expected ${wanted}.`, this.#token.start);
  }

  #found(): string {
    if (this.#token.kind === 'end') return 'The condition ends here';
    const shown = this.#text.slice(this.#token.start, Math.min(this.#token.end, this.#token.start + 40));
    const upper = shown.toLowerCase();
    const hint = shown !== upper && KEYWORDS.has(upper) ? ` (keywords are lower-case: "${upper}")` : '';
    return `Unexpected ${shown.startsWith('"') ? shown : `"${shown}"`}${hint}`;
  }
}

const ADDITIVE: ReadonlySet<string> = new Set(['+', '-']);
const MULTIPLICATIVE: ReadonlySet<string> = new Set(['*', '/', '%']);
const LITERAL_WORDS: ReadonlyMap<string, true | false | null> = new Map<string, true | false | null>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

function isComparison(token: Token): boolean {
  return token.kind === 'symbol' ? COMPARISONS.has(token.value) : token.kind === 'word' && token.value === 'in';
}

function refuseForbidden(token: Token & { kind: 'word' }): void {
  if (FORBIDDEN_NAMES.has(token.value)) {
    throw new ConditionFault(
      `The name "${token.value}" is not allowed; a key of that name is read with ["…"].`,
      token.start,
    );
  }
}

/** The fault of a text that is no timestamp, wherever one is written. */
export function notATimestamp(text: string, position: number): ConditionFault {
  return new ConditionFault(
    `"${text.slice(0, 40)}" is not a timestamp; write 2026-03-10 or 2026-03-10T09:30:00Z, with a zone.`,
    position,
  );
}

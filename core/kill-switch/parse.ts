import { ConditionFault } from './fault.ts';
import { LIMITS } from './limits.ts';
import { FORBIDDEN_NAMES, KEYWORDS } from './names.ts';
import { isConstant } from './syntax-tree.ts';
import type { ArithmeticOperator, ComparisonOperator, Node } from './syntax-tree.ts';
import { parseTimestamp } from './timestamps.ts';
import { TokenCursor } from './token-cursor.ts';
import type { Token } from './tokens.ts';

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
  readonly #cursor: TokenCursor;
  /** Variables of the enclosing quantifiers, outermost first. */
  readonly #variables: string[] = [];

  constructor(text: string) {
    this.#cursor = new TokenCursor(text);
  }

  parseWhole(): Node {
    if (this.#cursor.token.kind === 'end') throw new ConditionFault('The condition is empty.', 0);
    const tree = this.#conditional();
    if (!this.#cursor.isAtEnd()) throw this.#cursor.unexpected('an operator or the end');
    return tree;
  }

  #conditional(): Node {
    const test = this.#or();
    if (!this.#cursor.isSymbol('?')) return test;
    const leave = this.#cursor.nest();
    this.#cursor.advance();
    const consequent = this.#conditional();
    this.#cursor.expect(':');
    const alternate = this.#conditional();
    leave();
    return this.#cursor.make({ kind: 'conditional', test, consequent, alternate, ...this.#cursor.span(test.start) });
  }

  #or(): Node {
    return this.#chain('or', '||', () => this.#chain('and', '&&', () => this.#not()));
  }

  #chain(operator: 'and' | 'or', symbol: string, operand: () => Node): Node {
    const first = operand();
    if (!this.#cursor.isOperator(operator, symbol)) return first;
    const operands = [first];
    while (this.#cursor.isOperator(operator, symbol)) {
      this.#cursor.advance();
      operands.push(operand());
      this.#cursor.count();
    }
    return { kind: 'logical', operator, operands, ...this.#cursor.span(first.start) };
  }

  #not(): Node {
    if (!this.#cursor.isWord('not')) return this.#comparison();
    const { start } = this.#cursor.token;
    const leave = this.#cursor.nest();
    this.#cursor.advance();
    const operand = this.#not();
    leave();
    return this.#cursor.make({ kind: 'not', operand, ...this.#cursor.span(start) });
  }

  #comparison(): Node {
    const left = this.#coalesce();
    const operator = this.#comparisonOperator();
    if (operator === null) return left;
    const right = this.#coalesce();
    if (isComparison(this.#cursor.token) || this.#cursor.isWord('not')) {
      throw new ConditionFault(
        'Comparisons do not chain; join them with "and", or use parentheses.',
        this.#cursor.token.start,
      );
    }
    return this.#cursor.make({ kind: 'comparison', operator, left, right, ...this.#cursor.span(left.start) });
  }

  #comparisonOperator(): ComparisonOperator | null {
    if (this.#cursor.isWord('not')) {
      this.#cursor.advance();
      if (!this.#cursor.isWord('in')) throw this.#cursor.unexpected('"in" after "not"');
      this.#cursor.advance();
      return 'not in';
    }
    if (!isComparison(this.#cursor.token)) return null;
    const operator = this.#cursor.token.value as ComparisonOperator;
    this.#cursor.advance();
    return operator;
  }

  #coalesce(): Node {
    let left = this.#arithmetic(ADDITIVE, () => this.#arithmetic(MULTIPLICATIVE, () => this.#unary()));
    while (this.#cursor.isSymbol('??')) {
      this.#cursor.advance();
      const right = this.#arithmetic(ADDITIVE, () => this.#arithmetic(MULTIPLICATIVE, () => this.#unary()));
      left = this.#cursor.make({ kind: 'coalesce', left, right, ...this.#cursor.span(left.start) });
    }
    return left;
  }

  #arithmetic(operators: ReadonlySet<string>, operand: () => Node): Node {
    let left = operand();
    while (this.#cursor.token.kind === 'symbol' && operators.has(this.#cursor.token.value)) {
      const operator = this.#cursor.token.value as ArithmeticOperator;
      this.#cursor.advance();
      const right = operand();
      left = this.#cursor.make({ kind: 'arithmetic', operator, left, right, ...this.#cursor.span(left.start) });
    }
    return left;
  }

  #unary(): Node {
    const { start } = this.#cursor.token;
    const isMinus = this.#cursor.isSymbol('-');
    if (!isMinus && !this.#cursor.isSymbol('!')) return this.#postfix();
    const leave = this.#cursor.nest();
    this.#cursor.advance();
    const operand = this.#unary();
    leave();
    const span = this.#cursor.span(start);
    if (!isMinus) return this.#cursor.make({ kind: 'not', operand, ...span });
    // A negative number is a literal like any other: it can stand in a list, and be checked against a type.
    if (operand.kind === 'literal' && typeof operand.value === 'number') {
      return { kind: 'literal', value: -operand.value, ...span };
    }
    return this.#cursor.make({ kind: 'negate', operand, ...span });
  }

  #postfix(): Node {
    let node = this.#primary();
    for (;;) {
      if (this.#cursor.isSymbol('.')) node = this.#memberOrMethod(node);
      else if (this.#cursor.isSymbol('[')) node = this.#index(node);
      else return node;
    }
  }

  #memberOrMethod(object: Node): Node {
    this.#cursor.advance();
    const token = this.#cursor.token;
    if (token.kind !== 'word' && token.kind !== 'quoted') throw this.#cursor.unexpected('a name after "."');
    this.#cursor.advance();
    if (token.kind === 'word' && this.#cursor.isSymbol('(')) return this.#method(object, token);
    if (token.kind === 'word') refuseForbidden(token);
    return this.#cursor.make({ kind: 'member', object, name: token.value, ...this.#cursor.span(object.start) });
  }

  #method(receiver: Node, name: Token & { kind: 'word' }): Node {
    if (name.value === 'exists' || name.value === 'all') return this.#quantifier(receiver, name.value);
    const args = this.#arguments();
    return this.#cursor.make({
      kind: 'call',
      receiver,
      name: name.value,
      nameStart: name.start,
      args,
      ...this.#cursor.span(receiver.start),
    });
  }

  #quantifier(list: Node, quantifier: 'exists' | 'all'): Node {
    const leave = this.#cursor.nest();
    this.#cursor.expect('(');
    const variable = this.#cursor.token;
    if (variable.kind !== 'word' || KEYWORDS.has(variable.value))
      throw this.#cursor.unexpected('a plain name for the element');
    refuseForbidden(variable);
    this.#cursor.advance();
    this.#cursor.expect(',', `"${quantifier}" takes a name and a condition`);
    const slot = this.#variables.push(variable.value) - 1;
    const body = this.#conditional();
    this.#variables.pop();
    this.#cursor.expect(')');
    leave();
    const span = this.#cursor.span(list.start);
    return this.#cursor.make({ kind: 'quantifier', quantifier, list, variable: variable.value, slot, body, ...span });
  }

  #index(object: Node): Node {
    const leave = this.#cursor.nest();
    this.#cursor.advance();
    const index = this.#conditional();
    this.#cursor.expect(']');
    leave();
    return this.#cursor.make({ kind: 'index', object, index, ...this.#cursor.span(object.start) });
  }

  #primary(): Node {
    const token = this.#cursor.token;
    const { start, end } = token;
    switch (token.kind) {
      case 'number':
      case 'string':
        this.#cursor.advance();
        return this.#cursor.make({ kind: 'literal', value: token.value, start, end });
      case 'date':
        return this.#timestamp(token);
      case 'quoted':
        this.#cursor.advance();
        return this.#cursor.make({ kind: 'name', name: token.value, start, end });
      case 'word':
        return this.#word(token);
      case 'symbol':
        if (token.value === '(') return this.#parenthesised();
        if (token.value === '[') return this.#list();
        break;
      case 'end':
        break;
    }
    throw this.#cursor.unexpected('a value');
  }

  #timestamp(token: Token & { kind: 'date' }): Node {
    const value = parseTimestamp(token.value);
    if (value === null) throw notATimestamp(token.value, token.start);
    this.#cursor.advance();
    return this.#cursor.make({ kind: 'literal', value, start: token.start, end: token.end });
  }

  #word(token: Token & { kind: 'word' }): Node {
    const { start, end, value: name } = token;
    const literal = LITERAL_WORDS.get(name);
    if (literal !== undefined || name === 'now') {
      this.#cursor.advance();
      return this.#cursor.make(
        name === 'now' ? { kind: 'now', start, end } : { kind: 'literal', value: literal as null, start, end },
      );
    }
    if (name === 'not') throw new ConditionFault('Put parentheses around "not …" here, or write "!".', start);
    if (KEYWORDS.has(name)) throw this.#cursor.unexpected('a value');
    refuseForbidden(token);
    this.#cursor.advance();
    if (this.#cursor.isSymbol('(')) {
      const args = this.#arguments();
      return this.#cursor.make({
        kind: 'call',
        receiver: null,
        name,
        nameStart: start,
        args,
        ...this.#cursor.span(start),
      });
    }
    const slot = this.#variables.lastIndexOf(name);
    return this.#cursor.make(
      slot === -1 ? { kind: 'name', name, start, end } : { kind: 'variable', name, slot, start, end },
    );
  }

  #parenthesised(): Node {
    const leave = this.#cursor.nest();
    this.#cursor.advance();
    const inner = this.#conditional();
    this.#cursor.expect(')');
    leave();
    return inner;
  }

  #list(): Node {
    const { start } = this.#cursor.token;
    const leave = this.#cursor.nest();
    this.#cursor.advance();
    const items = this.#sequence(']', (item) => {
      if (isConstant(item)) this.#cursor.discount();
    });
    leave();
    return this.#cursor.make({ kind: 'list', items, ...this.#cursor.span(start) });
  }

  #arguments(): Node[] {
    const leave = this.#cursor.nest();
    this.#cursor.advance();
    const args = this.#sequence(')', () => undefined);
    leave();
    return args;
  }

  #sequence(close: ')' | ']', onItem: (item: Node) => void): Node[] {
    const items: Node[] = [];
    while (!this.#cursor.isSymbol(close) || items.length > 0) {
      if (items.length === LIMITS.listLength) {
        throw new ConditionFault(`A list has at most ${LIMITS.listLength} elements.`, this.#cursor.token.start);
      }
      const item = this.#conditional();
      items.push(item);
      onItem(item);
      if (this.#cursor.isSymbol(close)) break;
      this.#cursor.expect(',', `expected "," or "${close}"`);
    }
    this.#cursor.advance();
    return items;
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

function notATimestamp(text: string, position: number): ConditionFault {
  return new ConditionFault(
    `"${text.slice(0, 40)}" is not a timestamp; write 2026-03-10 or 2026-03-10T09:30:00Z, with a zone.`,
    position,
  );
}

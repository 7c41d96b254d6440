import type { CheckedCondition } from './condition.ts';
import { parseDuration } from './durations.ts';
import { ConditionFault, describeFault } from './fault.ts';
import type { ConditionError } from './fault.ts';
import type { ArithmeticNode, CallNode, ComparisonNode, LiteralNode, Node } from './syntax-tree.ts';
import { Timestamp } from './timestamps.ts';

/** A condition as text of the Common Expression Language, with what a reader there must know. */
export type CelExport =
  | { readonly ok: true; readonly text: string; readonly notes: readonly string[] }
  | { readonly ok: false; readonly error: ConditionError };

const ABSENT_NOTE = 'An absent name is null here and an error in CEL: fill the names that the condition reads.';

/**
 * Writes a condition in CEL (cel-spec 0.24), for programs that evaluate rules with a CEL library. Numbers become doubles, as JSON has
 * them. What CEL cannot say is refused; what it says a little differently is in the notes.
 */
export function exportToCel(condition: CheckedCondition): CelExport {
  const notes = new Set([ABSENT_NOTE]);
  try {
    const text = new CelPrinter(notes).print(condition.tree, STRENGTH.conditional);
    return { ok: true, text, notes: [...notes] };
  } catch (error) {
    if (error instanceof ConditionFault) return { ok: false, error: describeFault(condition.text, error) };
    throw error;
  }
}

/** CEL's binding strength, loosest first; there is no loose `not`. */
const STRENGTH = {
  conditional: 1,
  or: 2,
  and: 3,
  relation: 4,
  additive: 5,
  multiplicative: 6,
  unary: 7,
  postfix: 8,
} as const;

interface CelText {
  readonly text: string;
  readonly strength: number;
}

/** UTF-16 units of a part that is written twice. */
const MAX_REPEATED = 4_096;

/** Words that CEL keeps for itself and for the languages it is embedded in. */
const RESERVED: ReadonlySet<string> = new Set(
  'as break const continue else false for function if import in let loop package namespace null return true var void while'.split(
    ' ',
  ),
);

class CelPrinter {
  readonly #notes: Set<string>;

  constructor(notes: Set<string>) {
    this.#notes = notes;
  }

  print(node: Node, least: number): string {
    const { text, strength } = this.#bare(node);
    return strength < least ? `(${text})` : text;
  }

  #bare(node: Node): CelText {
    switch (node.kind) {
      case 'literal':
        return this.#literal(node);
      case 'list':
        return postfix(`[${node.items.map((item) => this.print(item, STRENGTH.conditional)).join(', ')}]`);
      case 'name':
        return postfix(plainName(node.name, node.start));
      case 'variable':
        return postfix(node.name);
      case 'now':
        this.#notes.add('"now" is a variable: give it the time of the evaluation.');
        return postfix('now');
      case 'member':
        return postfix(`${this.print(node.object, STRENGTH.postfix)}${memberText(node.name)}`);
      case 'index':
        return postfix(`${this.print(node.object, STRENGTH.postfix)}[${this.#indexText(node.index)}]`);
      case 'not':
        return unary(`!${this.print(node.operand, STRENGTH.postfix)}`);
      case 'negate':
        return unary(`-${this.print(node.operand, STRENGTH.postfix)}`);
      case 'logical': {
        const strength = STRENGTH[node.operator];
        const operands = node.operands.map((operand) => this.print(operand, strength + 1));
        return { text: operands.join(node.operator === 'and' ? ' && ' : ' || '), strength };
      }
      case 'comparison':
        return this.#comparison(node);
      case 'arithmetic':
        return this.#arithmetic(node);
      case 'coalesce': {
        const left = this.#repeated(node.left, STRENGTH.relation + 1);
        return conditional(`${left} != null ? ${left} : ${this.print(node.right, STRENGTH.or)}`);
      }
      case 'conditional':
        return conditional(
          `${this.print(node.test, STRENGTH.or)} ? ${this.print(node.consequent, STRENGTH.or)} : ${this.print(node.alternate, STRENGTH.or)}`,
        );
      case 'call':
        return this.#call(node);
      case 'quantifier':
        return postfix(
          `${this.print(node.list, STRENGTH.postfix)}.${node.quantifier}(${node.variable}, ${this.print(node.body, STRENGTH.conditional)})`,
        );
    }
  }

  /** For a part that CEL needs twice: nested, each level doubles the text. */
  #repeated(node: Node, least: number): string {
    const text = this.print(node, least);
    if (text.length <= MAX_REPEATED) return text;
    throw new ConditionFault('In CEL this part is written twice, and becomes too long.', node.start);
  }

  #literal({ value }: LiteralNode): CelText {
    if (value instanceof Timestamp) return postfix(`timestamp("${new Date(value.ms).toISOString()}")`);
    if (typeof value === 'string') return postfix(celString(value));
    if (typeof value !== 'number') return postfix(String(value));
    const digits = String(value);
    return {
      text: /[.e]/.test(digits) ? digits : `${digits}.0`,
      strength: value < 0 ? STRENGTH.unary : STRENGTH.postfix,
    };
  }

  #indexText(index: Node): string {
    if (index.kind === 'literal' && typeof index.value === 'number') return String(index.value);
    return this.print(index, STRENGTH.conditional);
  }

  #comparison(node: ComparisonNode): CelText {
    const left = (): string => this.print(node.left, STRENGTH.additive);
    const right = (): string => this.print(node.right, STRENGTH.additive);
    switch (node.operator) {
      case '=~':
      case '!~': {
        const search = `${this.print(node.left, STRENGTH.postfix)}.matches(${right()})`;
        return node.operator === '=~' ? postfix(search) : unary(`!${search}`);
      }
      case 'in':
        return this.#membership(node);
      case 'not in':
        return unary(`!(${this.#membership(node).text})`);
      default:
        return { text: `${left()} ${node.operator} ${right()}`, strength: STRENGTH.relation };
    }
  }

  #membership(node: ComparisonNode): CelText {
    if (node.right.kind === 'literal' && typeof node.right.value === 'string') {
      const part = this.print(node.left, STRENGTH.conditional);
      return postfix(`${this.print(node.right, STRENGTH.postfix)}.contains(${part})`);
    }
    if (node.right.kind !== 'list')
      this.#notes.add('CEL\'s "in" knows lists and maps only: for text write contains().');
    const [left, right] = [this.print(node.left, STRENGTH.additive), this.print(node.right, STRENGTH.additive)];
    return { text: `${left} in ${right}`, strength: STRENGTH.relation };
  }

  #arithmetic(node: ArithmeticNode): CelText {
    if (node.operator === '%') {
      this.#notes.add('CEL has "%" for integers only: the operands are truncated.');
      const whole = (operand: Node): string => `int(${this.print(operand, STRENGTH.conditional)})`;
      return postfix(`double(${whole(node.left)} % ${whole(node.right)})`);
    }
    const isSum = node.operator === '+' || node.operator === '-';
    const strength = isSum ? STRENGTH.additive : STRENGTH.multiplicative;
    return {
      text: `${this.print(node.left, strength)} ${node.operator} ${this.print(node.right, strength + 1)}`,
      strength,
    };
  }

  #call(node: CallNode): CelText {
    if (node.receiver === null && node.name === 'has') return this.#has(node.args[0] as Node);
    const args = node.args.map((arg) => this.print(arg, STRENGTH.conditional));
    const receiver = this.print(node.receiver ?? (node.args[0] as Node), STRENGTH.postfix);
    switch (node.name) {
      case 'type':
        throw new ConditionFault(
          'CEL compares types with type names, not with text: "type" cannot be exported.',
          node.start,
        );
      case 'lower':
      case 'upper':
        this.#notes.add('CEL changes the case of A–Z only, and by its string extension.');
        return postfix(`${receiver}.${node.name}Ascii()`);
      case 'lowerAscii':
      case 'upperAscii':
        this.#notes.add("lowerAscii() and upperAscii() belong to CEL's string extension.");
        return postfix(`${receiver}.${node.name}()`);
      case 'number':
        return postfix(`double(${args.join(', ')})`);
      case 'duration':
        return this.#duration(node, args);
      case 'size':
        return postfix(`double(size(${this.print(node.receiver ?? (node.args[0] as Node), STRENGTH.conditional)}))`);
      case 'matches':
        return postfix(`${receiver}.matches(${args.at(-1)})`);
      default: {
        const text = `${node.receiver === null ? '' : `${receiver}.`}${node.name}(${args.join(', ')})`;
        return postfix(node.name.startsWith('get') ? `double(${text})` : text);
      }
    }
  }

  /** CEL has no days in durations: a literal is written in seconds. */
  #duration(node: CallNode, args: readonly string[]): CelText {
    const [text] = node.args;
    const known = text?.kind === 'literal' && typeof text.value === 'string' ? parseDuration(text.value) : null;
    if (known !== null) return postfix(`duration("${known.ms / 1_000}s")`);
    this.#notes.add('CEL reads durations in h, m, s, ms, us and ns, without days.');
    return postfix(`duration(${args.join(', ')})`);
  }

  #has(path: Node): CelText {
    const value = this.#repeated(path, STRENGTH.postfix);
    const isPresent = `${value} != null`;
    const strength = STRENGTH.and;
    if (path.kind === 'member' && memberText(path.name).startsWith('.'))
      return { text: `has(${value}) && ${isPresent}`, strength };
    if (path.kind !== 'member') return { text: isPresent, strength: STRENGTH.relation };
    return {
      text: `${celString(path.name)} in ${this.print(path.object, STRENGTH.postfix)} && ${isPresent}`,
      strength,
    };
  }
}

const postfix = (text: string): CelText => ({ text, strength: STRENGTH.postfix });
const unary = (text: string): CelText => ({ text, strength: STRENGTH.unary });
const conditional = (text: string): CelText => ({ text, strength: STRENGTH.conditional });

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

function memberText(name: string): string {
  return PLAIN_NAME.test(name) && !RESERVED.has(name) ? `.${name}` : `[${celString(name)}]`;
}

function plainName(name: string, position: number): string {
  if (PLAIN_NAME.test(name) && !RESERVED.has(name)) return name;
  throw new ConditionFault(`"${name}" cannot be the name of a variable in CEL.`, position);
}

function celString(value: string): string {
  const escaped = value.replace(/["\\\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (character) => {
    if (character === '"' || character === '\\') return `\\${character}`;
    const code = (character.codePointAt(0) as number).toString(16);
    return code.length <= 4 ? `\\u${code.padStart(4, '0')}` : `\\U${code.padStart(8, '0')}`;
  });
  return `"${escaped}"`;
}

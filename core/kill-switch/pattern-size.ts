/** How large a regular expression becomes when its counted repeats are written out. */
export interface PatternSize {
  /** Characters, classes and dots. */
  readonly atoms: number;
  /** Those of them that many characters match: dots and classes. */
  readonly wideAtoms: number;
}

/** An escape with its operand, a class, a counted repeat, or one character. */
const PIECE =
  /\\(?:[pP](?:\{[^}]*\}|.)|x\{[^}]*\}|x..|.)|\[\^?\]?(?:\[:\^?[a-z]+:\]|\\.|[^\]\\])*\]|\{(\d+)(,(\d*))?\}|[^]/g;

/**
 * An upper estimate without compiling, since compiling a pattern such as `(?:…){1000}` is what would be slow. Reads RE2 syntax
 * loosely: whether the pattern is valid is for RE2 to say.
 */
export function patternSize(pattern: string): PatternSize {
  const groups: Size[] = [];
  let current: Size = { atoms: 0, wideAtoms: 0 };
  let last: Size = { atoms: 0, wideAtoms: 0 };
  for (const [piece, count, range, most] of pattern.matchAll(PIECE)) {
    if (piece === '(') {
      groups.push(current);
      current = { atoms: 0, wideAtoms: 0 };
    } else if (piece === ')') {
      last = current;
      current = add(groups.pop() ?? { atoms: 0, wideAtoms: 0 }, last, 1);
    } else if (count !== undefined) {
      // "{2,}" is two and a loop; one copy stands already.
      const copies = range === undefined || most === '' ? Number(count) : Number(most);
      current = add(current, last, Math.max(0, copies - 1));
    } else if (!OPERATORS.has(piece)) {
      last = { atoms: 1, wideAtoms: isWide(piece) ? 1 : 0 };
      current = add(current, last, 1);
    }
  }
  return groups.reduce((sum, group) => add(sum, group, 1), current);
}

type Size = PatternSize;

const OPERATORS: ReadonlySet<string> = new Set(['*', '+', '?', '|', '^', '$']);

function add(size: Size, part: Size, copies: number): Size {
  return { atoms: size.atoms + copies * part.atoms, wideAtoms: size.wideAtoms + copies * part.wideAtoms };
}

function isWide(piece: string): boolean {
  return piece === '.' || piece.startsWith('[') || /^\\[dDsSwWpPC]/.test(piece);
}

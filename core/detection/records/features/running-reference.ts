import { personalKindOf } from '../../personal-data/personal-names.ts';
import { isText, numericText } from './cell-features.ts';
import type { CellFeature, TextFeature } from './cell-features.ts';
import { CATEGORY_READERS } from './column-features.ts';
import type { CategoryFeatureName } from './column-features.ts';
import { isAboutAsLong } from './neighbouring-texts.ts';
import type { ConstantLength } from './neighbouring-texts.ts';

/**
 * A column of references that count up, such as invoice numbers: INV-999 is followed by INV-1000, which is one character
 * longer than all before and nothing unusual. The next length is taken for the longest one seen where the reference has
 * the form of the others and its number begins with 1, as the first that have one more digit do.
 */
export interface RunningReference {
  readonly shape: string;
  /** Characters that are no digits. */
  readonly others: number;
  /** Characters of the longest reference seen. */
  readonly longest: number;
}

/** A thing that changed is read again, under the reference it had. */
const DIFFERENT_SHARE = 0.5;
/** Longer numbers are codes of a fixed length: article numbers, accounts, cards. */
const MAX_DIGITS = 12;
/** A shape that ends with a run of digits; in an `x` the digits stand among letters. */
const ENDS_WITH_NUMBER = /^[^x]*9$/;

/**
 * Undefined unless the column's texts are mostly different, of one shape with a number at its end, and differ in length by
 * digits alone. Not of personal columns: a telephone number with a digit too many is a mistake.
 */
export function runningReference(path: string, cells: readonly CellFeature[]): RunningReference | undefined {
  const texts = cells.filter(isText);
  const [first] = texts;
  if (first === undefined || personalKindOf(path) !== null || !ENDS_WITH_NUMBER.test(first[2])) return undefined;
  const others = othersOf(first);
  let longest = 0;
  for (const text of texts) {
    if (text[2] !== first[2] || othersOf(text) !== others) return undefined;
    longest = Math.max(longest, text[1]);
  }
  const different = new Set(texts.map(([hash]) => hash)).size;
  if (longest - others >= MAX_DIGITS || different < DIFFERENT_SHARE * texts.length) return undefined;
  return { shape: first[2], others, longest };
}

export interface CategoryRule {
  readonly name: CategoryFeatureName;
  readonly running?: RunningReference;
  readonly constant?: ConstantLength;
}

/** The category of a cell in one feature of its column; undefined where it has none. */
export function categoryOf(
  { name, running, constant }: CategoryRule,
  cell: CellFeature | undefined,
): string | undefined {
  if (running && isText(cell) && isNext(running, cell)) return String(running.longest);
  if (constant && isAboutAsLong(constant, cell)) return String(constant.usual);
  return CATEGORY_READERS[name](cell);
}

function isNext({ shape, others, longest }: RunningReference, text: TextFeature): boolean {
  return text[1] === longest + 1 && text[2] === shape && othersOf(text) === others && beginsWithOne(text);
}

/** Shares of digits are kept to two decimals, which is exact for texts of this kind. */
function othersOf([, length, , digits]: TextFeature): number {
  return length - Math.round(digits * length);
}

function beginsWithOne(text: TextFeature): boolean {
  return text[6] === 'r' || String(numericText(text) ?? '').startsWith('1');
}

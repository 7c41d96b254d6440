import { assertNever } from '../../../domain/errors.ts';
import { DAY } from '../../../domain/time.ts';
import type { Instant } from '../../../domain/time.ts';
import { isText, numericText } from './cell-features.ts';
import type { CellFeature } from './cell-features.ts';
import { CATEGORY_READERS, instantOf, isMidnight, presenceOf } from './column-features.ts';
import type { CategoryFeatureName, NumericFeatureName } from './column-features.ts';
import { isKey } from './dataset-key.ts';

export type ColumnKind =
  | 'numeric'
  | 'boolean'
  | 'timestamp'
  | 'categorical'
  | 'identifier'
  | 'text'
  | 'nested'
  | 'empty';

/** What a column is and which features are read off it, decided by what the window shows. */
export interface ColumnType {
  readonly kind: ColumnKind;
  readonly numeric: readonly NumericFeatureName[];
  readonly categorical: readonly CategoryFeatureName[];
}

/** Share of the texts of a column that must parse for it to be read as numbers or times. */
const PARSED_SHARE = 0.95;
const MIN_CATEGORIES = 20;
const CATEGORY_SHARE = 0.2;
/** Above this share of values seen only once, what a value is says nothing about a record. */
const SINGLETON_SHARE = 0.5;
/** Codes have one length or a few (8, 12, 13, 14); names and addresses have many. */
const MAX_CATEGORICAL_LENGTHS = 4;
/** Keys of 64 bits end below this; what is larger is a magnitude again. */
const MAX_KEY = 1e21;
const ID_NAME = /(?:^|[._-])(?:id|uuid|guid|key|pk)$|[a-z](?:Id|ID|Uuid|Key)$/;
const TIME_NAME = /(?:^|[._-])(?:at|on|time|date|timestamp|ts|epoch)$|[a-z](?:At|On|Time|Date|Timestamp)$/i;

/** Whether a column is called like a key: `id`, `customer_id`, `InvoiceId`. */
export function isIdentifierName(path: string): boolean {
  return ID_NAME.test(path);
}

/** The cells of one column that were selected, each with what it came with. */
export interface SelectedCells {
  readonly cells: readonly CellFeature[];
  /** Event times of the observations. */
  readonly times: readonly Instant[];
  /** Numbers of the responses. */
  readonly groups: ArrayLike<number>;
}

export function columnType(path: string, selected: SelectedCells): ColumnType {
  const { cells } = selected;
  const counts = Map.groupBy(cells, presenceOf);
  const size = (presence: 'number' | 'boolean' | 'text' | 'list'): number => counts.get(presence)?.length ?? 0;
  const dominant = (['text', 'number', 'boolean', 'list'] as const).reduce((best, presence) =>
    size(presence) > size(best) ? presence : best,
  );
  const values = counts.get(dominant) ?? [];
  if (values.length === 0) return { kind: 'empty', numeric: [], categorical: ['presence'] };
  switch (dominant) {
    case 'boolean':
      return { kind: 'boolean', numeric: [], categorical: ['presence', 'value'] };
    case 'list':
      return {
        kind: 'nested',
        numeric: ['length', 'distinct', 'smallest', 'largest'],
        categorical: ['presence'],
      };
    case 'number':
      return typeOfNumbers(path, values as number[], selected);
    case 'text':
      return typeOfTexts(path, values, selected);
    default:
      return assertNever(dominant);
  }
}

function typeOfNumbers(path: string, numbers: readonly number[], selected: SelectedCells): ColumnType {
  const { cells, times } = selected;
  const integers = numbers.every(Number.isInteger);
  const unsafe = numbers.filter((value) => !Number.isSafeInteger(value) && Math.abs(value) < MAX_KEY).length;
  // Beyond 2^53 neighbouring numbers are one: such a column holds names, not magnitudes.
  if (integers && unsafe > (1 - PARSED_SHARE) * numbers.length) return IDENTIFIER;
  if (integers && isIdentifierName(path)) return isCategorical(selected) ? CATEGORICAL : IDENTIFIER;
  const instants = numbers.filter((value) => !Number.isNaN(instantOf(value))).length;
  const isTime = TIME_NAME.test(path) || movesWithTime(cells, times);
  if (isTime && instants >= PARSED_SHARE * numbers.length) return timestampType(cells, times);
  if (integers && isSequence(numbers)) return IDENTIFIER;
  return NUMERIC;
}

/**
 * Whether numbers, read as epochs, follow the times of the observations so closely that they are times whatever the column
 * is called. Nothing else grows by one a second.
 */
function movesWithTime(cells: readonly CellFeature[], times: readonly Instant[]): boolean {
  const { instants, ages } = instantsOf(cells, times);
  return variance(ages) < 0.25 * variance(instants);
}

/**
 * Whether integers are all different although they lie so close together that chance would repeat some: a running number.
 * Of n draws from r values n²/2r pairs are expected to coincide (the birthday problem).
 */
function isSequence(integers: readonly number[]): boolean {
  const expectedPairs = integers.length ** 2 / (2 * (extent(integers) + 1));
  return expectedPairs >= 10 && new Set(integers).size === integers.length;
}

function typeOfTexts(path: string, texts: readonly CellFeature[], selected: SelectedCells): ColumnType {
  const { cells, times } = selected;
  const features = texts.filter(isText);
  const instants = features.filter((text) => !Number.isNaN(instantOf(text))).length;
  if (instants >= PARSED_SHARE * features.length) return timestampType(cells, times);
  const numbers = features.map(numericText).filter((value) => value !== undefined);
  const lengths = new Set(features.map((text) => text[1])).size;
  // Digits of one fixed length are codes (postal, card, telephone); amounts vary in length or have a fraction.
  const isAmount = lengths > 1 || numbers.some((value) => !Number.isInteger(value));
  if (numbers.length >= PARSED_SHARE * features.length && isAmount) {
    const type = typeOfNumbers(path, numbers, selected);
    return type === NUMERIC ? NUMERIC_TEXT : type;
  }
  if (isCategorical(selected)) return CATEGORICAL;
  const spaced = features.filter((text) => text[2].includes(' ')).length;
  if (spaced >= 0.1 * features.length) return TEXT;
  return lengths > MAX_CATEGORICAL_LENGTHS ? IDENTIFIER_OF_ANY_LENGTH : IDENTIFIER;
}

function isCategorical({ cells, groups }: SelectedCells): boolean {
  const values = cells.map((cell) => CATEGORY_READERS.value(cell));
  const counts = new Map<string, number>();
  let records = 0;
  for (const value of values) {
    if (value === undefined) continue;
    counts.set(value, (counts.get(value) ?? 0) + 1);
    records++;
  }
  let singletons = 0;
  for (const count of counts.values()) if (count === 1) singletons++;
  if (counts.size > CATEGORY_SHARE * records && counts.size > MIN_CATEGORIES) return false;
  // A list of a few categories, each once, is a list of categories still.
  return singletons <= SINGLETON_SHARE * records && (counts.size <= MIN_CATEGORIES || !isKey(values, groups));
}

/**
 * Instants are compared as ages where the column moves on with the queries, and as they stand where it doesn't (dates of
 * birth, releases): whichever spreads less is the one that stays usual. Hours and weekdays say something only where the
 * window has seen several rounds of them.
 */
function timestampType(cells: readonly CellFeature[], times: readonly Instant[]): ColumnType {
  const { instants, ages } = instantsOf(cells, times);
  const range = extent(instants);
  const categorical: CategoryFeatureName[] = ['presence', 'timeForm'];
  if (range >= 3 * DAY && !instants.every(isMidnight)) categorical.push('hour');
  if (range >= 21 * DAY) categorical.push('weekday');
  return { kind: 'timestamp', numeric: [variance(ages) <= variance(instants) ? 'age' : 'time'], categorical };
}

function instantsOf(cells: readonly CellFeature[], times: readonly Instant[]): { instants: number[]; ages: number[] } {
  const instants: number[] = [];
  const ages: number[] = [];
  cells.forEach((cell, index) => {
    const instant = instantOf(cell);
    if (Number.isNaN(instant)) return;
    instants.push(instant);
    ages.push((times[index] as Instant) - instant);
  });
  return { instants, ages };
}

function extent(values: readonly number[]): number {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return high - low;
}

function variance(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}

const NUMERIC: ColumnType = {
  kind: 'numeric',
  numeric: ['value'],
  categorical: ['presence', 'sign', 'wholeness'],
};
const NUMERIC_TEXT: ColumnType = { ...NUMERIC, categorical: [...NUMERIC.categorical, 'numberForm'] };
const CATEGORICAL: ColumnType = { kind: 'categorical', numeric: [], categorical: ['presence', 'value'] };
/** Shape and length of texts; of keys that are numbers neither the size nor the order says anything. */
const IDENTIFIER: ColumnType = {
  kind: 'identifier',
  numeric: [],
  categorical: ['presence', 'shape', 'length', 'sign', 'wholeness'],
};
const IDENTIFIER_OF_ANY_LENGTH: ColumnType = {
  kind: 'identifier',
  numeric: ['length'],
  categorical: ['presence', 'shape'],
};
const TEXT: ColumnType = {
  kind: 'text',
  numeric: ['length', 'digits', 'upper', 'nonAscii'],
  categorical: ['presence', 'shape'],
};

/** Whether its cells are texts that are measured instead of counted. */
export function holdsTexts(kind: ColumnKind): boolean {
  return kind === 'text' || kind === 'identifier';
}

import type { FieldEvidence } from '../../../domain/finding.ts';
import type { Cell } from '../../../domain/observation.ts';
import type { Instant } from '../../../domain/time.ts';
import { personalKindOf } from '../../personal-data/personal-names.ts';
import type { CellFeature } from '../features/cell-features.ts';
import { NUMBER_PROPERTIES, NUMERIC_READERS } from '../features/column-features.ts';
import type { NumericFeatureName } from '../features/column-features.ts';
import type { CategoryFeature, EncodedColumn, NumericFeature } from '../model/encoded-column.ts';
import { CATEGORY_WORDS, NUMERIC_WORDS } from '../features/feature-words.ts';
import { judgedNumber } from '../features/neighbouring-texts.ts';
import { summaryAt, tailProbability } from '../../statistics/quantiles.ts';
import { countOf, rarityTail } from '../model/rarity.ts';
import type { CategoryCounts } from '../model/rarity.ts';
import { formatNumber, formatShare } from '../features/number-text.ts';
import { categoryOf } from '../features/running-reference.ts';
import { redactedText } from '../features/redaction.ts';

/** What one column of one record shows against the training window: the most telling of the column's features. */
export interface ColumnEvidence extends Omit<FieldEvidence, 'contribution'> {
  /**
   * −log10 of the tail probability, more beyond the range of training: the one scale on which numbers and categories are
   * compared.
   */
  readonly strength: number;
  /** Whether this field alone is unusual: beyond the range of training, or in its outer 1 %. */
  readonly unusual: boolean;
}

/** A field counts as unusual by itself up to this tail probability or frequency. */
const UNUSUAL = 0.01;
/** A value never seen is unusual also in a column that few records have. */
const UNSEEN = 0.05;
const MAX_USUAL = 3;
const MAX_DISTANCE = 6;

/** Features that give a personal value away, or nearly so. */
const TELLING_FEATURES: ReadonlySet<NumericFeatureName> = new Set(['value', 'age', 'time', 'smallest', 'largest']);

/** Undefined when the record's query did not select the column. */
export function columnEvidence(
  column: EncodedColumn,
  feature: CellFeature | undefined,
  at: Instant,
  cell: Cell,
  textOf: (hash: string) => string | undefined = () => undefined,
): ColumnEvidence | undefined {
  if (feature === undefined) return undefined;
  const value = redactedText(column.path, column.kind, cellOf(cell, feature));
  const shown: Shown = { path: column.path, value, textOf };
  const numeric = column.numeric.flatMap((each) => numericEvidence(shown, each, feature, at) ?? []);
  // How far a number lies beyond its range says more than that it has another sign or a fraction.
  const isBeyond = numeric.some((evidence) => evidence.unusual);
  const candidates = [
    ...numeric,
    ...column.categorical
      .filter(({ name }) => !(isBeyond && NUMBER_PROPERTIES.has(name)))
      .flatMap((each) => categoryEvidence(shown, each, feature) ?? []),
  ];
  const [first, ...others] = candidates;
  if (first === undefined) return undefined;
  const best = others.reduce(
    (least, evidence) => (evidence.tailProbability < least.tailProbability ? evidence : least),
    first,
  );
  return { ...best, strength: Math.max(...candidates.map(({ strength }) => strength)) };
}

interface Shown {
  readonly path: string;
  readonly value: string | null;
  /** The text behind a hash, where it is known and may be shown. */
  readonly textOf: (hash: string) => string | undefined;
}

/** Without the dataset, what the feature itself still says of the cell. */
function cellOf(cell: Cell, feature: CellFeature): Cell {
  if (cell !== undefined) return cell;
  return typeof feature === 'number' || typeof feature === 'boolean' || feature === null ? feature : undefined;
}

function numericEvidence(
  { path, value }: Shown,
  numeric: NumericFeature,
  feature: CellFeature,
  at: Instant,
): ColumnEvidence | undefined {
  const { name, summary, present } = numeric;
  const observed = NUMERIC_READERS[name](feature, at);
  if (Number.isNaN(observed)) return undefined;
  const judged = judgedNumber(numeric, feature, at);
  const tail = tailProbability(summary, present, judged);
  const usual = { low: summaryAt(summary, 0.01), median: summaryAt(summary, 0.5), high: summaryAt(summary, 0.99) };
  const lowest = summaryAt(summary, 0);
  const highest = summaryAt(summary, 1);
  const width = usual.high - usual.low;
  const say = (end: number): string => amount(end, width);
  const hidden = TELLING_FEATURES.has(name) && personalKindOf(path) !== null;
  const { subject, amount } = NUMERIC_WORDS[name];
  const record =
    judged > highest
      ? ` (highest of ${formatNumber(present)} records: ${say(highest)})`
      : judged < lowest
        ? ` (lowest of ${formatNumber(present)} records: ${say(lowest)})`
        : '';
  return {
    path,
    value,
    tailProbability: tail,
    ...(hidden ? {} : { usual }),
    valueClass: `${name}:${observed > usual.high ? 'above' : observed < usual.low ? 'below' : 'within'}:${magnitudeOf(observed)}`,
    text: hidden
      ? `${path} ${value ?? 'hidden'}, compared with ${formatNumber(present)} records`
      : `${subject(path, observed, value)}, usually ${say(usual.low)}–${say(usual.high)}${record}`,
    strength: -Math.log10(tail) + distanceBeyond(judged, lowest, highest),
    unusual: tail <= UNUSUAL || judged < lowest || judged > highest,
  };
}

/** All values beyond the range have one tail probability: the further out one is, in widths of the range, the more it says. */
function distanceBeyond(observed: number, lowest: number, highest: number): number {
  const beyond = Math.max(0, observed - highest, lowest - observed);
  return beyond === 0 ? 0 : Math.min(MAX_DISTANCE, Math.log10(1 + beyond / (highest - lowest)));
}

function categoryEvidence(
  { path, value, textOf }: Shown,
  category: CategoryFeature,
  feature: CellFeature,
): ColumnEvidence | undefined {
  const { name, counts } = category;
  const observed = categoryOf(category, feature);
  if (observed === undefined || counts.total === 0) return undefined;
  const tail = rarityTail(counts, observed);
  const count = countOf(counts, observed);
  const frequency = count / counts.total;
  const seen =
    count === 0
      ? `never seen in ${formatNumber(counts.total)} records`
      : `in ${formatShare(frequency)} of ${formatNumber(counts.total)} records`;
  const usually = name === 'value' && frequency <= UNUSUAL ? usualTexts(counts, textOf) : '';
  return {
    path,
    value,
    tailProbability: tail,
    frequency,
    valueClass: `${name}:${observed}`,
    text: `${CATEGORY_WORDS[name](path, observed, value)}: ${seen}${usually}`,
    strength: -Math.log10(tail),
    unusual: frequency <= UNUSUAL && tail <= (count === 0 ? UNSEEN : 2 * UNUSUAL),
  };
}

/** Sign and power of ten: -3 → `-0`, 98,400 → `4`. Values that differ by a power of ten are not the same news. */
function magnitudeOf(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return 'none';
  return `${value < 0 ? '-' : ''}${Math.floor(Math.log10(Math.abs(value)))}`;
}

/** The most frequent values with their shares, if they are known: `, usually "paid" (70 %), "open" (15 %)`. */
function usualTexts({ counts, total }: CategoryCounts, textOf: (hash: string) => string | undefined): string {
  const named: string[] = [];
  for (const [hash, seen] of counts) {
    if (named.length === MAX_USUAL || seen < UNUSUAL * total) break;
    const text = textOf(hash);
    if (text !== undefined) named.push(`${text} (${formatShare(seen / total)})`);
  }
  return named.length === 0 ? '' : `, usually ${named.join(', ')}`;
}

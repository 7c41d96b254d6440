import type { CellFeature } from '../features/cell-features.ts';
import { effectiveCount } from '../../statistics/clustering.ts';
import { MIN_COMPARED } from './column-change.ts';
import type { ColumnChange } from './column-change.ts';
import { NO_NUMBER, NO_TIME, WEEKDAYS } from '../features/column-features.ts';
import type { CategoryFeatureName } from '../features/column-features.ts';
import type { CategoryFeature, EncodedColumn } from '../model/encoded-column.ts';
import { categoryOf } from '../features/running-reference.ts';
import { countOf } from '../model/rarity.ts';
import { formatShare } from '../features/number-text.ts';

/** Certainty alone is not enough to bother a person: a share must move by this much. */
const MIN_SHARE_CHANGE = 0.1;

/**
 * The most improbable change of a category's share, described by the share that rose most; values that training never saw
 * count as one category.
 */
export function categoryChange(
  column: EncodedColumn,
  feature: CategoryFeature,
  cells: readonly CellFeature[],
  textOf: (hash: string) => string | undefined,
): ColumnChange | undefined {
  const { name, counts, clustering } = feature;
  const seen = new Map<string, number>();
  let total = 0;
  for (const cell of cells) {
    const value = categoryOf(feature, cell);
    if (value === undefined) continue;
    total++;
    const category = CLOSED.has(name) || countOf(counts, value) > 0 ? value : UNSEEN;
    seen.set(category, (seen.get(category) ?? 0) + 1);
  }
  if (total < MIN_COMPARED) return undefined;
  const n = effectiveCount(total, clustering);
  const moved = [...new Set([...counts.counts.keys(), ...seen.keys(), UNSEEN])]
    .map((category) => ({
      category,
      share: (seen.get(category) ?? 0) / total,
      usual: (category === UNSEEN ? counts.other : countOf(counts, category)) / counts.total,
    }))
    .filter(({ share, usual }) => Math.abs(share - usual) >= MIN_SHARE_CHANGE)
    .sort((a, b) => b.share - b.usual - (a.share - a.usual));
  const [named] = moved;
  if (named === undefined) return undefined;
  const smallest = Math.min(...moved.map(({ share, usual }) => shareBound(share, usual, n, counts.total)));
  return {
    path: column.path,
    p: Math.min(1, 2 * (counts.counts.size + 1) * smallest),
    frequency: named.usual,
    text: shareText(column, name, named, textOf(named.category)),
  };
}

interface MovedShare {
  readonly category: string;
  readonly share: number;
  readonly usual: number;
}

/** Features whose values have words of their own, seen before or not. */
const CLOSED: ReadonlySet<CategoryFeatureName> = new Set(['presence', 'numberForm', 'timeForm', 'sign', 'wholeness']);

const UNSEEN = '\u0000unseen';

/** Chernoff–Hoeffding: P(share at least this far) ≤ exp(−n·KL(share ‖ usual)), the usual share moved by what training leaves open. */
function shareBound(share: number, usual: number, n: number, trained: number): number {
  const open = Math.sqrt(Math.max(usual * (1 - usual), 1 / trained) / trained) * 2 + 1 / trained;
  const expected = share > usual ? Math.min(share, usual + open) : Math.max(share, usual - open);
  return Math.exp(-n * (divergence(share, expected) + divergence(1 - share, 1 - expected)));
}

function divergence(p: number, q: number): number {
  return p === 0 ? 0 : p * Math.log(p / q);
}

function shareText(
  { path, kind }: EncodedColumn,
  name: CategoryFeature['name'],
  { category, share, usual }: MovedShare,
  known: string | undefined,
): string {
  const shares = `${formatShare(share)} of the records, usually ${formatShare(usual)}`;
  if (category === UNSEEN) return `${path} holds a ${name} never seen before in ${shares}`;
  switch (name) {
    case 'presence':
      return category === 'null' || category === 'missing'
        ? `${path} is ${category} in ${shares}`
        : `${path} is a ${category} in ${shares}`;
    case 'value':
      if (kind === 'boolean') return `${path} is ${category} in ${shares}`;
      // Of a text the model holds only the keyed hash.
      return known === undefined ? `one value of ${path} stands in ${shares}` : `${path} is ${known} in ${shares}`;
    case 'numberForm':
      return category === NO_NUMBER ? `${path} is no number in ${shares}` : `${path} is a number in ${shares}`;
    case 'timeForm':
      return category === NO_TIME
        ? `${path} is no time in ${shares}`
        : `${path} is written as ${category} in ${shares}`;
    case 'sign':
      return `${path} is ${category} in ${shares}`;
    case 'wholeness':
      return `${path} is ${category === 'whole' ? 'a whole number' : 'no whole number'} in ${shares}`;
    case 'hour':
      return `${path} lies at ${category}:00–${category}:59 UTC in ${shares}`;
    case 'weekday':
      return `${path} lies on a ${WEEKDAYS[Number(category)] ?? category} in ${shares}`;
    default:
      return `${path} has ${name} ${JSON.stringify(category)} in ${shares}`;
  }
}

import type { Dataset } from '../../../domain/observation.ts';
import { isText } from './cell-features.ts';
import type { FeatureBatch } from './record-features.ts';
import { redactedText } from './redaction.ts';

/**
 * Plain texts behind the hashes of columns with few values, so that an explanation can say what is usual ("paid", "open")
 * and not only what was strange. In memory only, bounded, and without personal data: a column is forgotten for good once
 * one of its texts may not be shown or it has more values than a category has.
 */
export interface TextDictionary {
  /** `batch` holds the features of `dataset`. */
  learn(dataset: Dataset, batch: FeatureBatch): void;
  /** The text as it may be shown, in quotes; undefined when it is not known. */
  textOf(dataset: string, path: string, hash: string): string | undefined;
}

const MAX_VALUES = 30;
const MAX_COLUMNS = 2_000;

export function createTextDictionary(): TextDictionary {
  /** Texts by hash of each column; null for a column that is not kept. */
  const columns = new Map<string, Map<string, string> | null>();

  const textsOf = (key: string): Map<string, string> | null => {
    const known = columns.get(key);
    if (known !== undefined) return known;
    if (columns.size >= MAX_COLUMNS) return null;
    const texts = new Map<string, string>();
    columns.set(key, texts);
    return texts;
  };

  return {
    learn(dataset, batch) {
      const cellsOf = new Map(dataset.columns.map((column) => [column.path, column.cells]));
      for (const { path, features } of batch.columns) {
        const key = keyOf(dataset.name, path);
        const texts = textsOf(key);
        if (texts === null) continue;
        for (const [row, feature] of features.entries()) {
          if (!isText(feature) || texts.has(feature[0])) continue;
          const shown = shownText(path, cellsOf.get(path)?.[row]);
          if (shown === undefined || texts.size >= MAX_VALUES) {
            columns.set(key, null);
            break;
          }
          texts.set(feature[0], shown);
        }
      }
    },
    textOf: (dataset, path, hash) => columns.get(keyOf(dataset, path))?.get(hash),
  };
}

function keyOf(dataset: string, path: string): string {
  return `${dataset}\n${path}`;
}

function shownText(path: string, cell: unknown): string | undefined {
  if (typeof cell !== 'string') return undefined;
  const text = redactedText(path, 'categorical', cell);
  return text === JSON.stringify(cell) ? text : undefined;
}

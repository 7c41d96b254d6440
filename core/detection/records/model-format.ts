import { createHash } from 'node:crypto';
import { unprocessable } from '../../domain/errors.ts';
import type { DomainError } from '../../domain/errors.ts';
import type { Calibration } from './calibration.ts';
import { CATEGORY_READERS, NUMERIC_READERS } from './column-features.ts';
import type { CategoryFeatureName, NumericFeatureName } from './column-features.ts';
import type { EncodedColumn } from './encoder.ts';
import type { IsolationForest } from './isolation-forest.ts';
import { SUMMARY_PROBABILITIES } from './quantiles.ts';
import type { NumericPart } from './numeric-part.ts';
import type { RecordModel } from './record-model.ts';
import { arrayOfText, textOfArray } from './typed-array-text.ts';

/**
 * The stored form of a model: plain JSON, versioned, checksummed, typed arrays in base64. Data only: loading one runs no
 * code (the original's pickles did). Scores of the parsed model equal those of the original bit for bit. A stored model
 * holds sampled training rows (standardised numbers) and keyed hashes of category values: it is customer data.
 */
export const MODEL_FORMAT = 'record-model';
export const MODEL_FORMAT_VERSION = 1;

export function serialiseModel(model: RecordModel): string {
  const body = JSON.stringify({
    ...model,
    encoder: { ...model.encoder, columns: model.encoder.columns.map(storedColumn) },
    numeric: model.numeric && storedNumericPart(model.numeric),
    categorical: { ...model.categorical, calibration: storedCalibration(model.categorical.calibration) },
  });
  const head = { format: MODEL_FORMAT, version: MODEL_FORMAT_VERSION, checksum: checksumOf(body) };
  return `{${JSON.stringify(head).slice(1, -1)},"model":${body}}`;
}

/** Throws a DomainError MODEL_FORMAT (422) for anything but an intact model of a known version: retrain then, never guess. */
export function parseModel(text: string): RecordModel {
  const envelope = parseEnvelope(text);
  const stored = envelope.model as StoredModel;
  if (checksumOf(JSON.stringify(stored)) !== envelope.checksum)
    throw refused('its checksum does not match its content');
  try {
    return loadedModel(stored);
  } catch (cause) {
    throw refused('a part of it is missing or has the wrong type', cause);
  }
}

type StoredModel = Omit<RecordModel, 'encoder' | 'numeric' | 'categorical'> & {
  readonly encoder: Omit<RecordModel['encoder'], 'columns'> & { readonly columns: readonly StoredColumn[] };
  readonly numeric?: StoredNumericPart;
  readonly categorical: Omit<RecordModel['categorical'], 'calibration'> & { readonly calibration: StoredCalibration };
};
type StoredColumn = ReturnType<typeof storedColumn>;
type StoredNumericPart = ReturnType<typeof storedNumericPart>;
type StoredCalibration = ReturnType<typeof storedCalibration>;

function storedColumn(column: EncodedColumn) {
  return {
    path: column.path,
    kind: column.kind,
    numeric: column.numeric.map((feature) => ({ ...feature, summary: textOfArray(feature.summary) })),
    categorical: column.categorical.map((feature) => ({
      ...feature,
      counts: { ...feature.counts, counts: [...feature.counts.counts] },
    })),
    ...(column.cardinality && { cardinality: column.cardinality }),
  };
}

function storedNumericPart({ forest, neighbours, calibration, ...scales }: NumericPart) {
  return {
    ...scales,
    forest: {
      columns: forest.columns,
      sampleSize: forest.sampleSize,
      heightLimit: forest.heightLimit,
      roots: textOfArray(forest.roots),
      feature: textOfArray(forest.feature),
      threshold: textOfArray(forest.threshold),
      left: textOfArray(forest.left),
      right: textOfArray(forest.right),
      size: textOfArray(forest.size),
    },
    neighbours: {
      ...neighbours,
      mean: textOfArray(neighbours.mean),
      deviation: textOfArray(neighbours.deviation),
      rows: textOfArray(neighbours.rows),
    },
    calibration: storedCalibration(calibration),
  };
}

function storedCalibration({ scores, tail }: Calibration) {
  return { scores: textOfArray(scores), tail: tail ?? null };
}

function parseEnvelope(text: string): { readonly checksum: string; readonly model: unknown } {
  let envelope: unknown;
  try {
    envelope = JSON.parse(text);
  } catch (cause) {
    throw refused('it is not JSON', cause);
  }
  if (typeof envelope !== 'object' || envelope === null) throw refused('it is not a JSON object');
  const { format, version, checksum, model } = envelope as Record<string, unknown>;
  if (format !== MODEL_FORMAT) throw refused(`its format is ${JSON.stringify(format)}, not "${MODEL_FORMAT}"`);
  if (version !== MODEL_FORMAT_VERSION) {
    throw refused(`its version is ${JSON.stringify(version)}, this program reads version ${MODEL_FORMAT_VERSION}`);
  }
  if (typeof checksum !== 'string' || typeof model !== 'object' || model === null) throw refused('it is incomplete');
  return { checksum, model };
}

function loadedModel(stored: StoredModel): RecordModel {
  const columns = stored.encoder.columns.map(loadedColumn);
  const width = columns.reduce((sum, column) => sum + column.numeric.length, 0);
  const numeric = stored.numeric && loadedNumericPart(stored.numeric, width);
  return {
    ...stored,
    encoder: { ...stored.encoder, columns, width },
    numeric,
    categorical: { ...stored.categorical, calibration: loadedCalibration(stored.categorical.calibration) },
  };
}

function loadedColumn(column: StoredColumn): EncodedColumn {
  return {
    path: column.path,
    kind: column.kind,
    numeric: column.numeric.map((feature) => ({
      ...feature,
      name: known(NUMERIC_READERS, feature.name) as NumericFeatureName,
      summary: sized(arrayOfText(Float64Array, feature.summary), SUMMARY_PROBABILITIES.length),
    })),
    categorical: column.categorical.map((feature) => ({
      ...feature,
      name: known(CATEGORY_READERS, feature.name) as CategoryFeatureName,
      counts: { ...feature.counts, counts: new Map(feature.counts.counts) },
    })),
    ...(column.cardinality && { cardinality: column.cardinality }),
  };
}

function loadedNumericPart(
  { forest, neighbours, calibration, ...scales }: StoredNumericPart,
  width: number,
): NumericPart {
  const rows = neighbours.samples * neighbours.sampleSize * width;
  return {
    ...scales,
    forest: checkedForest(
      {
        ...forest,
        roots: arrayOfText(Int32Array, forest.roots),
        feature: arrayOfText(Uint16Array, forest.feature),
        threshold: arrayOfText(Float64Array, forest.threshold),
        left: arrayOfText(Int16Array, forest.left),
        right: arrayOfText(Int16Array, forest.right),
        size: arrayOfText(Uint16Array, forest.size),
      },
      width,
    ),
    neighbours: {
      ...neighbours,
      mean: sized(arrayOfText(Float64Array, neighbours.mean), width),
      deviation: sized(arrayOfText(Float64Array, neighbours.deviation), width),
      rows: sized(arrayOfText(Float32Array, neighbours.rows), rows),
    },
    calibration: loadedCalibration(calibration),
  };
}

/** Indices within bounds and children after their parents, so that scoring always ends. */
function checkedForest(forest: IsolationForest, width: number): IsolationForest {
  const nodes = forest.feature.length;
  for (const array of [forest.threshold, forest.left, forest.right, forest.size]) sized(array, nodes);
  if (forest.columns !== width) throw new RangeError('the forest has another number of features than the encoder');
  if (forest.roots.some((root) => root >= nodes)) throw new RangeError('a root lies outside the nodes');
  for (let node = 0; node < nodes; node++) {
    const children = [forest.left[node] as number, forest.right[node] as number];
    if ((forest.feature[node] as number) >= width || children.some((child) => child === 0 || node + child >= nodes)) {
      throw new RangeError(`node ${node} points outside the forest`);
    }
  }
  return forest;
}

function loadedCalibration({ scores, tail }: StoredCalibration): Calibration {
  return { scores: arrayOfText(Float32Array, scores), tail: tail ?? undefined };
}

function sized<T extends { readonly length: number }>(array: T, length: number): T {
  if (array.length !== length) throw new RangeError(`expected ${length} elements, found ${array.length}`);
  return array;
}

function known(readers: object, name: string): string {
  if (!Object.hasOwn(readers, name)) throw new RangeError(`unknown feature ${name}`);
  return name;
}

function checksumOf(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}

function refused(why: string, cause?: unknown): DomainError {
  return unprocessable('MODEL_FORMAT', `The stored model can't be read: ${why}. Train it anew.`, { cause });
}

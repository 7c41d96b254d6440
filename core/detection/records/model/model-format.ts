import { hash } from 'node:crypto';
import { unprocessable } from '../../../domain/errors.ts';
import type { DomainError } from '../../../domain/errors.ts';
import type { Calibration } from '../../statistics/calibration.ts';
import { CATEGORY_READERS, NUMERIC_READERS } from '../features/column-features.ts';
import type { CategoryFeatureName, NumericFeatureName } from '../features/column-features.ts';
import type { EncodedColumn } from './encoded-column.ts';
import type { IsolationForest } from '../forest/isolation-forest.ts';
import { strideOf } from '../neighbours/nearest-neighbours.ts';
import { SUMMARY_PROBABILITIES } from '../../statistics/quantiles.ts';
import type { NumericPart } from './numeric-part.ts';
import type { RecordModel } from './record-model.ts';
import { aligned, arrayAt, createArrayBlockWriter } from './typed-array-block.ts';
import type { ArrayBlockWriter, ArrayPlace, TypedArray, TypedArrayConstructor } from './typed-array-block.ts';

/**
 * The stored form of a model, versioned and checksummed: a line of JSON that says what it is, the model as JSON, and its typed
 * arrays as bytes, which the JSON refers to by place. Data only: loading one runs no code (the original's pickles did), and
 * copies no array: they are views of the bytes. Scores of the parsed model equal those of the original bit for bit. A stored
 * model holds sampled training rows (standardised numbers) and keyed hashes of category values: it is customer data.
 */
export const MODEL_FORMAT = 'record-model';
/** Raised with every change of what a model holds or how it is stored. 1 was one JSON text with arrays in base64. */
export const MODEL_FORMAT_VERSION = 6;

/** The first line. */
interface Head {
  readonly format: typeof MODEL_FORMAT;
  readonly version: typeof MODEL_FORMAT_VERSION;
  /** SHA-256 of all that follows the line, in hexadecimal. */
  readonly checksum: string;
  /** Bytes of the JSON that follows; the rest is arrays. */
  readonly jsonBytes: number;
}

/** Enough for the line; it and the JSON are filled up with spaces, so that arrays lie at multiples of eight bytes. */
const HEAD_BYTES = 192;
const SPACE = 0x20;
const NEWLINE = 0x0a;

export function serialiseModel(model: RecordModel): Uint8Array<ArrayBuffer> {
  const arrays = createArrayBlockWriter();
  const json = Buffer.from(JSON.stringify(storedModel(model, arrays.add)));
  const jsonBytes = aligned(json.length);
  const bytes = new Uint8Array(HEAD_BYTES + jsonBytes + arrays.byteLength).fill(SPACE, 0, HEAD_BYTES + jsonBytes);
  bytes.set(json, HEAD_BYTES);
  arrays.writeInto(bytes, HEAD_BYTES + jsonBytes);
  const checksum = checksumOf(bytes.subarray(HEAD_BYTES));
  const head: Head = { format: MODEL_FORMAT, version: MODEL_FORMAT_VERSION, checksum, jsonBytes };
  bytes.set(Buffer.from(JSON.stringify(head)));
  bytes[HEAD_BYTES - 1] = NEWLINE;
  return bytes;
}

/**
 * The model in the bytes, of which it keeps hold. Throws a DomainError MODEL_FORMAT (422) for anything but an intact model of
 * a known version: retrain then, never guess.
 */
export function parseModel(bytes: Uint8Array): RecordModel {
  const { head, body } = opened(bytes);
  if (checksumOf(body) !== head.checksum) throw refused('its checksum does not match its content');
  try {
    const stored = JSON.parse(textOf(body.subarray(0, head.jsonBytes))) as StoredModel;
    const block = body.subarray(head.jsonBytes);
    return loadedModel(stored, (type, place) => arrayAt(type, block, place));
  } catch (cause) {
    throw refused('a part of it is missing or has the wrong type', cause);
  }
}

function storedModel(model: RecordModel, put: PutArray) {
  return {
    ...model,
    encoder: { ...model.encoder, columns: model.encoder.columns.map((column) => storedColumn(column, put)) },
    numeric: model.numeric && storedNumericPart(model.numeric, put),
    categorical: { ...model.categorical, calibration: storedCalibration(model.categorical.calibration, put) },
  };
}

type PutArray = ArrayBlockWriter['add'];
type TakeArray = <T extends TypedArray>(type: TypedArrayConstructor<T>, place: ArrayPlace) => T;
type StoredModel = ReturnType<typeof storedModel>;
type StoredColumn = ReturnType<typeof storedColumn>;
type StoredNumericPart = ReturnType<typeof storedNumericPart>;
type StoredCalibration = ReturnType<typeof storedCalibration>;

function storedColumn(column: EncodedColumn, put: PutArray) {
  return {
    path: column.path,
    kind: column.kind,
    numeric: column.numeric.map((feature) => ({ ...feature, summary: put(feature.summary) })),
    categorical: column.categorical.map((feature) => ({
      ...feature,
      counts: { ...feature.counts, counts: [...feature.counts.counts] },
    })),
    ...(column.cardinality && { cardinality: column.cardinality }),
  };
}

function storedNumericPart({ forest, neighbours, calibration, ...scales }: NumericPart, put: PutArray) {
  return {
    ...scales,
    forest: {
      columns: forest.columns,
      sampleSize: forest.sampleSize,
      heightLimit: forest.heightLimit,
      roots: put(forest.roots),
      feature: put(forest.feature),
      threshold: put(forest.threshold),
      left: put(forest.left),
      right: put(forest.right),
      size: put(forest.size),
    },
    neighbours: {
      ...neighbours,
      mean: put(neighbours.mean),
      deviation: put(neighbours.deviation),
      rows: put(neighbours.rows),
    },
    calibration: storedCalibration(calibration, put),
  };
}

function storedCalibration({ scores, tail }: Calibration, put: PutArray) {
  return { scores: put(scores), tail: tail ?? null };
}

/** Head and body of what calls itself a model of a version that is known here. */
function opened(bytes: Uint8Array): { readonly head: Head; readonly body: Uint8Array } {
  const end = bytes.indexOf(NEWLINE);
  const line = end < 0 ? bytes : bytes.subarray(0, end);
  let head: unknown;
  try {
    head = JSON.parse(textOf(line));
  } catch (cause) {
    throw refused('it does not begin with a line of JSON', cause);
  }
  if (typeof head !== 'object' || head === null) throw refused('it does not begin with a JSON object');
  const { format, version, jsonBytes } = head as Record<string, unknown>;
  if (format !== MODEL_FORMAT) throw refused(`its format is ${JSON.stringify(format)}, not "${MODEL_FORMAT}"`);
  if (version !== MODEL_FORMAT_VERSION) {
    throw refused(`its version is ${JSON.stringify(version)}, this program reads version ${MODEL_FORMAT_VERSION}`);
  }
  const body = bytes.subarray(line.length + 1);
  if (typeof jsonBytes !== 'number' || jsonBytes > body.length) throw refused('it is incomplete');
  // Arrays are views of the body, which must lie at a multiple of eight bytes for that; what the store reads does.
  return { head: head as Head, body: body.byteOffset % 8 === 0 ? body : new Uint8Array(body) };
}

function loadedModel(stored: StoredModel, take: TakeArray): RecordModel {
  const columns = stored.encoder.columns.map((column) => loadedColumn(column, take));
  const width = columns.reduce((sum, column) => sum + column.numeric.length, 0);
  const numeric = stored.numeric && loadedNumericPart(stored.numeric, width, take);
  return {
    ...stored,
    encoder: { ...stored.encoder, columns, width },
    numeric,
    categorical: { ...stored.categorical, calibration: loadedCalibration(stored.categorical.calibration, take) },
  };
}

function loadedColumn(column: StoredColumn, take: TakeArray): EncodedColumn {
  return {
    path: column.path,
    kind: column.kind,
    numeric: column.numeric.map((feature) => ({
      ...feature,
      name: known(NUMERIC_READERS, feature.name) as NumericFeatureName,
      summary: sized(take(Float64Array, feature.summary), SUMMARY_PROBABILITIES.length),
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
  take: TakeArray,
): NumericPart {
  const cells = neighbours.samples * strideOf(neighbours) * width;
  return {
    ...scales,
    forest: checkedForest(
      {
        ...forest,
        roots: take(Int32Array, forest.roots),
        feature: take(Uint16Array, forest.feature),
        threshold: take(Float64Array, forest.threshold),
        left: take(Int16Array, forest.left),
        right: take(Int16Array, forest.right),
        size: take(Uint16Array, forest.size),
      },
      width,
    ),
    neighbours: {
      ...neighbours,
      mean: sized(take(Float64Array, neighbours.mean), width),
      deviation: sized(take(Float64Array, neighbours.deviation), width),
      rows: sized(take(Float32Array, neighbours.rows), cells),
    },
    calibration: loadedCalibration(calibration, take),
  };
}

/** Indices within bounds and children after their parents, so that scoring always ends. */
function checkedForest(forest: IsolationForest, width: number): IsolationForest {
  const nodes = forest.feature.length;
  for (const array of [forest.threshold, forest.left, forest.right, forest.size]) sized(array, nodes);
  if (forest.columns !== width) throw new RangeError('the forest has another number of features than the encoder');
  if (forest.roots.some((root) => root >= nodes)) throw new RangeError('a root lies outside the nodes');
  const { feature, left, right } = forest;
  const isInside = (node: number, child: number): boolean => child !== 0 && node + child < nodes;
  for (let node = 0; node < nodes; node++) {
    const [toLeft, toRight] = [left[node] as number, right[node] as number];
    if ((feature[node] as number) >= width || !isInside(node, toLeft) || !isInside(node, toRight)) {
      throw new RangeError(`node ${node} points outside the forest`);
    }
  }
  return forest;
}

function loadedCalibration({ scores, tail }: StoredCalibration, take: TakeArray): Calibration {
  return { scores: take(Float32Array, scores), tail: tail ?? undefined };
}

function sized<T extends { readonly length: number }>(array: T, length: number): T {
  if (array.length !== length) throw new RangeError(`expected ${length} elements, found ${array.length}`);
  return array;
}

function known(readers: object, name: string): string {
  if (!Object.hasOwn(readers, name)) throw new RangeError(`unknown feature ${name}`);
  return name;
}

function checksumOf(body: Uint8Array): string {
  return hash('sha256', body);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
}

function refused(why: string, cause?: unknown): DomainError {
  return unprocessable('MODEL_FORMAT', `The stored model can't be read: ${why}. Train it anew.`, { cause });
}

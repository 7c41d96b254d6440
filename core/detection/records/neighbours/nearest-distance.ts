import { NEAREST_DISTANCE_WASM } from './nearest-distance-wasm.ts';
import { cellIndex, strideOf } from './nearest-neighbours.ts';
import type { NeighbourSamples } from './nearest-neighbours.ts';

/**
 * Mean over the samples of the distance from a standardised row to the nearest sampled row, over the cells that the row
 * has, scaled to all columns by √(d / d_present); NaN when it has none. `hidden` are sampled rows that do not count: a
 * training row is not its own neighbour.
 *
 * The loop over 1,280 sampled rows is the costliest of an analysis. It is 30 lines of WebAssembly (nearest-distance.wat),
 * which compares eight rows at once and does nothing but arithmetic: a sixth of the time of the same loop in
 * JavaScript (decision 25). Its numbers are IEEE 754 single precision, the same on every machine.
 */
export function meanNearestDistance(
  neighbours: NeighbourSamples,
  row: Float32Array,
  hidden: readonly number[] = NONE,
): number {
  const { columns, samples } = neighbours;
  const stride = strideOf(neighbours);
  if (loaded !== neighbours.rows) load(neighbours);
  let cells = 0;
  for (let column = 0; column < columns; column++) {
    const value = row[column] as number;
    if (Number.isNaN(value)) continue;
    offsets[2 * cells] = column * stride * FLOAT_BYTES;
    floats[2 * cells + 1] = value;
    cells++;
  }
  if (cells === 0) return Number.NaN;
  for (const index of hidden) hide(neighbours, index);
  const distance = kernel.meanNearestDistance(
    0,
    cells * CELL_BYTES,
    rowsAt(columns),
    samples,
    columns,
    stride * FLOAT_BYTES,
  );
  for (const index of hidden) show(neighbours, index);
  return distance * Math.sqrt(columns / cells);
}

/** The host's own: TypeScript declares it for browsers only. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  meanNearestDistance(
    cells: number,
    cellsEnd: number,
    rows: number,
    samples: number,
    columns: number,
    stride: number,
  ): number;
}

const NONE: readonly number[] = [];
const FLOAT_BYTES = 4;
/** Offset and value of one cell of the row. */
const CELL_BYTES = 8;
const PAGE_BYTES = 65_536;

// One for the thread: memory holds the cells of the row that is being scored, then the sampled rows of the model that scored
// last. It grows to the largest model and no further.
const kernel = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(NEAREST_DISTANCE_WASM, 'base64')))
  .exports as Kernel;
let floats = new Float32Array(kernel.memory.buffer);
let offsets = new Int32Array(kernel.memory.buffer);
let loaded: Float32Array | undefined;

/** Address of the sampled rows, at a multiple of the 16 bytes that are read at once. */
function rowsAt(columns: number): number {
  return Math.ceil((columns * CELL_BYTES) / 16) * 16;
}

function load({ columns, rows }: NeighbourSamples): void {
  const from = rowsAt(columns);
  const missing = from + rows.byteLength - kernel.memory.buffer.byteLength;
  if (missing > 0) {
    kernel.memory.grow(Math.ceil(missing / PAGE_BYTES));
    floats = new Float32Array(kernel.memory.buffer);
    offsets = new Int32Array(kernel.memory.buffer);
  }
  floats.set(rows, from / FLOAT_BYTES);
  loaded = rows;
}

function hide(neighbours: NeighbourSamples, index: number): void {
  const from = rowsAt(neighbours.columns) / FLOAT_BYTES;
  for (let column = 0; column < neighbours.columns; column++) {
    floats[from + cellIndex(neighbours, index, column)] = Number.NaN;
  }
}

function show(neighbours: NeighbourSamples, index: number): void {
  const from = rowsAt(neighbours.columns) / FLOAT_BYTES;
  for (let column = 0; column < neighbours.columns; column++) {
    const cell = cellIndex(neighbours, index, column);
    floats[from + cell] = neighbours.rows[cell] as number;
  }
}

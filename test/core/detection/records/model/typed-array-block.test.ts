import { describe, expect, it } from 'vitest';
import { arrayAt, createArrayBlockWriter } from '../../../../../core/detection/records/model/typed-array-block.ts';

describe('typed arrays in a block of bytes', () => {
  it('come back bit for bit, as views of the block', () => {
    const doubles = Float64Array.of(0.1, -0, Number.NaN, Number.POSITIVE_INFINITY, 5e-324);
    const shorts = Int16Array.of(-1, 32_767, 5);
    const none = new Float32Array();
    const writer = createArrayBlockWriter();
    const places = [writer.add(shorts), writer.add(none), writer.add(doubles)];
    const block = new Uint8Array(8 + writer.byteLength).subarray(8);
    writer.writeInto(block, 0);
    const back = arrayAt(Float64Array, block, places[2]!);
    expect(back).toEqual(doubles);
    expect(back.buffer).toBe(block.buffer);
    expect(arrayAt(Int16Array, block, places[0]!)).toEqual(shorts);
    expect(arrayAt(Float32Array, block, places[1]!)).toEqual(none);
  });

  it('are little-endian whatever part of a buffer they were', () => {
    const writer = createArrayBlockWriter();
    writer.add(Uint16Array.of(7, 0x0102, 9).subarray(1, 2));
    const block = new Uint8Array(writer.byteLength);
    writer.writeInto(block, 0);
    expect([...block]).toEqual([2, 1, 0, 0, 0, 0, 0, 0]);
  });

  it.each([
    ['ends after the block', { at: 8, length: 2 }],
    ['begins before it', { at: -8, length: 1 }],
    ['is not at a multiple of its elements', { at: 4, length: 1 }],
    ['is no number', { at: Number.NaN, length: 1 }],
  ])('at a place that %s are refused', (_, place) => {
    expect(() => arrayAt(Float64Array, new Uint8Array(16), place)).toThrow(RangeError);
  });
});

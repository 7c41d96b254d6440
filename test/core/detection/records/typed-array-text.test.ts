import { describe, expect, it } from 'vitest';
import { arrayOfText, textOfArray } from '../../../../core/detection/records/typed-array-text.ts';

describe('typed arrays as text', () => {
  it('come back bit for bit', () => {
    const doubles = Float64Array.of(0.1, -0, Number.NaN, Number.POSITIVE_INFINITY, 5e-324);
    expect(arrayOfText(Float64Array, textOfArray(doubles))).toEqual(doubles);
    expect(arrayOfText(Int16Array, textOfArray(Int16Array.of(-1, 32_767)))).toEqual(Int16Array.of(-1, 32_767));
    expect(arrayOfText(Float32Array, textOfArray(new Float32Array()))).toEqual(new Float32Array());
  });

  it('are little-endian whatever part of a buffer they view', () => {
    const view = Uint16Array.of(7, 0x0102, 9).subarray(1, 2);
    expect(Buffer.from(textOfArray(view), 'base64')).toEqual(Buffer.of(2, 1));
  });

  it('are refused when cut', () => {
    expect(() => arrayOfText(Float64Array, Buffer.alloc(9).toString('base64'))).toThrow(RangeError);
  });
});

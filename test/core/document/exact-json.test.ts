import { describe, expect, it } from 'vitest';
import { isExactNumber, parseExactJson } from '../../../core/document/exact-json.ts';

describe('JSON parsed to be written again', () => {
  it.each([
    '9007199254740993',
    '-12345678901234567890',
    '1e999',
    '1.10',
    '-0',
    '1E5',
    '0.1234567890123456789',
    '{"a":[1,"9007199254740993",{"__proto__":9007199254740993}],"b":null}',
  ])('keeps %s', (text) => {
    expect(JSON.stringify(parseExactJson(text))).toBe(text);
  });

  it('gives values of JavaScript wherever they say the same', () => {
    const text = '{"a":[1,-1.5,1e21,"x",true,null],"rawJSON":"9007199254740993"}';
    const parsed = parseExactJson(text.replace('1e21', '1e+21'));
    expect(parsed).toEqual(JSON.parse(text));
    expect(isExactNumber(parsed)).toBe(false);
  });

  it('refuses nesting by the thousand rather than exhaust the stack', () => {
    expect(() => parseExactJson('['.repeat(100_000) + ']'.repeat(100_000))).toThrow(RangeError);
  });
});

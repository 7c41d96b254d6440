import { describe, expect, it } from 'vitest';
import { isStorableText, storableJson, storableText } from '../../../core/domain/text.ts';

describe('storable text', () => {
  it.each([
    ['', true],
    ['Grüße 🎵', true],
    ['a\0', false],
    ['\ud83c', false],
    ['\udfb5 alone', false],
  ])('%j: %j', (text, storable) => {
    expect(isStorableText(text)).toBe(storable);
    expect(storableText(text, 100) === text).toBe(storable);
    expect(isStorableText(storableText(text, 100))).toBe(true);
  });

  it('is cut before a pair of surrogates, not in it', () => {
    expect(storableText('ab🎵', 3)).toBe('ab');
    expect(storableText('ab🎵', 4)).toBe('ab🎵');
    expect(storableText('ab\0c', 3)).toBe('ab\ufffd');
  });
});

describe('storable JSON', () => {
  it.each([
    [
      { a: 'x\0y', 'b\0': ['\ud800', 1, null] },
      { a: 'x\ufffdy', 'b\ufffd': ['\ufffd', 1, null] },
    ],
    [{ a: 'the text \\u0000' }, { a: 'the text \\u0000' }],
    [
      ['🎵', { ok: true }],
      ['🎵', { ok: true }],
    ],
  ])('of %j', (value, stored) => {
    expect(JSON.parse(storableJson(value))).toEqual(stored);
  });

  it('keeps a key that is a name of objects an own key', () => {
    expect(storableJson(JSON.parse('{"__proto__":{"a":"\\u0000"}}'))).toBe('{"__proto__":{"a":"\ufffd"}}');
  });
});

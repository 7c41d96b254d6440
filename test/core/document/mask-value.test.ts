import { describe, expect, it } from 'vitest';
import { parseExactJson } from '../../../core/document/exact-json.ts';
import { maskValue } from '../../../core/document/mask-value.ts';
import type { MaskSpec } from '../../../core/domain/kill-switch-rule.ts';

const hash = (text: string): string => `${text.length.toString(16)}${'abcdef0123456789'.repeat(4)}`;

describe('a mask', () => {
  it.each<[string, unknown, MaskSpec, unknown]>([
    ['null', 'secret', { path: '', mask: 'null' }, null],
    ['null on a number', 5, { path: '', mask: 'null' }, null],
    ['a fixed text', 'secret', { path: '', mask: 'fixed', text: '***' }, '***'],
    ['a fixed number', 17.5, { path: '', mask: 'fixed', text: '42' }, 42],
    ['a fixed text on a number, which stays a number', 17, { path: '', mask: 'fixed', text: '***' }, 0],
    ['anything on a boolean, which stays a boolean', true, { path: '', mask: 'fixed', text: '***' }, false],
    ['the last four', '4111111111111111', { path: '', mask: 'keep_last', count: 4 }, '************1111'],
    ['the last of an emoji text, by code points', 'ab😀😀', { path: '', mask: 'keep_last', count: 1 }, '***😀'],
    [
      'nothing of a text that is no longer than what may be seen',
      '123',
      { path: '', mask: 'keep_last', count: 3 },
      '***',
    ],
    ['the last digits of a number', 123_456, { path: '', mask: 'keep_last', count: 2 }, 56],
    ['nothing of a short number', 56, { path: '', mask: 'keep_last', count: 2 }, 0],
    ['nothing of a fraction', 1.25, { path: '', mask: 'keep_last', count: 2 }, 0],
    ['a hash with its proof', 'ann', { path: '', mask: 'hash' }, '9abcdef01234567816abcdef01234567'],
    ['a hash of a number, which stays a number', 17, { path: '', mask: 'hash' }, 0x2abcdef],
    ['each leaf of a list', ['a', null, 1], { path: '', mask: 'fixed', text: 'x' }, ['x', null, 0]],
    ['each leaf of an object', { a: { b: 'c' } }, { path: '', mask: 'fixed', text: 'x' }, { a: { b: 'x' } }],
    ['null, which stays null', null, { path: '', mask: 'hash' }, null],
  ])('leaves %s', (_, value, spec, expected) => {
    expect(maskValue(value, spec, hash)).toEqual(expected);
  });

  it.each<[string, MaskSpec, unknown]>([
    ['12345678901234567890', { path: '', mask: 'null' }, null],
    ['12345678901234567890', { path: '', mask: 'fixed', text: '42' }, 42],
    ['12345678901234567890', { path: '', mask: 'keep_last', count: 2 }, 0],
    ['1234.0', { path: '', mask: 'keep_last', count: 2 }, 34],
  ])('leaves of the number %s, written as JavaScript would not, with %j: %j', (text, spec, expected) => {
    expect(maskValue(parseExactJson(text), spec, hash)).toEqual(expected);
  });

  it('hashes numbers by their value, and large ones by every digit', () => {
    const seen: string[] = [];
    const spy = (text: string): string => {
      seen.push(text);
      return hash(text);
    };
    for (const text of ['1.1', '1.10', '11e-1', '-0', '0', '9007199254740992', '9007199254740993']) {
      maskValue(parseExactJson(text), { path: '', mask: 'hash' }, spy);
    }
    expect(seen).toEqual(['1.1', '1.1', '1.1', '0', '0', '9007199254740992', '9007199254740993']);
  });

  it('withholds what is nested deeper than it looks', () => {
    const lists = JSON.parse('['.repeat(10_000) + '"secret"' + ']'.repeat(10_000)) as unknown;
    expect(JSON.stringify(maskValue(lists, { path: '', mask: 'fixed', text: 'x' }, hash))).not.toContain('secret');
  });
});

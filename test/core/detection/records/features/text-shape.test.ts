import { describe, expect, it } from 'vitest';
import { expectLinear } from '../../../../support/linear-work.ts';
import { textForm } from '../../../../../core/detection/records/features/text-shape.ts';

describe('the form of a text', () => {
  it.each([
    ['', ''],
    ['paid', 'a'],
    ['PAID', 'A'],
    ['Paid', 'Aa'],
    ['ABC-123', 'A-9'],
    ['order_17', 'a_9'],
    ['order17', 'x'],
    ['2026-01-02', '9-+9'],
    ['1.2.3', '9.+9'],
    ['Zürich', 'ü'],
    ['3f2504e0-4f89-11d3-9a0c-0305e82c3301', 'uuid'],
    ['someone@example.com', 'e-mail'],
    ['https://example.com/a', 'url'],
    ['d41d8cd98f00b204e9800998ecf8427e', 'hex'],
  ])('of %j is %j', (text, shape) => {
    expect(textForm(text).shape).toBe(shape);
  });

  it('is one form for sentences of any number of words', () => {
    expect(textForm('please ring the bell twice').shape).toBe(textForm('please ring the bell').shape);
  });

  it('counts digits, capitals and characters beyond ASCII as shares', () => {
    expect(textForm('AB12é')).toMatchObject({ upper: 0.4, digits: 0.4, nonAscii: 0.2 });
  });

  it.each(['a1-B2_c3.', '@', ' '])('is short, and no more work for a longer text: %j repeated', (text) => {
    const [long, longer] = [text.repeat(100_000), text.repeat(400_000)];
    expect(textForm(long).shape.length).toBeLessThan(100);
    expectLinear((times) => textForm(times === 1 ? long : longer), 1);
  });
});

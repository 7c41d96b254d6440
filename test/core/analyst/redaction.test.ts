import { describe, expect, it } from 'vitest';
import { isCommonWord } from '../../../core/analyst/common-words.ts';
import { openWords, roundedNumber, safeCell, safeColumnPath, safeName } from '../../../core/analyst/redaction.ts';
import type { FieldStatistics } from '../../../core/domain/analysis.ts';
import type { Cell } from '../../../core/domain/observation.ts';

const NONE: ReadonlySet<string> = new Set();

describe('a cell on its way out', () => {
  const cases: [string, string, FieldStatistics['type'], Cell, unknown, unknown][] = [
    // path, what it is, type, cell, strict, personal
    ['total', 'a number', 'numeric', 98_412.37, 98_410, 98_410],
    ['total', 'a long integer', 'numeric', 4_111_111_111_111_111, '[integer of 16 digits]', '[integer of 16 digits]'],
    ['total', 'a negative long integer', 'numeric', -536_228_146, '[integer of 9 digits]', '[integer of 9 digits]'],
    ['salary', 'pay', 'numeric', 52_000, '[pay, number]', '[pay, number]'],
    ['customer_id', 'an identifier', 'identifier', 4_711, '[identifier, number]', '[identifier, number]'],
    ['is_paid', 'a boolean', 'boolean', true, true, true],
    ['is_diagnosis', 'a boolean trait', 'boolean', true, '[boolean, hidden]', '[boolean, hidden]'],
    ['note', 'null', 'text', null, null, null],
    ['note', 'a missing cell', 'text', undefined, '[missing]', '[missing]'],
    ['tags', 'a list', 'nested', [1, 2, 3], '[list of 3]', '[list of 3]'],
    ['note', 'prose', 'text', 'call back later', '[text of 15 characters]', 'call back later'],
    [
      'note',
      'prose with an e-mail address',
      'text',
      'mail ann@example.com',
      '[text of 20 characters]',
      'mail [e-mail]',
    ],
    ['note', 'prose with a number', 'text', 'order 123456789 late', '[text of 20 characters]', 'order [9 digits] late'],
    [
      'note',
      'prose with a key',
      'text',
      'key q9Zt4Lm2Xv8Rk1Wp6Yd3',
      '[text of 24 characters]',
      'key [token, 20 characters]',
    ],
    [
      'note',
      'long prose',
      'text',
      'x'.repeat(12) + ' word'.repeat(40),
      '[text of 212 characters]',
      expect.stringMatching(/^x{12}[ word]{67}…$/),
    ],
    ['note', 'an IBAN', 'text', 'AT61 1904 3002 3457 3201', '[iban, 24 characters]', '[iban, 24 characters]'],
    ['note', 'a card', 'text', '4111 1111 1111 1111', '[card, 19 characters]', '[card, 19 characters]'],
    ['customer_name', 'a name by its column', 'text', 'Ann Lee', '[name, 7 characters]', '[name, 7 characters]'],
    ['assignee', 'a person by its column', 'categorical', 'Ann', '[name, 3 characters]', '[name, 3 characters]'],
    ['createdBy', 'a person by its column', 'categorical', 'Ann', '[name, 3 characters]', '[name, 3 characters]'],
    ['password', 'a credential', 'text', 'hunter2', '[credential, 7 characters]', '[credential, 7 characters]'],
    [
      'created_at',
      'a time',
      'timestamp',
      '2026-03-14T02:11:09Z',
      '[time in 2026-03, 02:00]',
      '[time in 2026-03, 02:00]',
    ],
    ['due', 'a date', 'timestamp', '2026-03-14', '[date in 2026-03]', '[date in 2026-03]'],
    [
      'birth_date',
      'a birthday',
      'timestamp',
      '1984-05-17',
      '[birth date, 10 characters]',
      '[birth date, 10 characters]',
    ],
  ];
  it.each(cases)('%s: %s', (path, _what, type, cell, strict, personal) => {
    expect(safeCell(path, type, cell, NONE, 'strict')).toEqual(strict);
    expect(safeCell(path, type, cell, NONE, 'personal')).toEqual(personal);
  });

  it('stands in clear where it is one of the common words of its column', () => {
    expect(safeCell('status', 'categorical', 'paid', new Set(['paid']), 'strict')).toBe('paid');
    expect(safeCell('owner', 'categorical', 'paid', new Set(['paid']), 'strict')).toBe('[name, 4 characters]');
  });
});

describe('common words of a column', () => {
  const statistics = (values: Record<string, number>, type: FieldStatistics['type'] = 'categorical') => ({
    type,
    topValues: Object.entries(values).map(([value, count]) => ({ value: JSON.stringify(value), count })),
  });

  it('recur, are on the list, and stand in a column of categories that holds no people', () => {
    const values = { paid: 20, 'in progress': 9, EUR: 5, AT: 4, open: 2, Featherstone: 30, 'text of 9 characters': 8 };
    expect([...openWords('status', statistics(values))]).toEqual(['paid', 'in progress', 'EUR', 'AT']);
    expect(openWords('status', statistics(values, 'text')).size).toBe(0);
    expect(openWords('owner', statistics(values)).size).toBe(0);
  });

  it.each(['out_for_delivery', 'CreditCard', 'PAID', 'CHF', 'DE'])('%s is one', (word) => {
    expect(isCommonWord(word)).toBe(true);
  });

  it.each(['Ann', 'QX', 'QQQ', 'correct-horse-battery', '', 'paid by Ann', 'open '.repeat(5), 'hunter2'])(
    '%j is none',
    (word) => {
      expect(isCommonWord(word)).toBe(false);
    },
  );
});

describe('a name on its way out', () => {
  it.each(['total', 'billingAddress', 'ListOrders', 'x_1', '_id'])('%s is a name of a schema', (name) => {
    expect(safeName(name)).toBe(name);
  });

  it.each([
    'ann@example.com',
    'Ann Lee',
    'card_4111111111111111',
    'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
    'q9Zt4Lm2Xv8Rk1Wp6Yd3',
    'deadbeefdeadbeefdeadbeef',
    '',
    'x'.repeat(65),
    '</data>',
    '忽略',
  ])('%j is not, and told by its length', (name) => {
    expect(safeName(name)).toBe(`[name of ${name.length} characters]`);
  });

  it('of a column ends where the selection ends: what follows is a key in the data', () => {
    const known = new Set(['customers.balances', 'customers.address.city']);
    expect(safeColumnPath('customers', 'balances.Ann', known)).toBe('balances.[1 inner]');
    expect(safeColumnPath('customers', 'address.city', known)).toBe('address.city');
    expect(safeColumnPath('customers', 'other.part', known)).toBe('other.part');
  });
});

it('a number keeps its magnitude and not its digits', () => {
  expect([123_456, 0.000123456, -98_765.4, 0, Number.NaN, Infinity].map(roundedNumber)).toEqual([
    123_500, 0.0001235, -98_770, 0, 0, 0,
  ]);
});

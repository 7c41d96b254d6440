import { describe, expect, it } from 'vitest';
import { expectLinear } from '../../../support/linear-work.ts';
import { personalKindOf } from '../../../../core/detection/personal-data/personal-names.ts';
import {
  isCardNumber,
  isIban,
  personalKindOfCells,
  personalValueOf,
  withoutPersonalValues,
} from '../../../../core/detection/personal-data/personal-values.ts';
import { redact } from '../../../../core/detection/personal-data/redaction.ts';

describe('personal data by the name of a column', () => {
  it.each([
    ['customers.email', 'e-mail'],
    ['customers.eMail', 'e-mail'],
    ['music.customers.primary_email_address', 'e-mail'],
    ['phoneNumber', 'phone'],
    ['PHONE', 'phone'],
    ['customers.billingPostalCode', 'address'],
    ['employees.birthDate', 'birth date'],
    ['date_of_birth', 'birth date'],
    ['firstName', 'name'],
    ['user.passwordHash', 'credential'],
    ['accessToken', 'token'],
    ['IBAN', 'iban'],
    ['creditCardNumber', 'card'],
    ['SSN', 'national id'],
    ['employees.salary', 'pay'],
    ['ipAddress', 'address'],
    ['homePhone', 'phone'],
    ['tel', 'phone'],
    ['card', 'card'],
    ['customer.billingAddress.city', 'address'],
    ['passport_number', 'national id'],
    ['firstname', 'name'],
    ['customers.lastname', 'name'],
    ['username', 'name'],
    ['userNames', 'name'],
    ['emailaddress', 'e-mail'],
    ['emails', 'e-mail'],
    ['primary_emailaddresses', 'e-mail'],
    ['phonenumber', 'phone'],
    ['phones', 'phone'],
    ['zipcode', 'address'],
    ['postalcode', 'address'],
    ['addresses', 'address'],
    ['creditcard', 'card'],
    ['cardholder', 'card'],
    ['accountnumber', 'account'],
    ['dateofbirth', 'birth date'],
    ['passwordhash', 'credential'],
    ['apikey', 'token'],
    ['access_tokens', 'token'],
    ['password_reset_token', 'token'],
    ['salaries', 'pay'],
    ['diagnoses', 'trait'],
  ])('%s is %s', (path, kind) => {
    expect(personalKindOf(path)).toBe(kind);
  });

  it.each([
    'tracks.name',
    'albums.title',
    'total',
    'customerId',
    'shipping',
    'spinner',
    'cellar',
    'email_count',
    'recipe',
    'emailed',
    'discard',
    'card_type',
    'milliseconds',
    'emails_sent',
    'max_tokens',
    'battery_cells',
    'tins',
    'phonetic',
    'secretary',
    'filename',
    'accounts',
    'numbers',
    '',
  ])('%s is not', (path) => {
    expect(personalKindOf(path)).toBeNull();
  });
});

describe('personal data by its form', () => {
  it.each([
    ['ada@mail.example', 'e-mail'],
    ['jörg@bücher.example', 'e-mail'],
    ['+49 421 555-1037', 'phone'],
    ['(030) 555 12345', 'phone'],
    ['4111 1111 1111 1111', 'card'],
    ['GB82 WEST 1234 5698 7654 32', 'iban'],
    ['DE89370400440532013000', 'iban'],
    ['536-90-4399', 'national id'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc', 'token'],
    ['ghp_16C7e42F292c6912E7710c838347Ae178B4a', 'token'],
    [`AIza${'Sy0-_'.repeat(7)}`, 'token'],
    [`glpat-${'x1'.repeat(10)}`, 'token'],
    [`github_pat_${'A1b'.repeat(8)}`, 'token'],
    ['Bearer 9f86d081884c7d659a2f', 'token'],
    ['-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----', 'token'],
    ['555-123-4567', 'phone'],
    ['0171 1234567', 'phone'],
    ['06 12 34 56 78', 'phone'],
    ['020 7946 0958', 'phone'],
  ])('%s is %s', (text, kind) => {
    expect(personalValueOf(text)).toBe(kind);
  });

  it.each([
    '2026-11-20',
    '192.168.0.1',
    '4111111111111112',
    '1234567890123',
    'GB82 WEST 1234 5698 7654 33',
    'INV-000017',
    'Rock',
    '20-11-2026 0815',
    '01.02.2026',
    '01-02-2026-0017',
    '555-123-456',
    '555,123,4567',
    '0.123 4567890',
    'bearer responsibilities',
    '-----BEGIN-----',
  ])('%s is not', (text) => {
    expect(personalValueOf(text)).toBeNull();
  });

  it('knows check digits', () => {
    expect(isCardNumber('5500005555555559')).toBe(true);
    expect(isCardNumber('0000000000000000')).toBe(false);
    expect(isIban('FR1420041010050500013M02606')).toBe(true);
  });

  it('takes most of a column for the column', () => {
    expect(personalKindOfCells(['a@x.example', null, 'b@x.example', 'n/a'])).toBe('e-mail');
    expect(personalKindOfCells(['a@x.example', 'n/a', 'none', 'x'])).toBeNull();
    expect(personalKindOfCells([1, 2, null])).toBeNull();
  });

  it('knows cards sent as JSON numbers, and leaves times, amounts and counters alone', () => {
    expect(personalKindOfCells([4_111_111_111_111_111, 5_500_005_555_555_559, null])).toBe('card');
    const times = Array.from({ length: 1_000 }, (_, i) => 1_795_000_000_000 + i * 977);
    const amounts = Array.from({ length: 1_000 }, (_, i) => 19.99 + i * 1_234_567_890);
    const counters = Array.from({ length: 1_000 }, (_, i) => 10_000_000_000 + i);
    for (const number of [...times, ...amounts, ...counters]) expect(personalKindOfCells([number])).toBeNull();
  });
});

describe('redaction', () => {
  it.each<[unknown, string, string | null]>([
    [null, 'email', null],
    [undefined, 'x', null],
    ['ada@mail.example', 'customers.email', '[e-mail …@….example]'],
    ['ada@mail.example', 'customers.contact', '[e-mail …@….example]'],
    ['+49 421 555-1037', 'phone', '[phone …1037]'],
    ['4111111111111111', 'note', '[card …1111]'],
    ['hunter22', 'password', '[credential]'],
    ['Ada', 'firstName', '[name, 3 characters]'],
    ['Ann', 'firstname', '[name, 3 characters]'],
    [52_000, 'salary', '[pay]'],
    [98_400, 'total', '98400'],
    [true, 'active', 'true'],
    ['Rock', 'genre', 'Rock'],
    ['call ada@mail.example or +49 421 555-1037', 'note', 'call [e-mail] or [phone]'],
    [['ada@mail.example'], 'tags', '["[e-mail]"]'],
    ['call 555-123-4567 or 0171 1234567', 'note', 'call [phone] or [phone]'],
    ['Authorization: Bearer 9f86d081884c7d659a2f', 'note', 'Authorization: [token]'],
    [`key -----BEGIN RSA PRIVATE KEY-----\n${'MIIEvQIB\n'.repeat(200)}`, 'note', 'key [token]'],
    [4_111_111_111_111_111, 'note', '[card]'],
  ])('%j in %s becomes %j', (value, path, shown) => {
    expect(redact(value, path)).toBe(shown);
  });

  it('cuts long texts', () => {
    expect(redact('x'.repeat(500), 'note')).toHaveLength(80);
  });

  it.each(['1', '1 ', 'a@', '+1', 'AB12 ', 'eyJ', 'a.', '0', '01 ', '-----BEGIN A-----'])(
    'takes time in proportion to a text of %j repeated',
    (text) =>
      expectLinear((times) => [withoutPersonalValues(text.repeat(times)), personalValueOf(text.repeat(times))], 50_000),
  );
});

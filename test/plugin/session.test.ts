import { describe, expect, it } from 'vitest';
import { principalOf } from '../../plugin/session.ts';

describe('the principal of a session', () => {
  it.each([
    ['bare values', { 'x-hasura-role': 'support', 'x-hasura-user-id': '17', 'x-hasura-level': 3 }],
    [
      'tagged values',
      {
        'x-hasura-role': { Parsed: 'support' },
        'x-hasura-user-id': { Unparsed: '17' },
        'x-hasura-level': { Parsed: 3 },
      },
    ],
    [
      'both mixed, in any case',
      { 'X-Hasura-Role': 'support', 'X-HASURA-USER-ID': { Parsed: '17' }, 'x-hasura-level': 3 },
    ],
  ])('is the same from %s', (_, variables) => {
    expect(principalOf({ role: 'support', variables })).toEqual({
      role: 'support',
      userId: '17',
      sessionVariables: new Map<string, unknown>([
        ['x-hasura-role', 'support'],
        ['x-hasura-user-id', '17'],
        ['x-hasura-level', 3],
      ]),
    });
  });

  it('keeps x-hasura-* only: under role emulation every request header is a variable', () => {
    const variables = { authorization: { Unparsed: 'Bearer t' }, cookie: 'c', 'x-hasura-tenant': { Parsed: { a: 1 } } };
    expect([...principalOf({ role: 'a', variables }).sessionVariables]).toEqual([['x-hasura-tenant', { a: 1 }]]);
  });

  it.each([
    ['a number as user id', { role: 'a', variables: { 'x-hasura-user-id': { Parsed: 17 } } }, '17'],
    ['the shorter name', { role: 'a', variables: { 'x-hasura-user': 'ann' } }, 'ann'],
    [
      'both names, the longer first',
      { role: 'a', variables: { 'x-hasura-user': 'ann', 'x-hasura-user-id': '17' } },
      '17',
    ],
    ['an empty one', { role: 'a', variables: { 'x-hasura-user-id': '' } }, null],
    ['an object', { role: 'a', variables: { 'x-hasura-user-id': { Parsed: { a: 1 } } } }, null],
  ])('reads %s', (_, session, userId) => {
    expect(principalOf(session).userId).toBe(userId);
  });

  it.each([
    [null],
    [undefined],
    [5],
    ['x'],
    [[]],
    [{}],
    [{ role: 7n, variables: 'x' }],
    [{ role: '', variables: null }],
  ])('is of the role "unknown" without one', (session) => {
    expect(principalOf(session).role).toBe('unknown');
  });

  it.each([
    ['tagged', { Parsed: 'user' }, 'user'],
    ['tagged as text', { Unparsed: 'user' }, 'user'],
    ['a list, by the variables', ['user'], 'admin'],
    ['tagged and empty, by the variables', { Parsed: null }, 'admin'],
  ])('reads a role that is %s', (_, role, expected) => {
    expect(principalOf({ role, variables: { 'x-hasura-role': 'admin' } }).role).toBe(expected);
  });

  it('takes the role from the variables where the session has none, and never more than 255 characters', () => {
    expect(principalOf({ variables: { 'x-hasura-role': { Parsed: 'admin' } } }).role).toBe('admin');
    expect(principalOf({ role: 'x'.repeat(1_000_000) }).role).toHaveLength(255);
  });
});

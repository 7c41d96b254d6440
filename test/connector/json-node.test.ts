import { expect, it } from 'vitest';
import { DomainError } from '../../core/domain/errors.ts';
import { JsonNode } from '../../connector/json-node.ts';

const read = (text: string): JsonNode => new JsonNode(JSON.parse(text));

it('names the place of a fault in words a caller can search for', () => {
  const node = read('{"query":{"predicate":{"expressions":[{},{"column":{"odd name":5}}]}}}');
  const column = node.required('query').required('predicate').required('expressions').list()[1]?.required('column');
  expect(() => column?.required('odd name').string()).toThrow(
    'query.predicate.expressions[1].column["odd name"] is 5; expected a string.',
  );
});

it('carries the path of a fault as data', () => {
  try {
    read('{"limit":"5"}').required('limit').count();
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(DomainError);
    expect(error).toMatchObject({ kind: 'bad-request', code: 'NDC_MALFORMED', path: 'limit' });
  }
});

it.each(['"5"', '5.5', '-1', '4294967296', 'true', '[]', '1e10'])('never reads %s as a count', (text) => {
  expect(() => read(`{"limit":${text}}`).required('limit').count()).toThrow(
    'expected an integer between 0 and 4294967295',
  );
});

it.each(['0', '5', '4294967295', '1e2'])('reads %s as a count', (text) => {
  expect(read(`{"limit":${text}}`).required('limit').count()).toBe(Number(text));
});

it('takes null and absence alike where a property is optional', () => {
  expect(read('{"a":null}').optional('a')).toBeUndefined();
  expect(read('{}').optional('a')).toBeUndefined();
});

it('tells null from absence where null is a value', () => {
  expect(read('{"value":null}').present('value').value).toBeNull();
  expect(() => read('{}').present('value')).toThrow('$ has no "value"');
});

it('reads own properties only', () => {
  expect(read('{}').optional('constructor')).toBeUndefined();
  expect(read('{"__proto__":{"limit":5}}').optional('limit')).toBeUndefined();
  expect(() => read('{"type":"toString"}').tagged({ column: () => 1 })).toThrow(
    'type is "toString"; expected one of column',
  );
});

it('refuses __proto__ as a name of the caller', () => {
  expect(() => read('{"fields":{"__proto__":{}}}').required('fields').entries()).toThrow('"__proto__"');
});

it('shortens what it quotes', () => {
  expect(() =>
    read(`{"limit":"${'x'.repeat(5_000)}"}`)
      .required('limit')
      .count(),
  ).toThrow(/^limit is "x{79}…; expected/);
});

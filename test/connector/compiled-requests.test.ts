import { expect, it } from 'vitest';
import { CompiledRequests } from '../../connector/compiled-requests.ts';

function counting(): { readonly requests: CompiledRequests<{ readonly body: unknown }>; readonly compiled: unknown[] } {
  const compiled: unknown[] = [];
  const requests = new CompiledRequests((body) => {
    compiled.push(body);
    return { body };
  });
  return { requests, compiled };
}

it('compiles a request the first two times it is asked, and another one anew', () => {
  const { requests, compiled } = counting();
  requests.get({ collection: 'albums', query: { limit: 1 } });
  const second = requests.get({ collection: 'albums', query: { limit: 1 } });
  for (let i = 0; i < 3; i++) expect(requests.get({ collection: 'albums', query: { limit: 1 } })).toBe(second);
  expect(compiled).toHaveLength(2);
  expect(requests.get({ collection: 'albums', query: { limit: 2 } })).not.toBe(second);
});

it('tells apart what differs in a type, a level or a name', () => {
  const { requests } = counting();
  const texts = ['{"a":1}', '{"a":"1"}', '{"a":null}', '{}', '{"__proto__":{"a":1}}', '[{"a":1}]', '"a"', 'null'];
  const answers = texts.map((text) => {
    requests.get(JSON.parse(text));
    return requests.get(JSON.parse(text));
  });
  expect(answers.map(({ body }) => JSON.stringify(body))).toEqual(texts);
  for (const [i, text] of texts.entries()) expect(requests.get(JSON.parse(text))).toBe(answers[i]);
});

it('tells a number that no double holds from null, as whose text it is written', () => {
  const { requests } = counting();
  for (let i = 0; i < 2; i++) requests.get(JSON.parse('{"query":{"limit":null}}'));
  for (const text of ['{"query":{"limit":1e999}}', '{"query":{"limit":-1e999}}']) {
    const body: unknown = JSON.parse(text);
    for (let i = 0; i < 3; i++) expect(requests.get(body).body).toBe(body);
  }
});

it('compiles requests with variables each time', () => {
  const { requests, compiled } = counting();
  for (let i = 0; i < 4; i++) requests.get({ collection: 'albums', variables: [{ id: 1 }] });
  expect(compiled).toHaveLength(4);
});

it('does not remember a failure', () => {
  const requests = new CompiledRequests((): object => {
    throw new Error('refused');
  });
  for (let i = 0; i < 3; i++) expect(() => requests.get({})).toThrow('refused');
});

it('forgets what was not asked for longest, and never keeps a very large request', () => {
  const { requests, compiled } = counting();
  const ask = (body: object, times: number): number => {
    const before = compiled.length;
    for (let i = 0; i < times; i++) requests.get(body);
    return compiled.length - before;
  };
  expect(ask({ value: 'x'.repeat(2 ** 14) }, 4)).toBe(4);
  const quarter = (n: number): object => ({ n, value: 'x'.repeat(2 ** 13) });
  for (let n = 0; n < 40; n++) expect(ask(quarter(n), 4)).toBe(2);
  expect(ask(quarter(39), 1)).toBe(0);
  expect(ask(quarter(0), 4)).toBe(2);
});

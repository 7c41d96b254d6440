import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unavailable } from '../../../core/domain/errors.ts';
import { createGraphqlHandler } from '../../../schema/graphql/graphql-handler.ts';
import { createQueryEngine } from '../../../schema/query/query-engine.ts';
import { type GraphqlServer, startGraphql } from '../../support/graphql-server.ts';
import { type NdcDatabase, openSqlite } from '../../support/ndc-database.ts';
import { CATALOGUE, VERB_TABLE } from '../../support/ndc-fixture.ts';

let database: NdcDatabase;
let server: GraphqlServer;

beforeAll(async () => {
  database = await openSqlite(CATALOGUE);
  server = await startGraphql(database);
});

afterAll(async () => {
  await server.close();
  await database.close();
});

const JSON_TYPE = { 'content-type': 'application/json' };

describe('a request', () => {
  it.each([
    ['a GET', { method: 'GET' }, 405],
    ['an OPTIONS of a browser that asks to send from another site', { method: 'OPTIONS' }, 405],
    [
      'a form',
      { body: 'query=mutation{whoActs}', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
    ],
    ['a multipart form', { body: '--x--', headers: { 'content-type': 'multipart/form-data; boundary=x' } }, 415],
    ['plain text', { body: '{"query":"{ __typename }"}', headers: { 'content-type': 'text/plain' } }, 415],
    ['no content type', { body: '{"query":"{ __typename }"}', headers: { 'content-type': '' } }, 415],
    ['malformed JSON', { body: '{"query":', headers: JSON_TYPE }, 400],
    ['a list of operations', { body: [{ query: '{ __typename }' }, { query: '{ __typename }' }] }, 400],
    ['a body of the wrong form', { body: { query: 17 } }, 400],
    ['a body beyond the limit', { body: { query: `{ __typename } # ${'x'.repeat(1_000_001)}` } }, 413],
  ])('that is %s is refused', async (_title, request, status) => {
    const answer = await server.send(request);
    expect(answer.status).toBe(status);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expect(server.logged).toEqual([]);
  });

  it('to another site gets no permission for browsers', async () => {
    const answer = await server.send({
      body: { query: '{ __typename }' },
      headers: { origin: 'https://evil.example' },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('for GraphiQL is answered only where it is switched on', async () => {
    const asBrowser = { method: 'GET', headers: { accept: 'text/html' } };
    expect((await server.send(asBrowser)).status).toBe(405);
    const open = await startGraphql(database, { graphiql: true });
    const answer = await open.send(asBrowser);
    await open.close();
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toContain('text/html');
  });
});

/** `artists { albums { artist { … id } } }` with the given number of levels. */
function nested(levels: number): string {
  const names = Array.from({ length: levels - 1 }, (_, level) =>
    level === 0 ? 'artists' : level % 2 ? 'albums' : 'artist',
  );
  return `${names.map((name) => `{ ${name} `).join('')}{ id }${' }'.repeat(levels - 1)}`;
}

const aliases = (count: number): string =>
  `{ ${Array.from({ length: count }, (_, i) => `a${i}: double(number: ${i})`).join(' ')} }`;

/** 20 tokens and one per id. */
const idsOf = (count: number): string => `{ artists(where: { id: { _in: [${'1 '.repeat(count)}] } }) { id } }`;

describe('a document', () => {
  it.each([
    ['12 levels', nested(12), undefined],
    ['13 levels', nested(13), 'The query is 13 fields deep; at most 12 are allowed.'],
    [
      '13 levels in fragments',
      `${nested(8).replace('{ id }', '{ ...Deep }')} fragment Deep on Album { artist { albums { artist { albums { artist { id } } } } } }`,
      'The query is 13 fields deep',
    ],
    ['15 aliases', aliases(15), undefined],
    ['16 aliases', aliases(16), 'The query has 16 aliases; at most 15 are allowed.'],
    [
      'aliases multiplied by fragments',
      '{ ...A ...A } fragment A on Query { ...B ...B ...B } fragment B on Query { a: __typename b: __typename c: __typename }',
      'The query has 18 aliases',
    ],
    ['2,000 tokens', idsOf(1_980), undefined],
    ['2,001 tokens', idsOf(1_981), 'Syntax Error: Document contains more that 2000 tokens. Parsing aborted.'],
    [
      '10,000 levels',
      '{ artists '.repeat(10_000),
      'Syntax Error: Document contains more that 2000 tokens. Parsing aborted.',
    ],
    [
      'fragments in a circle',
      '{ ...A } fragment A on Query { artists { id } ...A }',
      'Cannot spread fragment "A" within itself.',
    ],
    ['a fragment that does not exist', '{ ...A }', 'Unknown fragment "A".'],
    ['a field that does not exist', '{ artists { nick } }', 'Cannot query field "nick" on type "Artist".'],
    ['nothing', '', 'Syntax Error: Unexpected <EOF>.'],
  ])('of %s', async (_title, query, message) => {
    const { errors } = await server.ask(query);
    if (message === undefined) expect(errors).toEqual([]);
    else expect(errors[0]?.message).toContain(message);
    expect(server.logged).toEqual([]);
  });

  it('of the usual introspection is answered, and a circular one is not', async () => {
    expect((await server.ask(getIntrospectionQuery())).errors).toEqual([]);
    const circle =
      '{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }';
    expect((await server.ask(circle)).errors[0]?.message).toContain('Maximum introspection depth exceeded');
  });
});

describe('arguments', () => {
  it.each([
    ['a limit beyond the greatest', '{ artists(limit: 1001) { id } }', 'OUT_OF_RANGE', 'limit'],
    ['a negative limit', '{ artists(limit: -1) { id } }', 'OUT_OF_RANGE', 'limit'],
    ['a negative offset', '{ artists { albums(offset: -1) { id } } }', 'OUT_OF_RANGE', 'offset'],
    [
      'a comparison with null',
      '{ albums(where: { rating: { _eq: null } }) { id } }',
      'NULL_OPERAND',
      'where.rating._eq',
    ],
    [
      'a condition that is null',
      '{ albums(where: { _or: [{ artist: { id: null } }] }) { id } }',
      'NULL_OPERAND',
      'where._or[0].artist.id',
    ],
    [
      'an element that is null',
      '{ artists(where: { genres: { _contains: null } }) { id } }',
      'NULL_OPERAND',
      'where.genres._contains',
    ],
  ])('with %s are refused with code and place', async (_title, query, code, path) => {
    const { errors } = await server.ask(query);
    expect(errors).toMatchObject([{ extensions: { code, path } }]);
  });

  it.each([
    ['text for a number', '{ artists(where: { id: { _eq: "1" } }) { id } }', 'Int cannot represent'],
    ['a number beyond 32 bits', '{ artistsById(id: 3000000000) { id } }', 'Int cannot represent'],
    ['no UUID', '{ albums(where: { code: { _eq: "x" } }) { id } }', '"x" is not a UUID.'],
    ['no instant', '{ albums(where: { released: { _gt: "yesterday" } }) { id } }', 'RFC 3339'],
    ['an instant without zone', '{ albums(where: { released: { _gt: "2020-01-01T00:00:00" } }) { id } }', 'RFC 3339'],
    ['no whole number', '{ albums(where: { plays: { _gt: 1.5 } }) { id } }', 'whole number'],
    ['a 20-digit number', '{ albums(where: { plays: { _gt: "99999999999999999999" } }) { id } }', 'whole number'],
    ['two sort keys in one', '{ albums(orderBy: [{ id: asc, title: asc }]) { id } }', 'must specify exactly one key'],
    [
      'an operator that the kind lacks',
      '{ albums(where: { mood: { _like: "c%" } }) { id } }',
      '"_like" is not defined',
    ],
    [
      'an operator on a column that has none',
      '{ artists(where: { label: { _eq: null } }) { id } }',
      '"_eq" is not defined',
    ],
    [
      'an operator of its elements on a list',
      '{ artists(where: { genres: { _like: "r%" } }) { id } }',
      '"_like" is not defined',
    ],
  ])('of %s never reach the database', async (_title, query, message) => {
    const { errors } = await server.ask(query);
    expect(errors[0]?.message).toContain(message);
    expect(errors[0]?.locations).toHaveLength(1);
    expect(server.statements).toEqual([]);
    expect(server.logged).toEqual([]);
  });

  it.each([
    [{ code: { _eq: 5 } }, '5 is not a UUID.'],
    [{ released: { _gt: true } }, 'true is not an RFC 3339 instant'],
    [{ plays: { _gt: 2 ** 53 } }, '9007199254740992 is not a whole number as decimal text.'],
    [{ plays: { _in: ['1', {}] } }, '{} is not a whole number as decimal text.'],
  ])('in variables that are ill-formed are refused: %j', async (where, message) => {
    const { errors } = await server.ask('query Q($w: AlbumFilter) { albums(where: $w) { id } }', { w: where });
    expect(errors[0]?.message).toContain(message);
    expect(server.logged).toEqual([]);
  });

  it.each([60, 10_000, 100_000])('nested %i levels deep in variables never overflow the stack', async (levels) => {
    const filter = `${'{"_not":'.repeat(levels)}{"id":{"_eq":1}}${'}'.repeat(levels)}`;
    const body = `{"query":"query Q($w: ArtistFilter) { artists(where: $w) { id } }","variables":{"w":${filter}}}`;
    const answer = await server.send({ body, headers: JSON_TYPE });
    const [error] = (answer.json as { errors: { message: string; extensions: { kind?: string } }[] }).errors;
    if (levels === 60) expect(error?.extensions.kind).toBe('unprocessable');
    else expect(error?.message).toBe('The variables are nested more than 64 levels deep.');
    expect(server.logged).toEqual([]);
  });

  it('and aliases called __proto__ change no prototype', async () => {
    const { data, errors } = await server.ask(
      '{ __proto__: artistsById(id: 1) { id } artistsById(id: 1) { __proto__: name } }',
    );
    expect(Object.hasOwn(data as object, '__proto__')).toBe(true);
    expect(errors).toMatchObject([{ path: ['artistsById'], extensions: { kind: 'bad-request' } }]);
    expect(server.logged).toEqual([]);
  });

  it('may hold __proto__ and constructor without any effect', async () => {
    const body =
      '{"query":"query Q($w: ArtistFilter) { artists(where: $w) { id } }","variables":{"w":{"__proto__":{"id":{"_eq":1}}}}}';
    const answer = await server.send({ body, headers: JSON_TYPE });
    expect(answer.text).not.toContain('"data":{"artists":[{"id":1}]}');
    expect(({} as Record<string, unknown>)['id']).toBeUndefined();
    expect(server.logged).toEqual([]);
  });

  it.each([
    ['a value outside a closed set', '{ mood: { _in: ["calm", "loud"] } }', 'where.mood._in[1]', 'calm, wild'],
    ['a number beyond 64 bits', '{ plays: { _eq: "9999999999999999999" } }', 'where.plays._eq', '64 bits'],
    [
      'text that no database holds',
      String.raw`{ artist: { name: { _like: "\u0000" } } }`,
      'where.artist.name._like',
      'Unicode',
    ],
  ])('of %s are refused with their place in the filter', async (_title, where, path, message) => {
    const { errors } = await server.ask(`{ albums(where: ${where}) { id } }`);
    expect(errors).toMatchObject([{ extensions: { kind: 'unprocessable', path } }]);
    expect(errors[0]?.message).toContain(message);
  });
});

describe('an error', () => {
  it('that is a defect is shown as an id only, under which it is logged', async () => {
    const failing = await startGraphql(database, {
      runner: { ...database.runner, execute: () => Promise.reject(new Error('password=hunter2 at 10.0.0.7')) },
    });
    const { data, errors } = await failing.ask('{ artists { id } }');
    await failing.close();
    expect(data).toEqual({ artists: null });
    expect(JSON.stringify(errors)).not.toContain('hunter2');
    const id = errors[0]?.extensions?.['id'];
    expect(errors).toMatchObject([{ message: `internal error, id ${String(id)}`, path: ['artists'] }]);
    expect(failing.logged).toMatchObject([{ id, error: { message: 'password=hunter2 at 10.0.0.7' } }]);
  });

  it('of the domain keeps its text, code and kind', async () => {
    const failing = await startGraphql(database, {
      runner: {
        ...database.runner,
        execute: () => Promise.reject(unavailable('STORE_UNAVAILABLE', 'The store does not answer.')),
      },
    });
    const { errors } = await failing.ask('{ artists { id } }');
    await failing.close();
    expect(errors).toMatchObject([
      { message: 'The store does not answer.', extensions: { code: 'STORE_UNAVAILABLE', kind: 'unavailable' } },
    ]);
    expect(failing.logged).toEqual([]);
  });
});

describe('a catalogue', () => {
  const deps = (changes: object) => ({
    engine: createQueryEngine({ ...CATALOGUE, ...changes }),
    runner: database.runner,
    verbs: VERB_TABLE,
    snapshot: () => Promise.reject(new Error('not asked here')),
    transaction: () => Promise.reject(new Error('not asked here')),
    logError: () => {},
  });

  it('with two names that GraphQL can not tell apart is refused at start', () => {
    const artists = CATALOGUE.collections.get('artists')!;
    const columns = [
      ...artists.columns,
      { ...artists.columns[0]!, name: 'al_bums' },
      { ...artists.columns[0]!, name: 'alBums' },
    ];
    const collections = new Map([...CATALOGUE.collections, ['artists', { ...artists, columns }]]);
    expect(() => createGraphqlHandler(deps({ collections }))).toThrow('two fields that GraphQL calls "alBums"');
  });
});

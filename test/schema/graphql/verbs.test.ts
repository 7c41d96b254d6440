import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

describe('a procedure', () => {
  it('is a mutation that returns the changed object, with its relations as they are after the change', async () => {
    const query = `mutation M($rating: Float) { rateAlbum(id: 4, rating: $rating) {
      id score: rating artist { name albumsAggregate { max { rating } } } tracks { id } } }`;
    const answer = await server.ask(query, { rating: 5 }, 'operator');
    expect(answer.errors).toEqual([]);
    expect(answer.data).toEqual({
      rateAlbum: {
        id: 4,
        score: 5,
        artist: { name: 'beta', albumsAggregate: { max: { rating: 5 } } },
        tracks: [],
      },
    });
  });

  it('takes a nullable argument that is left out for null', async () => {
    const answer = await server.ask('mutation { rateAlbum(id: 5) { rating } }', {}, 'admin');
    expect(answer.data).toEqual({ rateAlbum: { rating: null } });
  });

  it('may return a list of rows, or a bare value', async () => {
    const moved = await server.ask('mutation { moveTracks(from: 3, to: 4) { id tracks { name } } }', {}, 'operator');
    expect(moved.data).toEqual({
      moveTracks: [
        { id: 3, tracks: [] },
        { id: 4, tracks: [{ name: 'Intro' }] },
      ],
    });
    expect((await server.ask('mutation { whoActs }')).data).toEqual({ whoActs: 'tester over graphql' });
  });

  it.each([
    ['viewer', 'forbidden'],
    ['operator', undefined],
    ['admin', undefined],
  ] as const)('of the role operator, called by the role %s: %s', async (role, kind) => {
    const answer = await server.ask('mutation { rateAlbum(id: 1, rating: 4.5) { id } }', {}, role);
    expect(answer.errors[0]?.extensions?.['kind']).toBe(kind);
    expect(answer.errors[0]?.extensions?.['code']).toBe(kind && 'VERB_FORBIDDEN');
  });

  it('that fails leaves nothing changed, and says where the fault lies', async () => {
    const answer = await server.ask('mutation { rateAlbum(id: 99, rating: 1) { id } }', {}, 'admin');
    expect(answer.data).toEqual({ rateAlbum: null });
    expect(answer.errors).toMatchObject([
      {
        message: 'There is no album 99.',
        path: ['rateAlbum'],
        extensions: { code: 'UNKNOWN_ALBUM', kind: 'not-found', path: 'id' },
      },
    ]);
  });

  it('runs after the one before it in the same request, each in a transaction of its own', async () => {
    const query = `mutation {
      first: rateAlbum(id: 2, rating: 1) { rating }
      refused: closeStore
      last: rateAlbum(id: 2, rating: 2) { rating }
    }`;
    const answer = await server.ask(query, {}, 'admin');
    expect(answer.errors.map(({ path }) => path)).toEqual([['refused']]);
    expect((await server.ask('{ albumsById(id: 2) { rating } }')).data).toEqual({ albumsById: { rating: 2 } });
  });
});

describe('a function', () => {
  it('is a query field', async () => {
    expect((await server.ask('{ a: double(number: 21) b: double(number: -1) }')).data).toEqual({ a: 42, b: -2 });
  });

  it('may return an object with rows of collections inside, whose relations can be selected', async () => {
    const query = `{ artistSummary(id: 1, mood: "calm") {
      artistId moods remarks: notes { text }
      artist { name label { city } albums(where: { id: { _eq: 1 } }) { title } }
    } }`;
    expect((await server.ask(query)).data).toEqual({
      artistSummary: {
        artistId: 1,
        moods: ['calm'],
        remarks: [{ text: 'one' }, { text: 'two' }],
        artist: { name: 'Alpha', label: { city: 'Oslo' }, albums: [{ title: 'First' }] },
      },
    });
    expect((await server.ask('{ artistSummary(id: 99) { artistId } }')).data).toEqual({ artistSummary: null });
  });

  it('refuses a value outside a closed set', async () => {
    const { errors } = await server.ask('{ artistSummary(id: 1, mood: "loud") { artistId } }');
    expect(errors).toMatchObject([{ extensions: { code: 'ARGUMENT_TYPE', kind: 'unprocessable', path: 'mood' } }]);
  });
});

describe('every verb of the table', () => {
  it.each([...VERB_TABLE.verbs.values()])('$name is a field of the schema', ({ kind, name }) => {
    const root = kind === 'function' ? 'Query' : 'Mutation';
    const fields = new RegExp(`^type ${root} \\{\\n(.*?)^\\}`, 'ms').exec(server.schemaText)?.[1] ?? '';
    const camelCase = name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    expect(fields).toMatch(new RegExp(`^ {2}${camelCase}[(:]`, 'm'));
  });
});

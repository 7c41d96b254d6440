import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listOf, nullable, objectOf, scalar } from '../../../core/domain/kind.ts';
import type { ObjectDef } from '../../../core/domain/kind.ts';
import type { FieldForm, PredicateForm, RowSet } from '../../../schema/query/form.ts';
import { createQueryEngine } from '../../../schema/query/query-engine.ts';
import type { ValueSelectionForm, ValuesQueryForm } from '../../../schema/query/query-engine.ts';
import {
  compileSelection,
  compileValuesQuery,
  queryValues,
  selectFromValue,
} from '../../../schema/query/query-values.ts';
import { and, columns, compare, target } from '../../support/query-builders.ts';
import type { QueryRunner } from '../../../schema/query/query-runner.ts';
import { openSqlite } from '../../support/query-databases.ts';
import type { FixtureDatabase } from '../../support/query-databases.ts';
import { fixtureCatalogue, fixtureUuid } from '../../support/query-fixture.ts';
import { RELATIONSHIPS } from '../../support/query-requests.ts';

const rows = (id: number, name: string) => ({ id, name, external_id: fixtureUuid(id), status: 'open' });
const tables = new Map([['artists', [rows(1, 'abba'), rows(2, 'kraftwerk')]]]);
const engine = createQueryEngine(fixtureCatalogue);
const relationships = RELATIONSHIPS;

const memberArtist: FieldForm = {
  kind: 'relationship',
  relationship: 'member_artist',
  query: { fields: columns('name') },
};

const members: ObjectDef = { ...(fixtureCatalogue.objects?.get('member') as ObjectDef) };
const memberRows = [
  { name: 'Agnetha', age: 25, artist_id: 1, roles: ['voice'] },
  { name: 'Ralf', age: 28, artist_id: 2, roles: [] },
  { name: 'Frida', age: null, artist_id: 1 },
  { name: 'Nobody', age: 1, artist_id: 99 },
];

describe('values in memory', () => {
  let database: FixtureDatabase;

  beforeAll(async () => {
    database = await openSqlite(tables);
  });
  afterAll(() => database?.close());

  const ask = async (form: Omit<ValuesQueryForm, 'rowType'>): Promise<RowSet | undefined> => {
    const compiled = compileValuesQuery(engine, database.runner.dialect, { rowType: members, ...form });
    return (await queryValues(engine, database.runner, compiled, [memberRows]))[0];
  };
  const select = (form: ValueSelectionForm, value: unknown): Promise<unknown> =>
    selectFromValue(engine, database.runner, form.type, compileSelection(engine, database.runner.dialect, form), value);

  it('are filtered, sorted, paged, aggregated and grouped like rows', async () => {
    const answer = await ask({
      query: {
        fields: columns('name'),
        predicate: compare('artist_id', '_lt', 50),
        orderBy: [{ direction: 'desc', target: { kind: 'column', column: 'age' } }],
        limit: 2,
        aggregates: new Map([['oldest', { kind: 'function', function: 'max', column: 'age' }]]),
        groups: { dimensions: [{ column: 'artist_id' }], aggregates: new Map([['n', { kind: 'star-count' }]]) },
      },
    });
    expect(answer).toEqual({
      rows: [{ name: 'Ralf' }, { name: 'Agnetha' }],
      aggregates: { oldest: 28 },
      groups: [
        { dimensions: [1], aggregates: { n: 1 } },
        { dimensions: [2], aggregates: { n: 1 } },
      ],
    });
  });

  it('lead into the database over relationships', async () => {
    const query = { fields: new Map([...columns('name'), ['artist', memberArtist]]) };
    const answer = await ask({
      query,
      relationships,
    });
    expect(answer?.rows).toEqual([
      { name: 'Agnetha', artist: { rows: [{ name: 'abba' }] } },
      { name: 'Ralf', artist: { rows: [{ name: 'kraftwerk' }] } },
      { name: 'Frida', artist: { rows: [{ name: 'abba' }] } },
      { name: 'Nobody', artist: { rows: [] } },
    ]);
  });

  it('see the variables of their set', async () => {
    const predicate = {
      kind: 'compare',
      target: { kind: 'column', column: 'name' },
      operator: '_eq',
      value: { kind: 'variable', name: 'who' },
    } as const;
    const variables = new Map([['who', 'Ralf']]);
    const query = { fields: columns('age'), predicate };
    expect(await ask({ query, variables: [variables] })).toEqual({
      rows: [{ age: 28 }],
    });
  });

  it('are compared with collections, sorted and grouped over relationships', async () => {
    const path = [{ relationship: 'member_artist' }];
    const nameOf = { kind: 'column', column: 'name', path } as const;
    const answer = await ask({
      query: {
        fields: columns('name'),
        predicate: and(
          {
            kind: 'exists',
            in: { kind: 'unrelated', collection: 'artists' },
            predicate: compare('name', '_eq', 'abba'),
          },
          { kind: 'exists', in: { kind: 'related', relationship: 'member_artist' } },
          { kind: 'compare', target: target('name'), operator: '_neq', value: nameOf },
        ),
        orderBy: [{ direction: 'desc', target: nameOf }],
        groups: {
          dimensions: [{ column: 'name', path }],
          aggregates: new Map([['oldest', { kind: 'function', function: 'max', column: 'age' }]]),
        },
      },
      relationships,
    });
    expect(answer).toEqual({
      rows: [{ name: 'Ralf' }, { name: 'Agnetha' }, { name: 'Frida' }],
      groups: [
        { dimensions: ['abba'], aggregates: { oldest: 25 } },
        { dimensions: ['kraftwerk'], aggregates: { oldest: 28 } },
      ],
    });
  });

  it('are compared with collections by the variables of their set, all of them at once', async () => {
    const artist = {
      kind: 'compare',
      target: target('name'),
      operator: '_eq',
      value: { kind: 'variable', name: 'who' },
    };
    const predicate = { kind: 'exists', in: { kind: 'related', relationship: 'member_artist' }, predicate: artist };
    const form = {
      rowType: members,
      query: { fields: columns('name'), predicate: predicate as PredicateForm },
      relationships,
      variables: ['kraftwerk', 'abba', 'none'].map((who) => new Map([['who', who]])),
    };
    let statements = 0;
    const runner: QueryRunner = {
      ...database.runner,
      execute: (statement) => {
        statements++;
        return database.runner.execute(statement);
      },
    };
    const compiled = compileValuesQuery(engine, runner.dialect, form);
    expect(await queryValues(engine, runner, compiled, [memberRows, memberRows, []])).toEqual([
      { rows: [{ name: 'Ralf' }] },
      { rows: [{ name: 'Agnetha' }, { name: 'Frida' }] },
      { rows: [] },
    ]);
    expect(statements).toBe(1);
  });

  it('are completed to their type where no fields are selected', async () => {
    const type = listOf(objectOf('member'));
    expect(await select({ type }, [memberRows[2], { __proto__: { name: 'x' } }])).toEqual([
      { name: 'Frida', age: null, artist_id: 1, roles: null },
      { name: null, age: null, artist_id: null, roles: null },
    ]);
    expect(await select({ type: scalar('int64') }, 7)).toBe('7');
  });

  it('are selected from, objects and lists, null staying null', async () => {
    const fields = { kind: 'array', fields: { kind: 'object', fields: new Map([['who', memberArtist]]) } } as const;
    const type = nullable(listOf(nullable(objectOf('member'))));
    const value = [memberRows[1], null];
    expect(await select({ type, fields, relationships }, value)).toEqual([
      { who: { rows: [{ name: 'kraftwerk' }] } },
      null,
    ]);
    expect(await select({ type, fields, relationships }, null)).toBeNull();
  });
});

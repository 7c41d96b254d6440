import { describe, expect, it } from 'vitest';
import { schemaResponse } from '../../connector/schema-response.ts';
import type { Actor } from '../../core/domain/actor.ts';
import { camelCase } from '../../core/domain/spelling.ts';
import { runVerb } from '../../core/services/verbs/verb.ts';
import { writeMetadata } from '../../metadata/write-metadata.ts';
import { CATALOGUE } from '../../schema/collections.ts';
import { ENTITIES } from '../../schema/entities.ts';
import { createGraphqlHandler } from '../../schema/graphql/graphql-handler.ts';
import { createQueryEngine } from '../../schema/query/query-engine.ts';
import { describeConnector } from '../../server/cli/print-schema.ts';
import { offlineVerbs } from '../../server/offline-verbs.ts';

const table = offlineVerbs();
const ndc = schemaResponse(CATALOGUE, table);
const unused = () => Promise.reject(new Error('not used here'));
const { schemaText } = createGraphqlHandler({
  engine: createQueryEngine(CATALOGUE),
  runner: { dialect: 'sqlite', execute: unused, snapshot: unused },
  verbs: table,
  snapshot: unused,
  transaction: unused,
  logError: () => {},
});
const metadata = [...writeMetadata({ ...describeConnector(), catalogue: CATALOGUE }).values()].join('\n');

describe.each([...table.verbs.values()])('the verb $name', (verb) => {
  it('is the same on NDC, GraphQL and HML', () => {
    const declared = verb.kind === 'procedure' ? ndc.procedures : ndc.functions;
    const names = declared.find((one) => one.name === verb.name)?.arguments ?? {};
    expect(Object.keys(names)).toEqual(expect.arrayContaining(verb.arguments.map((argument) => argument.name)));
    expect(schemaText).toMatch(new RegExp(`^ {2}${camelCase(verb.name)}(\\(|:)`, 'm'));
    expect(metadata).toContain(`${verb.kind}: ${verb.name}\n`);
  });

  it('is described with each of its arguments', () => {
    for (const text of [verb.description, ...verb.arguments.map((argument) => argument.description)]) {
      expect(text).toMatch(/^\S.*\.$/s);
    }
  });

  it.skipIf(verb.role === 'viewer')('is forbidden to a viewer', async () => {
    const actor: Actor = { name: 'v', role: 'viewer', surface: 'graphql' };
    const context = { actor, tx: null as never };
    await expect(runVerb(verb, {}, context)).rejects.toMatchObject({ kind: 'forbidden', code: 'VERB_FORBIDDEN' });
  });
});

describe('the catalogue', () => {
  it('publishes no secret', () => {
    const columns = [...CATALOGUE.collections.values()].flatMap(({ name, columns: own }) =>
      own.map((column) => `${name}.${column.name}`),
    );
    expect(
      columns.filter((column) => /secret|password|token_hash|api_key|^trained_models\.model$/.test(column)),
    ).toEqual([]);
    expect(CATALOGUE.collections.has('api_tokens')).toBe(false);
    expect(CATALOGUE.collections.has('settings')).toBe(false);
  });

  it.each([...CATALOGUE.collections.values()])(
    'points only to collections and keys that are there: $name',
    ({ foreignKeys }) => {
      for (const { target, mapping } of foreignKeys.values()) {
        const keys = CATALOGUE.collections.get(target)?.columns.map((column) => column.name) ?? [];
        expect(keys).toEqual(expect.arrayContaining(Object.values(mapping)));
      }
    },
  );

  it('describes every column of every published table', () => {
    for (const entity of ENTITIES) {
      const collection = CATALOGUE.collections.get(entity.meta.tableName);
      if (!collection) continue;
      for (const { name, description } of collection.columns) expect(description, name).toMatch(/^\S.*\.$/s);
    }
  });
});

import { buildSchema, type GraphQLObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { camelCase } from '../../../core/domain/spelling.ts';
import { createVerbTable, type VerbDeps } from '../../../core/services/verbs/verb-table.ts';
import { CATALOGUE } from '../../../schema/collections.ts';
import { createGraphqlHandler } from '../../../schema/graphql/graphql-handler.ts';
import { createQueryEngine } from '../../../schema/query/query-engine.ts';

const unused = (): Promise<never> => Promise.reject(new Error('only the schema is asked here'));
const verbs = createVerbTable({} as VerbDeps);
const { schemaText } = createGraphqlHandler({
  engine: createQueryEngine(CATALOGUE),
  runner: { dialect: 'sqlite', execute: unused, snapshot: unused },
  verbs,
  snapshot: unused,
  transaction: unused,
  logError: () => {},
});
const schema = buildSchema(schemaText);
const fieldsOf = (type: string) => (schema.getType(type) as GraphQLObjectType).getFields();

describe("the sentinel's own schema", () => {
  it.each([...CATALOGUE.collections.values()])(
    'publishes $name as a list, an aggregate and a look-up',
    (collection) => {
      const root = fieldsOf('Query');
      const name = camelCase(collection.name);
      expect(root[name]?.args.map((argument) => argument.name).toSorted()).toEqual([
        'limit',
        'offset',
        'orderBy',
        'where',
      ]);
      expect(root[`${name}Aggregate`]?.args.map((argument) => argument.name)).toEqual(['where']);
      expect(Object.keys(root).some((field) => field.startsWith(`${name}By`))).toBe(true);
    },
  );

  it('has every relation in both directions', () => {
    expect(fieldsOf('AnomalyRecord')).toHaveProperty('anomalyAnalysis');
    expect(fieldsOf('AnomalyAnalysis')).toHaveProperty('anomalyRecords');
    expect(fieldsOf('AnomalyAnalysis')).toHaveProperty('anomalyRecordsAggregate');
  });

  it('has every procedure as a mutation and every function as a query', () => {
    const named = (kind: string) =>
      [...verbs.verbs.values()].filter((verb) => verb.kind === kind).map(({ name }) => camelCase(name));
    expect(Object.keys(fieldsOf('Mutation')).toSorted()).toEqual(named('procedure').toSorted());
    expect(Object.keys(fieldsOf('Query'))).toEqual(expect.arrayContaining(named('function')));
  });
});

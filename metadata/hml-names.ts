import { camelCase, lookUpName, pascalCase } from '../core/domain/spelling.ts';
import type { ProjectOptions } from './project-options.ts';

/** NDC scalars of these names are GraphQL's own types: they need no `ScalarType`. */
const BUILT_IN_SCALARS = new Set(['String', 'Int', 'Float', 'Boolean', 'ID']);

export const isBuiltInScalar = (ndcScalar: string): boolean => BUILT_IN_SCALARS.has(ndcScalar);

/**
 * Every name the metadata gives. Metadata names are unique in their subgraph, GraphQL names in the supergraph: what other
 * connectors are likely to have as well (scalars and the expressions over them) therefore carries the link's name in
 * GraphQL, and the rest a prefix where the team asks for one.
 */
export interface HmlNames {
  /** Type of an NDC scalar or object type: `String`, `Timestamp`, `AnomalyRecord`. */
  type(ndcType: string): string;
  model(collection: string): string;
  field(column: string): string;
  booleanExpression(ndcType: string): string;
  aggregateExpression(ndcType: string): string;
  orderByExpression(ndcType: string): string;
  /** GraphQL type of something that belongs to an object type, such as `AnomalyRecordInput`. */
  graphqlType(name: string): string;
  /** GraphQL type of something that belongs to a scalar, such as `AnomaliesStringBoolExp`. */
  graphqlScalarType(name: string): string;
  rootField(snakeCase: string): string;
  lookUpRootField(collection: string, columns: readonly string[]): string;
}

export function hmlNames({ link, graphqlPrefix }: ProjectOptions): HmlNames {
  const rootField = (name: string): string =>
    graphqlPrefix === '' ? name : camelCase(graphqlPrefix) + name.charAt(0).toUpperCase() + name.slice(1);
  return {
    type: pascalCase,
    model: pascalCase,
    field: camelCase,
    booleanExpression: (ndcType) => `${pascalCase(ndcType)}BoolExp`,
    aggregateExpression: (ndcType) => `${pascalCase(ndcType)}AggExp`,
    orderByExpression: (ndcType) => `${pascalCase(ndcType)}OrderByExp`,
    graphqlType: (name) => pascalCase(graphqlPrefix) + name,
    graphqlScalarType: (name) => pascalCase(graphqlPrefix) + pascalCase(link) + name,
    rootField: (snakeCase) => rootField(camelCase(snakeCase)),
    lookUpRootField: (collection, columns) => rootField(lookUpName(collection, columns)),
  };
}

import type { AggregateFunctionDefinition, ComparisonOperatorDefinition, ScalarType } from '@hasura/ndc-sdk-typescript';
import { assertNever } from '../core/domain/errors.ts';
import { type HmlNames, isBuiltInScalar } from './hml-names.ts';
import type { HmlDocument } from './hml.ts';
import type { MetadataContext } from './metadata-context.ts';
import { typeText } from './ndc-type.ts';

/** A scalar's type, its representation for the link, and the expressions that filter, aggregate and order by it. */
export function scalarDocuments(name: string, scalar: ScalarType, context: MetadataContext): HmlDocument[] {
  return [
    ...(isBuiltInScalar(name) ? [] : [scalarType(name, context)]),
    representation(name, context),
    ...(isFilterable(scalar) ? [booleanExpression(name, scalar, context)] : []),
    aggregateExpression(name, scalar, context),
    orderByExpression(name, context),
  ];
}

/** A scalar without operators (JSON) can't be filtered by; an expression over it would be an empty input type. */
export const isFilterable = (scalar: ScalarType): boolean => Object.keys(scalar.comparison_operators).length > 0;

function scalarType(name: string, { names }: MetadataContext): HmlDocument {
  return {
    kind: 'ScalarType',
    version: 'v1',
    definition: { name: names.type(name), graphql: { typeName: names.graphqlScalarType(names.type(name)) } },
  };
}

function representation(name: string, { link, names }: MetadataContext): HmlDocument {
  return {
    kind: 'DataConnectorScalarRepresentation',
    version: 'v1',
    definition: {
      dataConnectorName: link,
      dataConnectorScalarType: name,
      representation: names.type(name),
      graphql: { comparisonExpressionTypeName: names.graphqlScalarType(`${names.type(name)}ComparisonExp`) },
    },
  };
}

function booleanExpression(name: string, scalar: ScalarType, { link, names }: MetadataContext): HmlDocument {
  return {
    kind: 'BooleanExpressionType',
    version: 'v1',
    definition: {
      name: names.booleanExpression(name),
      operand: {
        scalar: {
          type: names.type(name),
          comparisonOperators: Object.entries(scalar.comparison_operators).map(([operator, definition]) => ({
            name: operator,
            argumentType: operandType(name, definition, names),
          })),
          // Empty: the metadata keeps the connector's names of the operators.
          dataConnectorOperatorMapping: [
            { dataConnectorName: link, dataConnectorScalarType: name, operatorMapping: {} },
          ],
        },
      },
      logicalOperators: { enable: true },
      isNull: { enable: true },
      graphql: { typeName: names.graphqlScalarType(names.booleanExpression(name)) },
    },
  };
}

function operandType(scalar: string, operator: ComparisonOperatorDefinition, names: HmlNames): string {
  switch (operator.type) {
    case 'custom':
      return typeText(operator.argument_type, names);
    case 'in':
      return `[${names.type(scalar)}!]!`;
    default:
      return `${names.type(scalar)}!`;
  }
}

function aggregateExpression(
  name: string,
  scalar: ScalarType,
  { link, names, countScalar }: MetadataContext,
): HmlDocument {
  const functions = Object.entries(scalar.aggregate_functions);
  const count = { enable: true, ...(countScalar === 'Int' ? {} : { returnType: names.type(countScalar) }) };
  return {
    kind: 'AggregateExpression',
    version: 'v1',
    definition: {
      name: names.aggregateExpression(name),
      operand: {
        scalar: {
          aggregatedType: names.type(name),
          aggregationFunctions: functions.map(([func, definition]) => ({
            name: func,
            returnType: aggregateResult(name, definition, names),
          })),
          dataConnectorAggregationFunctionMapping: [
            {
              dataConnectorName: link,
              dataConnectorScalarType: name,
              functionMapping: Object.fromEntries(functions.map(([func]) => [func, { name: func }])),
            },
          ],
        },
      },
      count,
      countDistinct: count,
      graphql: { selectTypeName: names.graphqlScalarType(names.aggregateExpression(name)) },
    },
  };
}

/** The standard functions are nullable: over no rows there is no largest value and no average. */
function aggregateResult(scalar: string, definition: AggregateFunctionDefinition, names: HmlNames): string {
  switch (definition.type) {
    case 'min':
    case 'max':
      return names.type(scalar);
    case 'sum':
    case 'average':
      return names.type(definition.result_type);
    case 'custom':
      return typeText(definition.result_type, names);
    default:
      return assertNever(definition);
  }
}

function orderByExpression(name: string, { names }: MetadataContext): HmlDocument {
  return {
    kind: 'OrderByExpression',
    version: 'v1',
    definition: {
      name: names.orderByExpression(name),
      operand: { scalar: { orderedType: names.type(name), enableOrderByDirections: { enableAll: true } } },
      graphql: { expressionTypeName: names.graphqlScalarType(names.orderByExpression(name)) },
    },
  };
}

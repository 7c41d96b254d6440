import type { SchemaResponse, Type } from '@hasura/ndc-sdk-typescript';
import { describe, expect, it } from 'vitest';
import { generate, metadataInput, type PlacedDocument } from './generated-metadata.ts';

/**
 * What fails a build of the supergraph, restated: the `ddn` command line needs a login, so no test can run it. Each rule
 * returns its violations; they are checked with the default names and with a team's own.
 */
const PROJECTS = {
  'the default names': { observe: [{ subgraph: 'app', connectors: ['chinook'] }] },
  'names of a team': { subgraph: 'guard', link: 'sentinel', graphqlPrefix: 'sentinel', readerRoles: ['analyst'] },
} as const;

describe.each(Object.entries(PROJECTS))('metadata with %s', (_title, project) => {
  const documents = generate(project);
  const { schema } = metadataInput(project);
  const all = (kind: string): Definition[] => ofKind(documents, kind);
  const named = (kind: string): Map<string, Definition> => new Map(all(kind).map((d) => [d.name as string, d]));
  const fieldsOf = (objectType: string): Map<string, string> => {
    const { fields = [] } = (named('ObjectType').get(objectType) ?? {}) as {
      fields?: { name: string; type: string }[];
    };
    return new Map(fields.map(({ name, type }) => [name, type]));
  };
  const objects = named('ObjectType');
  const presets = all('DataConnectorLink').flatMap((link) =>
    link.argumentPresets.map((preset: Definition) => preset.argument),
  );
  const models = named('Model');
  const modelType = (model: string): string => models.get(model)?.objectType as string;

  it('has each object once', () => {
    const keys = documents.map(({ path, document }) => {
      const definition = (document.definition ?? {}) as Definition;
      const name = NAME_KEYS.map((key) => definition[key] as string | undefined).filter(Boolean);
      return [path.split('/')[0], document.kind, ...name].join(' ');
    });
    expect(repeated(keys)).toEqual([]);
  });

  it('gives types names that do not collide', () => {
    const names = ['ScalarType', 'ObjectType', 'BooleanExpressionType'].flatMap((kind) => [...named(kind).keys()]);
    expect(repeated(names)).toEqual([]);
    expect(names.filter((name) => !/^(?!__)[_a-zA-Z][_a-zA-Z0-9]*$/.test(name))).toEqual([]);
  });

  it('gives GraphQL types and root fields names that do not collide', () => {
    const typeKeys = ['typeName', 'inputTypeName', 'selectTypeName', 'expressionTypeName', 'filterInputTypeName'];
    const types = documents.flatMap(({ document }) => {
      const graphql = (document.definition?.graphql ?? {}) as Record<string, unknown>;
      return [...typeKeys, 'comparisonExpressionTypeName'].flatMap((key) => (graphql[key] as string) ?? []);
    });
    expect(types.length).toBeGreaterThan(100);
    expect(repeated(types)).toEqual([]);
    const roots = [
      ...all('Model').flatMap(({ graphql }) => [
        graphql.selectMany.queryRootField,
        graphql.aggregate.queryRootField,
        ...graphql.selectUniques.map(({ queryRootField }: Definition) => queryRootField),
      ]),
      ...all('Command').map(({ graphql }) => graphql.rootFieldName),
    ];
    expect(repeated(roots as string[])).toEqual([]);
  });

  it('represents every scalar of the connector once, by a type that exists', () => {
    const represented = all('DataConnectorScalarRepresentation').map((d) => d.dataConnectorScalarType as string);
    expect(represented.toSorted()).toEqual(Object.keys(schema.scalar_types).toSorted());
    const known = new Set([...BUILT_IN, ...named('ScalarType').keys()]);
    expect(all('DataConnectorScalarRepresentation').filter((d) => !known.has(d.representation))).toEqual([]);
  });

  it('maps every field of every object type to a column of the same type', () => {
    const known = new Set([...BUILT_IN, ...named('ScalarType').keys(), ...objects.keys()]);
    const faults: string[] = [];
    for (const definition of objects.values()) {
      const [mapping] = definition.dataConnectorTypeMapping;
      const ndc = schema.object_types[mapping.dataConnectorObjectType];
      for (const { name, type } of definition.fields as { name: string; type: string }[]) {
        const column = ndc?.fields[mapping.fieldMapping[name].column.name];
        if (!known.has(type.replaceAll(/[[\]!]/g, ''))) faults.push(`${definition.name}.${name}: unknown type ${type}`);
        if (!column || shapeOf(column.type) !== type.replaceAll(/\w+/g, 'T'))
          faults.push(`${definition.name}.${name}: ${type}`);
      }
      expect(definition.fields).toHaveLength(Object.keys(ndc?.fields ?? {}).length);
    }
    expect(objects.size).toBe(Object.keys(schema.object_types).length);
    expect(faults).toEqual([]);
  });

  it('compares by operators that the connector has, lists with lists and scalars with scalars', () => {
    const faults: string[] = [];
    for (const { name, operand } of all('BooleanExpressionType')) {
      if (!operand.scalar) continue;
      const [mapping] = operand.scalar.dataConnectorOperatorMapping;
      const operators = schema.scalar_types[mapping.dataConnectorScalarType]?.comparison_operators ?? {};
      for (const { name: operator, argumentType } of operand.scalar.comparisonOperators) {
        const definition = operators[operator];
        const isList = /^\[\w+!\]!$/.test(argumentType);
        if (!definition) faults.push(`${name}: the connector has no ${operator}`);
        else if (definition.type !== 'custom' && isList !== (definition.type === 'in'))
          faults.push(`${name}.${operator}: ${argumentType}`);
      }
    }
    expect(faults).toEqual([]);
  });

  it('has no two aggregate functions of one standard meaning on a scalar', () => {
    const faults = Object.entries(schema.scalar_types).filter(
      ([, { aggregate_functions: functions }]) =>
        repeated(Object.values(functions).flatMap(({ type }) => (type === 'custom' ? [] : [type]))).length > 0,
    );
    expect(faults).toEqual([]);
  });

  it('filters by fields, relations and expressions that exist', () => {
    const expressions = named('BooleanExpressionType');
    const relations = relationKeys(all('Relationship'));
    const faults = all('BooleanExpressionType').flatMap(({ name, operand }) => {
      if (!operand.object) return [];
      const { type, comparableFields, comparableRelationships } = operand.object;
      return [
        ...comparableFields.flatMap(({ fieldName, booleanExpressionType }: Definition) => {
          const compared = fieldsOf(type).get(fieldName) ?? '';
          const { scalar, object } = expressions.get(booleanExpressionType)?.operand ?? {};
          // An object may stand in a list, whose elements are then looked at; a list of scalars is refused.
          const isRight = scalar
            ? scalar.type === compared.replace('!', '')
            : object?.type === compared.replaceAll(/[[\]!]/g, '');
          return isRight && !LOGICAL.has(fieldName) ? [] : [`${name}.${fieldName}`];
        }),
        ...comparableRelationships.flatMap(({ relationshipName, booleanExpressionType }: Definition) => {
          const target = modelType(relations.get(`${type}.${relationshipName}`) ?? '');
          return expressions.get(booleanExpressionType)?.operand.object?.type === target
            ? []
            : [`${name}.${relationshipName}`];
        }),
      ];
    });
    expect(faults).toEqual([]);
  });

  it('orders by fields and object relations that exist, never by array relations', () => {
    const expressions = named('OrderByExpression');
    const relations = relationKeys(
      all('Relationship').filter(({ target }) => target.model.relationshipType === 'Object'),
    );
    const faults = all('OrderByExpression').flatMap(({ name, operand }) => {
      if (!operand.object) return [];
      const { orderedType, orderableFields, orderableRelationships } = operand.object;
      return [
        ...orderableFields.flatMap(({ fieldName, orderByExpression }: Definition) =>
          expressions.get(orderByExpression)?.operand.scalar?.orderedType ===
          fieldsOf(orderedType).get(fieldName)?.replace('!', '')
            ? []
            : [`${name}.${fieldName}`],
        ),
        ...orderableRelationships.flatMap(({ relationshipName, orderByExpression }: Definition) => {
          const target = modelType(relations.get(`${orderedType}.${relationshipName}`) ?? '');
          return expressions.get(orderByExpression)?.operand.object?.orderedType === target
            ? []
            : [`${name}.${relationshipName}`];
        }),
      ];
    });
    expect(faults).toEqual([]);
  });

  it('aggregates fields by functions that the connector has', () => {
    const expressions = named('AggregateExpression');
    const faults = all('AggregateExpression').flatMap(({ name, operand }) => {
      if (operand.object) {
        const { aggregatedType, aggregatableFields } = operand.object;
        return aggregatableFields
          .filter(
            ({ fieldName, aggregateExpression }: Definition) =>
              expressions.get(aggregateExpression)?.operand.scalar?.aggregatedType !==
              fieldsOf(aggregatedType).get(fieldName)?.replace('!', ''),
          )
          .map(({ fieldName }: Definition) => `${name}.${fieldName}`);
      }
      const [mapping] = operand.scalar.dataConnectorAggregationFunctionMapping;
      const functions = schema.scalar_types[mapping.dataConnectorScalarType]?.aggregate_functions ?? {};
      const declared = operand.scalar.aggregationFunctions.map((f: Definition) => f.name);
      return declared.join() === Object.keys(functions).join() ? [] : [name];
    });
    expect(faults).toEqual([]);
  });

  it('has a model for every collection, with keys and expressions over its type', () => {
    expect(all('Model').map(({ source }) => source.collection)).toEqual(schema.collections.map(({ name }) => name));
    for (const model of models.values()) {
      const { objectType } = model;
      expect(named('BooleanExpressionType').get(model.filterExpressionType)?.operand.object.type).toBe(objectType);
      expect(named('OrderByExpression').get(model.orderByExpression)?.operand.object.orderedType).toBe(objectType);
      expect(named('AggregateExpression').get(model.aggregateExpression)?.operand.object.aggregatedType).toBe(
        objectType,
      );
      const keys = model.graphql.selectUniques.flatMap((unique: Definition) => unique.uniqueIdentifier);
      expect(keys.length).toBeGreaterThan(0);
      expect(keys.filter((field: string) => !fieldsOf(objectType).has(field))).toEqual([]);
    }
  });

  it('has a command for every function and procedure, with every argument but the preset one', () => {
    const infos = [...schema.functions, ...schema.procedures];
    expect(all('Command')).toHaveLength(infos.length);
    for (const { source, outputType, arguments: args } of all('Command')) {
      const { function: func, procedure } = source.dataConnectorCommand;
      const info = infos.find(({ name }) => name === (func ?? procedure)) as SchemaResponse['functions'][number];
      expect(shapeOf(info.result_type)).toBe(outputType.replaceAll(/\w+/g, 'T'));
      const wanted = Object.entries(info.arguments).filter(([name]) => !presets.includes(name));
      expect(args.map(({ name }: Definition) => source.argumentMapping[name])).toEqual(wanted.map(([name]) => name));
      expect(args.map(({ type }: Definition) => type.replaceAll(/\w+/g, 'T'))).toEqual(
        wanted.map(([, { type }]) => shapeOf(type)),
      );
    }
    expect(presets).toEqual(['headers']);
  });

  it('presets an argument that holds JSON, which is what the engine turns headers into', () => {
    const types = schema.procedures.map(({ arguments: args }) => args['headers']?.type);
    expect(types.length).toBeGreaterThan(0);
    for (const type of types) {
      expect(type).toMatchObject({ type: 'nullable', underlying_type: { type: 'named', name: 'Json' } });
    }
    expect(schema.scalar_types['Json']?.representation.type).toBe('json');
  });

  it('gives the fields, relations and their aggregates of an object type names that do not collide', () => {
    for (const objectType of objects.keys()) {
      const relations = all('Relationship').filter(({ sourceType }) => sourceType === objectType);
      const names = relations.flatMap(({ name, graphql }) => [name, graphql?.aggregateFieldName ?? []].flat());
      expect(repeated([...fieldsOf(objectType).keys(), ...names])).toEqual([]);
    }
  });

  it('joins models over fields of one type, in both directions', () => {
    for (const { sourceType, target, mapping } of all('Relationship')) {
      for (const { source, target: to } of mapping) {
        const from = fieldsOf(sourceType).get(source.fieldPath[0].fieldName);
        const there = fieldsOf(modelType(target.model.name)).get(to.modelField[0].fieldName);
        expect(from?.replace('!', '')).toBe(there?.replace('!', ''));
      }
    }
    const types = all('Relationship').map(({ target }) => target.model.relationshipType);
    expect(types.filter((type) => type === 'Object')).toHaveLength(types.filter((type) => type === 'Array').length);
    expect(types.length).toBeGreaterThan(0);
  });

  it('lets readers read every type and model and run functions, and only admin run procedures', () => {
    const readers = ['admin', ...('readerRoles' in project ? project.readerRoles : [])];
    for (const { permissions } of all('ModelPermissions')) {
      expect(permissions.map(({ role }: Definition) => role)).toEqual(readers);
    }
    for (const { commandName, permissions } of all('CommandPermissions')) {
      const isFunction = named('Command').get(commandName)?.source.dataConnectorCommand.function !== undefined;
      expect(permissions.map(({ role }: Definition) => role)).toEqual(isFunction ? readers : ['admin']);
    }
    expect(all('ModelPermissions').map(({ modelName }) => modelName)).toEqual([...models.keys()]);
    expect(all('CommandPermissions').map((d) => d.commandName)).toEqual(all('Command').map(({ name }) => name));
    expect(new Set(all('TypePermissions').map(({ typeName }) => typeName))).toEqual(new Set(objects.keys()));
    for (const { typeName, permissions } of all('TypePermissions')) {
      expect(permissions.map(({ role }: Definition) => role)).toEqual(readers);
      for (const { output } of permissions) expect(output.allowedFields).toEqual([...fieldsOf(typeName).keys()]);
    }
  });

  it('has the configuration of a supergraph once', () => {
    for (const kind of ['GraphqlConfig', 'AuthConfig', 'CompatibilityConfig', 'Supergraph']) {
      expect(documents.filter(({ document }) => document.kind === kind)).toHaveLength(1);
    }
  });

  it('maps every environment variable in the subgraph that reads it', () => {
    const subgraphs = new Map(
      documents
        .filter(({ document }) => document.kind === 'Subgraph')
        .map(({ path, document }) => [path.split('/')[0], document.definition]),
    );
    for (const { path, document } of documents) {
      const mapping = subgraphs.get(path.split('/')[0])?.envMapping as Record<string, unknown> | undefined;
      if (!mapping) continue; // the observed connectors' subgraph is the team's own
      const read = [...JSON.stringify(document).matchAll(/"valueFromEnv":"(\w+)"/g)].map((match) => match[1] as string);
      expect(read.filter((variable) => !Object.hasOwn(mapping, variable))).toEqual([]);
    }
    expect(subgraphs.size).toBe(2);
  });
});

const BUILT_IN = ['String', 'Int', 'Float', 'Boolean', 'ID'];
/** What tells two objects of a kind in a subgraph apart. */
const NAME_KEYS = ['name', 'sourceType', 'typeName', 'modelName', 'commandName', 'dataConnectorScalarType'];
const LOGICAL = new Set(['_and', '_or', '_not', '_is_null']);

// oxlint-disable-next-line typescript/no-explicit-any -- documents of many kinds, read as the engine would
type Definition = Record<string, any>;

function ofKind(documents: readonly PlacedDocument[], kind: string): Definition[] {
  return documents
    .filter(({ document }) => document.kind === kind)
    .map(({ document }) => document.definition as Definition);
}

function repeated(names: readonly string[]): string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}

/** `<source type>.<relationship>` → target model. */
function relationKeys(relationships: readonly Definition[]): Map<string, string> {
  return new Map(
    relationships.map(({ sourceType, name, target }) => [`${sourceType}.${name}`, target.model.name as string]),
  );
}

/** The type with every name replaced by T: what has to agree between metadata and connector. */
function shapeOf(type: Type): string {
  switch (type.type) {
    case 'named':
      return 'T!';
    case 'array':
      return `[${shapeOf(type.element_type)}]!`;
    case 'nullable':
      return shapeOf(type.underlying_type).replace(/!$/, '');
    default:
      throw new Error(`no metadata for ${type.type}`);
  }
}

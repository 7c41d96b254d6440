import type { GraphQLResolveInfo } from 'graphql';
import { assertNever } from '../../core/domain/errors.ts';
import type { ObjectDef, ValueType } from '../../core/domain/kind.ts';
import { camelCase, pascalCase } from '../../core/domain/spelling.ts';
import { runVerb, type Verb } from '../../core/services/verbs/verb.ts';
import { compileSelection, selectFromValue } from '../query/query-values.ts';
import type { Builder, GraphqlContext, InputType } from './builder.ts';
import type { GraphqlDeps } from './graphql-deps.ts';
import type { QueryLowering } from './lower-query.ts';
import type { CatalogueTypes } from './row-types.ts';
import { selectionUnder } from './selection.ts';
import { choicesText, inputType, type OutputLists, outputType } from './value-type.ts';

type Values = Readonly<Record<string, unknown>>;

/**
 * Functions become query fields and procedures mutations; each call runs in a snapshot or transaction of its own. The fields are
 * nullable, so that a refused one leaves the results of the others.
 */
export function addVerbFields(
  builder: Builder,
  types: CatalogueTypes,
  objects: ReadonlyMap<string, ObjectDef>,
  lowering: QueryLowering,
  deps: Pick<GraphqlDeps, 'engine' | 'runner' | 'verbs' | 'snapshot' | 'transaction'>,
): void {
  const inputs = inputObjects(builder, deps.verbs.verbs.values(), objects);
  const call = async (verb: Verb, args: Values, { actor }: GraphqlContext, info: GraphQLResolveInfo) => {
    const fields = lowering.value(verb.result, selectionUnder(info));
    const form = { type: verb.result, ...(fields ? { fields } : {}) };
    const selection = compileSelection(deps.engine, deps.runner.dialect, form);
    const within = verb.kind === 'function' ? deps.snapshot : deps.transaction;
    return within(async (tx, runner) => {
      const value = await runVerb(verb, renamed(verb.arguments, args, objects), { actor, tx });
      return selectFromValue(deps.engine, runner, verb.result, selection, value);
    });
  };
  for (const verb of deps.verbs.verbs.values()) {
    const field = (lists: OutputLists) => ({
      ...outputType(verb.result, types.rows, lists),
      nullable: true,
      description: `${verb.description} For the role ${verb.role}.`,
      args: verbArguments(builder, verb, inputs),
      resolve: async (_root: unknown, args: Values, context: GraphqlContext, info: GraphQLResolveInfo) =>
        (await call(verb, args, context, info)) as never, // of the verb's result type, unknown to the compiler
    });
    const name = camelCase(verb.name);
    if (verb.kind === 'function') builder.queryField(name, (t) => t.field(field(t)));
    else builder.mutationField(name, (t) => t.field(field(t)));
  }
}

function verbArguments(builder: Builder, verb: Verb, inputs: ReadonlyMap<string, InputType>) {
  return builder.args((t) =>
    Object.fromEntries(
      verb.arguments.map(({ name, type, description }) => [
        camelCase(name),
        t.field({
          ...inputType(type, inputs, t),
          description: [description, choicesText(type)].filter(Boolean).join(' '),
        }),
      ]),
    ),
  );
}

/** Objects that are arguments get an input type of their own, `<Name>Input`, with those inside them. */
function inputObjects(
  builder: Builder,
  verbs: Iterable<Verb>,
  objects: ReadonlyMap<string, ObjectDef>,
): ReadonlyMap<string, InputType> {
  const inputs = new Map<string, InputType>();
  const add = (type: ValueType): void => {
    if (type.type === 'list' || type.type === 'nullable') return add(type.of);
    if (type.type !== 'object' || inputs.has(type.object)) return undefined;
    const object = objects.get(type.object);
    if (!object) throw new Error(`an argument is of the unknown object type "${type.object}"`);
    const ref = builder.inputRef<object>(`${pascalCase(object.name)}Input`);
    inputs.set(object.name, ref);
    for (const field of object.fields) add(field.type);
    ref.implement({
      description: object.description,
      fields: (t) =>
        Object.fromEntries(
          object.fields.map(({ name, type: fieldType, description }) => [
            camelCase(name),
            t.field({ ...inputType(fieldType, inputs, t), description }),
          ]),
        ),
    });
    return undefined;
  };
  for (const verb of verbs) for (const argument of verb.arguments) add(argument.type);
  return inputs;
}

/** Argument names back to those the verb declares, inside objects too; JSON values are the caller's own and stay. */
function renamed(fields: ObjectDef['fields'], values: Values, objects: ReadonlyMap<string, ObjectDef>): Values {
  return Object.fromEntries(
    fields
      .filter(({ name }) => Object.hasOwn(values, camelCase(name)))
      .map(({ name, type }) => [name, renamedValue(type, values[camelCase(name)], objects)]),
  );
}

function renamedValue(type: ValueType, value: unknown, objects: ReadonlyMap<string, ObjectDef>): unknown {
  if (value === null || value === undefined) return null;
  switch (type.type) {
    case 'scalar':
      return value;
    case 'nullable':
      return renamedValue(type.of, value, objects);
    case 'list':
      return (value as readonly unknown[]).map((item) => renamedValue(type.of, item, objects));
    case 'object':
      return renamed(objects.get(type.object)?.fields ?? [], value as Values, objects);
    default:
      return assertNever(type);
  }
}

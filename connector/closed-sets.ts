import type { FieldDef, ObjectDef, ValueType } from '../core/domain/kind.ts';
import type { Verb } from '../core/services/verbs/verb.ts';
import type { Catalogue } from '../schema/catalogue.ts';
import type { ScalarType } from '../schema/query/value-types.ts';

/** Names the scalar of every closed set of values, by where it is used. */
export interface ClosedSets {
  /** Scalar name → the set. */
  readonly scalars: ReadonlyMap<string, ScalarType>;
  nameOf(values: readonly string[]): string;
}

interface Use {
  readonly owner: string;
  readonly field: string;
  readonly type: ScalarType & { readonly values: readonly string[] };
}

/**
 * A closed set of texts is an enumeration of its own to the protocol. It takes the name of the column or argument
 * (`severity` → `Severity`) where that name always stands for the same set and for no object type, else that of its
 * first owner in front (`kill_switch_rule.status` → `KillSwitchRuleStatus`).
 */
export function closedSets(catalogue: Catalogue, objects: Iterable<ObjectDef>, verbs: Iterable<Verb>): ClosedSets {
  const uses = [
    ...[...catalogue.collections.values()].flatMap(({ rowType, columns }) => usesOf(rowType, columns)),
    ...[...objects].flatMap(({ name, fields }) => usesOf(name, fields)),
    ...[...verbs].flatMap((verb) => usesOf(verb.name, verb.arguments.concat(resultOf(verb)))),
  ];
  // DDN writes object types in PascalCase too: a scalar `Baseline` beside an object `baseline` would fail its build.
  const objectNames = new Set(
    [...[...catalogue.collections.values()].map(({ rowType }) => rowType), ...[...objects].map(({ name }) => name)].map(
      pascalCase,
    ),
  );
  const setsOfField = Map.groupBy(uses, ({ field }) => field);
  const names = new Map<string, string>();
  const scalars = new Map<string, ScalarType>();
  for (const { owner, field, type } of uses) {
    const key = keyOf(type.values);
    if (names.has(key)) continue;
    const isUnambiguous = new Set(setsOfField.get(field)?.map((use) => keyOf(use.type.values))).size === 1;
    const isFree = isUnambiguous && !objectNames.has(pascalCase(field));
    const name = pascalCase(isFree ? field : `${owner}_${field}`);
    names.set(key, name);
    scalars.set(name, type);
  }
  return { scalars, nameOf: (values) => names.get(keyOf(values)) as string };
}

function usesOf(owner: string, fields: readonly FieldDef[]): Use[] {
  return fields.flatMap(({ name, type }) => {
    const scalar = innermost(type);
    if (scalar.type !== 'scalar' || !scalar.values) return [];
    return [{ owner, field: name, type: { scalar: scalar.scalar, values: scalar.values } }];
  });
}

function resultOf(verb: Verb): FieldDef {
  return { name: 'result', description: verb.description, type: verb.result };
}

function innermost(type: ValueType): ValueType {
  return type.type === 'list' || type.type === 'nullable' ? innermost(type.of) : type;
}

function keyOf(values: readonly string[]): string {
  return JSON.stringify(values.toSorted());
}

function pascalCase(name: string): string {
  return name
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

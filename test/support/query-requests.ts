import type { ScalarKind, ValueType } from '../../core/domain/kind.ts';
import type { CollectionDef } from '../../schema/catalogue.ts';
import { aggregateFunctionsOf } from '../../schema/query/aggregate-functions.ts';
import { extractionFunctionsOf } from '../../schema/query/extraction-functions.ts';
import type {
  AggregateForm,
  AggregatesForm,
  DimensionForm,
  FieldForm,
  GroupPredicateForm,
  GroupsForm,
  NestedFieldForm,
  OrderByForm,
  PathStepForm,
  PredicateForm,
  QueryForm,
  QueryRequestForm,
  RelationshipForm,
  ValueForm,
  VariableSet,
} from '../../schema/query/form.ts';
import { OPERATORS, operatorsOf } from '../../schema/query/operators.ts';
import type { OperatorName } from '../../schema/query/operators.ts';
import type { FieldType, RowType, ScalarType } from '../../schema/query/value-types.ts';
import { fieldTypeOf, findObject, rowTypeOfCollection } from '../../schema/query/value-types.ts';
import { NAMES, TIMES, fixtureCatalogue, fixtureUuid } from './query-fixture.ts';

/** Foreign keys both ways; joins by text, into and out of objects, by two columns, and of two kinds of number. */
export const RELATIONSHIPS: ReadonlyMap<string, RelationshipForm & { readonly source: string }> = new Map([
  ['albums', relationship('artists', 'albums', 'array', { id: ['artist_id'] })],
  ['artist', relationship('albums', 'artists', 'object', { artist_id: ['id'] })],
  ['tracks', relationship('albums', 'tracks', 'array', { id: ['album_id'] })],
  ['album', relationship('tracks', 'albums', 'object', { album_id: ['id'] })],
  ['namesakes', relationship('albums', 'artists', 'array', { title: ['name'] })],
  ['residents', relationship('artists', 'artists', 'array', { name: ['address', 'city'] })],
  ['member_artist', relationship('member', 'artists', 'object', { artist_id: ['id'] })],
  ['same', relationship('tracks', 'tracks', 'object', { album_id: ['album_id'], position: ['position'] })],
  ['priced', relationship('albums', 'artists', 'array', { price: ['id'] })],
  ['counted', relationship('artists', 'artists', 'array', { id: ['plays'] })],
  ['totals', relationship('artists', 'artist_totals', 'object', { id: ['artist_id'] })],
  ['totalled', relationship('artist_totals', 'artists', 'object', { artist_id: ['id'] })],
  ['label', relationship('address', 'artists', 'object', { label_id: ['id'] })],
]);

/** Columns whose sums may be beyond the range of their kind. */
const EXTREME = new Set(['reach', 'weight']);

/** Functions that every database computes to the last bit. */
const EXACT = new Set(['min', 'max', 'sum']);

interface ColumnChoice {
  readonly column: string;
  readonly fieldPath: readonly string[];
  readonly type: FieldType;
}

/** Makes valid requests from a seeded source of chance: every construct of the form, small enough to read. */
export class RequestGenerator {
  readonly #random: () => number;
  #variables: Map<string, { readonly scalar: ScalarType; readonly operator: OperatorName }> = new Map();

  constructor(random: () => number) {
    this.#random = random;
  }

  request(): QueryRequestForm {
    this.#variables = new Map();
    const collection = this.#pick([...fixtureCatalogue.collections.values()]);
    const withVariables = this.#chance(0.4);
    const query = this.#query(rowTypeOfCollection(collection), 2, withVariables);
    const relationships = RELATIONSHIPS;
    if (!withVariables) return { collection: collection.name, query, relationships };
    const variables = Array.from({ length: this.#int(4) }, (): VariableSet => this.#variableSet());
    return { collection: collection.name, query, relationships, variables };
  }

  #variableSet(): VariableSet {
    return new Map(
      [...this.#variables].map(([name, { scalar, operator }]) => [
        name,
        this.#chance(0.1) ? null : this.#literal(scalar, operator),
      ]),
    );
  }

  #query(row: RowType, depth: number, variables: boolean): QueryForm {
    const parts = this.#int(7) + 1;
    return {
      ...(parts & 1 ? { fields: this.#fields(row, depth, variables) } : {}),
      ...(parts & 2 ? { aggregates: this.#aggregates(row) } : {}),
      ...(parts & 4 ? { groups: this.#groups(row, variables) } : {}),
      ...(this.#chance(0.7) ? { predicate: this.#predicate([row], 2, variables) } : {}),
      ...(this.#chance(0.6) ? { orderBy: this.#some(2, () => this.#orderBy(row, variables)) } : {}),
      ...(this.#chance(0.5) ? { limit: this.#int(6) } : {}),
      ...(this.#chance(0.3) ? { offset: this.#int(4) } : {}),
    };
  }

  #fields(row: RowType, depth: number, variables: boolean): ReadonlyMap<string, FieldForm> {
    const fields = new Map<string, FieldForm>();
    for (const [column, { type }] of row.fields) {
      if (!this.#chance(0.5)) continue;
      const nested = this.#chance(0.7) ? this.#nested(type, depth, variables) : undefined;
      fields.set(`f_${column}`, { kind: 'column', column, ...(nested ? { fields: nested } : {}) });
    }
    for (const [name, target] of this.#relationshipsFrom(row)) {
      if (depth === 0 || !this.#chance(0.4)) continue;
      const collection = fixtureCatalogue.collections.get(target.target) as CollectionDef;
      const query = this.#query(rowTypeOfCollection(collection), depth - 1, variables);
      fields.set(`r_${name}`, { kind: 'relationship', relationship: this.#chance(0.5) ? name : target, query });
    }
    return fields;
  }

  #nested(type: ValueType, depth: number, variables: boolean): NestedFieldForm | undefined {
    if (type.type === 'object') {
      return { kind: 'object', fields: this.#fields(objectRow(type.object), depth, variables) };
    }
    if (type.type !== 'list') return undefined;
    const element = fieldTypeOf(type.of).type;
    if (element.type !== 'object') return undefined;
    if (this.#chance(0.5)) {
      const inside = this.#nested(element, depth, variables);
      return inside ? { kind: 'array', fields: inside } : undefined;
    }
    const query = this.#query({ ...objectRow(element.object), collection: null }, Math.min(depth, 1), variables);
    return { kind: 'collection', query };
  }

  #aggregates(row: RowType): AggregatesForm {
    return new Map(this.#some(4, (i) => [`a${i}`, this.#aggregate(row)]));
  }

  #aggregate(row: RowType): AggregateForm {
    const kind = this.#int(4);
    if (kind === 0) return { kind: 'star-count' };
    const all = columnsOf(row);
    const extreme = all.filter(({ column }) => EXTREME.has(column));
    const { column, fieldPath, type } = this.#pick(extreme.length > 0 && this.#chance(0.3) ? extreme : all);
    if (kind === 1 || type.type.type !== 'scalar') {
      return { kind: 'column-count', column, fieldPath, distinct: this.#chance(0.5) };
    }
    const functions = aggregateFunctionsOf(type.type);
    if (functions.length === 0) return { kind: 'star-count' };
    return { kind: 'function', function: this.#pick(functions), column, fieldPath };
  }

  #groups(row: RowType, variables: boolean): GroupsForm {
    const dimensions = this.#some(2, () => this.#dimension(row, variables));
    return {
      dimensions,
      aggregates: this.#aggregates(row),
      ...(this.#chance(0.4) ? { predicate: this.#groupPredicate(row, 1, variables) } : {}),
      ...(this.#chance(0.5)
        ? {
            orderBy: this.#some(2, (i) => ({
              direction: this.#direction(),
              target:
                dimensions.length > 0 && this.#chance(0.5)
                  ? { kind: 'dimension' as const, index: i % dimensions.length }
                  : { kind: 'aggregate' as const, aggregate: this.#exactAggregate(row) },
            })),
          }
        : {}),
      ...(this.#chance(0.4) ? { limit: this.#int(5) } : {}),
      ...(this.#chance(0.2) ? { offset: this.#int(3) } : {}),
    };
  }

  #dimension(row: RowType, variables: boolean): DimensionForm {
    const { path, end } = this.#objectPath(row, variables);
    const { column, fieldPath, type } = this.#pick(sortable(end));
    const { scalar } = type.type as ScalarType;
    const extractions = extractionFunctionsOf(scalar);
    const extraction = extractions.length > 0 && this.#chance(0.7) ? { extraction: this.#pick(extractions) } : {};
    return { column, fieldPath, path, ...extraction };
  }

  #groupPredicate(row: RowType, depth: number, variables: boolean): GroupPredicateForm {
    if (depth > 0 && this.#chance(0.4)) {
      const inner = (): GroupPredicateForm => this.#groupPredicate(row, depth - 1, variables);
      if (this.#chance(0.4)) return { kind: 'not', expression: inner() };
      return { kind: this.#chance(0.5) ? 'and' : 'or', expressions: this.#some(2, inner) };
    }
    const aggregate = this.#exactAggregate(row);
    if (this.#chance(0.2)) return { kind: 'is-null', aggregate };
    const value = this.#operand({ scalar: this.#aggregateKind(row, aggregate) }, '_lte', variables);
    return { kind: 'compare', aggregate, operator: this.#pick(['_eq', '_neq', '_lte', '_gt']), value };
  }

  /** Of a value that every database computes to the last bit. */
  #exactAggregate(row: RowType): AggregateForm {
    for (;;) {
      const aggregate = this.#aggregate(row);
      if (aggregate.kind !== 'function') return aggregate;
      const argument = kindOfArgument(row, aggregate);
      if (argument === 'boolean') continue;
      // The middle of two 64-bit numbers is rounded here and there.
      if (EXACT.has(aggregate.function) || (aggregate.function === 'median' && argument !== 'int64')) return aggregate;
    }
  }

  #aggregateKind(row: RowType, aggregate: AggregateForm): ScalarKind {
    if (aggregate.kind !== 'function') return 'int32';
    const scalar = kindOfArgument(row, aggregate);
    if (aggregate.function === 'median') return 'float64';
    return aggregate.function === 'sum' && scalar === 'int32' ? 'int64' : scalar;
  }

  #orderBy(row: RowType, variables: boolean): OrderByForm {
    const direction = this.#direction();
    if (this.#chance(0.3)) {
      const step = this.#step(row, variables, false);
      if (step)
        return {
          direction,
          target: { kind: 'aggregate', path: [step.form], aggregate: this.#exactAggregate(step.end) },
        };
    }
    const { path, end } = this.#objectPath(row, variables);
    const { column, fieldPath } = this.#pick(sortable(end));
    return { direction, target: { kind: 'column', column, fieldPath, path } };
  }

  #objectPath(row: RowType, variables: boolean): { path: PathStepForm[]; end: RowType } {
    if (!this.#chance(0.3)) return { path: [], end: row };
    const step = this.#step(row, variables, true);
    return step ? { path: [step.form], end: step.end } : { path: [], end: row };
  }

  #step(row: RowType, variables: boolean, objectsOnly: boolean): { form: PathStepForm; end: RowType } | undefined {
    const choices = this.#relationshipsFrom(row).filter(([, { type }]) => !objectsOnly || type === 'object');
    const inside = row.fields.has('address') && this.#chance(0.3);
    if (choices.length === 0 && !inside) return undefined;
    const [name, { target }] = inside ? (['label', { target: 'artists' }] as const) : this.#pick(choices);
    const fieldPath = inside ? { fieldPath: ['address'] } : {};
    const end = rowTypeOfCollection(fixtureCatalogue.collections.get(target) as CollectionDef);
    const predicate = this.#chance(0.4) ? { predicate: this.#predicate([end], 1, variables) } : {};
    return { form: { relationship: name, ...fieldPath, ...predicate }, end };
  }

  #predicate(scopes: readonly RowType[], depth: number, variables: boolean): PredicateForm {
    const row = scopes[0] as RowType;
    const inner = (): PredicateForm => this.#predicate(scopes, depth - 1, variables);
    const kind = depth > 0 ? this.#int(10) : 5 + this.#int(5);
    if (kind === 0) return { kind: 'not', expression: inner() };
    if (kind === 1) return { kind: 'and', expressions: this.#some(3, inner) };
    if (kind === 2) return { kind: 'or', expressions: this.#some(3, inner) };
    if (kind <= 4) return this.#exists(scopes, depth, variables) ?? inner();
    if (kind === 5) {
      const { column, fieldPath } = this.#pick(columnsOf(row));
      return { kind: 'is-null', target: { kind: 'column', column, fieldPath } };
    }
    if (kind === 6) return this.#onList(scopes, variables) ?? this.#compare(scopes, variables);
    return this.#compare(scopes, variables);
  }

  #onList(scopes: readonly RowType[], variables: boolean): PredicateForm | undefined {
    const lists = columnsOf(scopes[0] as RowType).filter(({ type }) => type.type.type === 'list');
    if (lists.length === 0) return undefined;
    const { column, fieldPath, type } = this.#pick(lists);
    const target = { kind: 'column', column, fieldPath } as const;
    const element = type.type.type === 'list' ? fieldTypeOf(type.type.of).type : type.type;
    if (element.type !== 'scalar' || this.#chance(0.4)) return { kind: 'array-is-empty', target };
    return { kind: 'array-contains', target, value: this.#value(scopes, element, '_eq', variables) };
  }

  #compare(scopes: readonly RowType[], variables: boolean): PredicateForm {
    const row = scopes[0] as RowType;
    if (this.#chance(0.15)) {
      const step = this.#step(row, variables, false);
      if (step) {
        const aggregate = this.#exactAggregate(step.end);
        const scalar = { scalar: this.#aggregateKind(step.end, aggregate) };
        const operator = this.#pick(['_eq', '_neq', '_lt', '_gte'] as const);
        const target = { kind: 'aggregate', path: [step.form], aggregate } as const;
        return { kind: 'compare', target, operator, value: this.#operand(scalar, operator, variables) };
      }
    }
    const { column, fieldPath, type } = this.#pick(sortable(row));
    const scalar = type.type as ScalarType;
    const operator = this.#pick(operatorsOf(scalar));
    const target = { kind: 'column', column, fieldPath } as const;
    return { kind: 'compare', target, operator, value: this.#value(scopes, scalar, operator, variables) };
  }

  #value(scopes: readonly RowType[], scalar: ScalarType, operator: OperatorName, variables: boolean): ValueForm {
    const { operand } = OPERATORS[operator];
    if (!this.#chance(0.3)) return this.#operand(scalar, operator, variables);
    const scope = this.#int(scopes.length);
    let end = scopes[scope] as RowType;
    let path: PathStepForm[] = [];
    if (this.#chance(0.4)) {
      const step = this.#step(end, variables, false);
      if (step) [path, end] = [[step.form], step.end];
    }
    const fits = columnsOf(end).filter(({ type: { type } }) => {
      const compared = operand === 'list' ? (type.type === 'list' ? fieldTypeOf(type.of).type : undefined) : type;
      return compared?.type === 'scalar' && compared.scalar === scalar.scalar;
    });
    if (fits.length === 0) return this.#operand(scalar, operator, variables);
    const { column, fieldPath } = this.#pick(fits);
    return { kind: 'column', column, fieldPath, path, scope };
  }

  #operand(scalar: ScalarType, operator: OperatorName, variables: boolean): Exclude<ValueForm, { kind: 'column' }> {
    if (!variables || this.#chance(0.5)) return { kind: 'literal', value: this.#literal(scalar, operator) };
    const name = `$v${this.#variables.size}`;
    this.#variables.set(name, { scalar, operator });
    return { kind: 'variable', name };
  }

  #literal(scalar: ScalarType, operator: OperatorName): unknown {
    const { operand } = OPERATORS[operator];
    if (operand === 'list') return this.#some(3, () => this.#scalar(scalar));
    if (operand === 'pattern')
      return this.#pick(['%', 'a%', '%b%', '_bb_', 'b\\%c', 'b_c', '%[y]*%', "o'%", 'back\\\\%', '']);
    if (operand === 'text') return this.#pick(['a', 'A', 'b', 'bb', '', '%', '_', 'c', '[', '本', ' ']);
    return this.#scalar(scalar);
  }

  #scalar({ scalar, values }: ScalarType): unknown {
    if (values) return this.#pick(values);
    switch (scalar) {
      case 'string':
        return this.#pick(NAMES);
      case 'uuid':
        return fixtureUuid(this.#chance(0.5) ? 1 + this.#int(12) : 100 + this.#int(30)).toUpperCase();
      case 'int32':
        return this.#pick([1, 2, 3, 5, 12, 20, 1992, 1994]);
      case 'int64':
        return this.#pick(['0', '-3', '250000', '9007199254740993', 1]);
      case 'float64':
        return this.#int(40) / 4 - 5;
      case 'boolean':
        return this.#chance(0.5);
      case 'timestamp':
        return this.#pick([...TIMES, '2025-01-01T06:00:00+01:00']);
      case 'json':
        return null;
    }
  }

  #exists(scopes: readonly RowType[], depth: number, variables: boolean): PredicateForm | undefined {
    const row = scopes[0] as RowType;
    const predicate = (inner: RowType): { predicate?: PredicateForm } =>
      this.#chance(0.8) ? { predicate: this.#predicate([inner, ...scopes], depth - 1, variables) } : {};
    if (this.#chance(0.6)) {
      const choices = this.#relationshipsFrom(row);
      if (choices.length === 0 || this.#chance(0.2)) {
        const collection = this.#pick([...fixtureCatalogue.collections.values()]);
        return {
          kind: 'exists',
          in: { kind: 'unrelated', collection: collection.name },
          ...predicate(rowTypeOfCollection(collection)),
        };
      }
      const nested = row.fields.has('address') && this.#chance(0.3);
      const [name, { target }] = nested ? (['label', { target: 'artists' }] as const) : this.#pick(choices);
      const inner = rowTypeOfCollection(fixtureCatalogue.collections.get(target) as CollectionDef);
      const fieldPath = nested ? { fieldPath: ['address'] } : {};
      return { kind: 'exists', in: { kind: 'related', relationship: name, ...fieldPath }, ...predicate(inner) };
    }
    const lists = columnsOf(row).filter(({ type }) => type.type.type === 'list');
    if (lists.length === 0) return undefined;
    const { column, fieldPath, type } = this.#pick(lists);
    const element = fieldTypeOf((type.type as { readonly of: ValueType }).of);
    if (element.type.type === 'object') {
      return {
        kind: 'exists',
        in: { kind: 'nested-collection', column, fieldPath },
        ...predicate(objectRow(element.type.object)),
      };
    }
    const inner: RowType = { name: 'element', fields: new Map([['__value', element]]), collection: null };
    return { kind: 'exists', in: { kind: 'nested-scalar-collection', column, fieldPath }, ...predicate(inner) };
  }

  #relationshipsFrom(row: RowType): [string, RelationshipForm][] {
    const source = row.collection?.name ?? /"(.*)"/.exec(row.name)?.[1];
    return [...RELATIONSHIPS].filter(([, relationship]) => relationship.source === source);
  }

  #direction(): 'asc' | 'desc' {
    return this.#chance(0.5) ? 'asc' : 'desc';
  }

  #some<T>(most: number, make: (i: number) => T): T[] {
    return Array.from({ length: this.#int(most + 1) }, (_, i) => make(i));
  }

  #pick<T>(values: readonly T[]): T {
    return values[this.#int(values.length)] as T;
  }

  #int(below: number): number {
    return Math.floor(this.#random() * below);
  }

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }
}

function relationship(
  source: string,
  target: string,
  type: 'object' | 'array',
  mapping: Readonly<Record<string, readonly string[]>>,
): RelationshipForm & { readonly source: string } {
  return { source, target, type, mapping: new Map(Object.entries(mapping)) };
}

function objectRow(name: string): RowType {
  return findObject(fixtureCatalogue, name) as RowType;
}

function kindOfArgument(row: RowType, aggregate: Extract<AggregateForm, { kind: 'function' }>): ScalarKind {
  const choice = columnsOf(row).find(
    ({ column, fieldPath }) => column === aggregate.column && fieldPath.join() === aggregate.fieldPath?.join(),
  );
  return ((choice as ColumnChoice).type.type as ScalarType).scalar;
}

/** Every column and what is inside its objects. */
function columnsOf(row: RowType): ColumnChoice[] {
  return [...row.fields].flatMap(([column, type]) => inside(column, [], type));
}

function inside(column: string, fieldPath: readonly string[], type: FieldType): ColumnChoice[] {
  const self = { column, fieldPath, type };
  if (type.type.type !== 'object') return [self];
  const fields = [...objectRow(type.type.object).fields];
  return [self, ...fields.flatMap(([name, field]) => inside(column, [...fieldPath, name], field))];
}

function sortable(row: RowType): ColumnChoice[] {
  return columnsOf(row).filter(({ type }) => type.type.type === 'scalar' && type.type.scalar !== 'json');
}

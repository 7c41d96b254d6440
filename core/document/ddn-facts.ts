import { DDN_NAMESPACE } from '../domain/kill-switch-rule.ts';
import type { Principal } from '../domain/principal.ts';
import { UNKNOWN, type RequestFacts, type Unknown, type VaryingValue } from '../domain/request-facts.ts';
import { type TemplateScope, type Variables, resolveTemplate } from './argument-value.ts';
import { property } from './foreign-object.ts';
import type { DocumentReading, GraphqlDocument, UnreadableDocument } from './graphql-document.ts';
import type { NdcArgumentUse } from './ndc-expression.ts';
import type { NdcRequestReading } from './ndc-request.ts';
import { ENGINE_REFUSES } from './parse-guarded.ts';
import type { SelectedField, Selection } from './selection.ts';

/**
 * What a kill-switch rule of the namespace `ddn` sees. Own properties only, some of them getters that build their value
 * when a rule first asks for it. Every list is a list; whatever else a request does not have is null. What it may have
 * beyond the limits of reading is unknown.
 */
export interface DdnFact {
  readonly namespace: string;
  readonly environment: string | null;
  readonly service: string | null;
  readonly role: string;
  readonly session: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly operationName: string | null | Unknown;
  readonly operationType: string | null | Unknown;
  readonly rootFields: readonly string[] | Unknown;
  readonly fields: readonly string[] | Unknown;
  /** Root field → argument → value; of an NDC request collection or procedure → argument or compared column → value. */
  readonly arguments: ArgumentsByField | Unknown;
  readonly variables: Variables;
  /** Levels of selection. */
  readonly depth: number | null | Unknown;
  /** The largest `limit`, `first` or `last` anywhere in the document. */
  readonly limit: number | null | Unknown;
  readonly connector: string | null;
  readonly collection: string | null;
}

export type ArgumentsByField = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What is the same for every request of one caller. */
export interface FactContext {
  readonly environment: string | null;
  readonly service: string | null;
  readonly principal: Principal;
  /** Lower-case names, without credentials. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface GraphqlFactRequest {
  readonly operationName: string | null;
  readonly variables: Variables;
}

/**
 * More fields than `exists` and `all` go through in one evaluation (`LIMITS.steps` of core/kill-switch) would make a rule
 * fail instead of match.
 */
export const MAX_FIELDS = 10_000;

/**
 * The facts of a GraphQL request. The arguments of a root field that is asked for several times vary: a rule on
 * `arguments.customers.limit` must not be escaped by a harmless first alias.
 */
export function graphqlFacts(
  context: FactContext,
  document: DocumentReading,
  request: GraphqlFactRequest,
): RequestFacts<DdnFact> {
  if (document.kind === 'unreadable') return { fact: factOfUnreadable(context, document, request), varying: [] };
  const uses = usesByRootField(document.selection);
  const scope: TemplateScope = {
    variables: request.variables,
    defaults: document.variableDefaults,
    // Also a number in a variable is a double by the time it gets here.
    inexact: 'number',
  };
  let limit: number | null | undefined;
  let built: ArgumentsByField | undefined;
  const fact: DdnFact = {
    ...commonFacts(context),
    operationName: request.operationName ?? document.operationName,
    operationType: document.operationType,
    rootFields: document.shape.rootFields,
    fields: document.shape.fields.length > MAX_FIELDS ? UNKNOWN : document.shape.fields,
    variables: request.variables,
    depth: document.shape.features.depth,
    get arguments() {
      return (built ??= firstArguments(uses, scope));
    },
    get limit() {
      if (limit === undefined) limit = largestLimit(document, scope);
      return limit;
    },
  };
  return { fact, varying: varyingArguments(uses, scope) };
}

/** What the engine refuses by itself holds nothing; what it may accept and we could not read may hold anything. */
function factOfUnreadable(
  context: FactContext,
  { reason }: UnreadableDocument,
  { operationName, variables }: GraphqlFactRequest,
): DdnFact {
  const common = { ...commonFacts(context), operationName, variables };
  if (ENGINE_REFUSES.has(reason)) return common;
  return {
    ...common,
    operationName: operationName ?? UNKNOWN,
    operationType: UNKNOWN,
    rootFields: UNKNOWN,
    fields: UNKNOWN,
    arguments: UNKNOWN,
    depth: UNKNOWN,
    limit: UNKNOWN,
  };
}

/**
 * The facts of an NDC request. The collection varies over all that it touches, so that a rule also meets those behind
 * relationships; an argument or column varies over all the values it is given or compared with, in all variable sets.
 */
export function ndcFacts(context: FactContext, reading: NdcRequestReading): RequestFacts<DdnFact> {
  const read: NdcArguments = reading.isWhole ? ndcArguments(reading) : { first: UNKNOWN, varying: [] };
  const collections = reading.isWhole ? reading.collections : [...reading.collections, UNKNOWN];
  const fact: DdnFact = {
    ...commonFacts(context),
    operationType: reading.operation,
    connector: reading.connector,
    collection: reading.collections[0] ?? null,
    arguments: read.first,
  };
  return { fact, varying: [{ path: ['collection'], values: collections }, ...read.varying] };
}

function commonFacts({ environment, service, principal, headers }: FactContext): DdnFact {
  return {
    namespace: DDN_NAMESPACE,
    environment,
    service,
    role: principal.role,
    session: Object.fromEntries(principal.sessionVariables),
    headers,
    operationName: null,
    operationType: null,
    rootFields: [],
    fields: [],
    arguments: {},
    variables: {},
    depth: null,
    limit: null,
    connector: null,
    collection: null,
  };
}

type UsesByRootField = ReadonlyMap<string, readonly SelectedField[]>;

function usesByRootField(selection: Selection): UsesByRootField {
  const fields = selection.fields.filter((field) => !field.name.startsWith('__'));
  return Map.groupBy(fields, (field) => field.name);
}

function firstArguments(uses: UsesByRootField, scope: TemplateScope): ArgumentsByField {
  const byField = emptyObject<Readonly<Record<string, unknown>>>();
  for (const [name, [first]] of uses) byField[name] = argumentsOf(first as SelectedField, scope);
  return byField;
}

function varyingArguments(uses: UsesByRootField, scope: TemplateScope): VaryingValue[] {
  const varying: VaryingValue[] = [];
  for (const [name, fields] of uses) {
    if (fields.length === 1 || fields.every((field) => field.arguments.size === 0)) continue;
    let values: readonly unknown[] | undefined;
    varying.push({
      path: ['arguments', name],
      get values() {
        return (values ??= fields.map((field) => argumentsOf(field, scope)));
      },
    });
  }
  return varying;
}

function argumentsOf(field: SelectedField, scope: TemplateScope): Record<string, unknown> {
  const values = emptyObject<unknown>();
  for (const [argument, template] of field.arguments) values[argument] = resolveTemplate(template, scope) ?? null;
  return values;
}

const LIMIT_ARGUMENTS = ['limit', 'first', 'last'];

function largestLimit(document: GraphqlDocument, scope: TemplateScope): number | null {
  let largest: number | null = null;
  const visit = (selection: Selection): void => {
    for (const field of selection.fields) {
      for (const name of LIMIT_ARGUMENTS) {
        const template = field.arguments.get(name);
        const value = template && resolveTemplate(template, scope);
        if (typeof value === 'number' && (largest === null || value > largest)) largest = value;
      }
      if (field.selection) visit(field.selection);
    }
  };
  visit(document.selection);
  return largest;
}

interface NdcArguments {
  /** Every argument and column with its first value. */
  readonly first: ArgumentsByField | Unknown;
  readonly varying: readonly VaryingValue[];
}

function ndcArguments({ uses, variableSets }: NdcRequestReading): NdcArguments {
  const first = emptyObject<Record<string, unknown>>();
  const varying: VaryingValue[] = [];
  for (const [collection, ofCollection] of Map.groupBy(uses, (use) => use.collection)) {
    const values = (first[collection] = emptyObject<unknown>());
    for (const [name, ofName] of Map.groupBy(ofCollection, (use) => use.name)) {
      const all = valuesOf(ofName, variableSets);
      values[name] = all[0] ?? null;
      if (all.length > 1) varying.push({ path: ['arguments', collection, name], values: all });
    }
  }
  return { first, varying };
}

/** The distinct values of one argument or column; those from variables in each set. */
function valuesOf(uses: readonly NdcArgumentUse[], variableSets: readonly Variables[]): unknown[] {
  const values = new Set<unknown>();
  for (const { value } of uses) {
    if (value.kind === 'literal') values.add(value.value ?? null);
    else for (const set of variableSets) values.add(property(set, value.name) ?? null);
  }
  return [...values];
}

/** Names in it come from outside: without a prototype `__proto__` is a key like any other. */
function emptyObject<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}

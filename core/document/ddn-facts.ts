import { DDN_NAMESPACE } from '../domain/kill-switch-rule.ts';
import type { Principal } from '../domain/principal.ts';
import { type TemplateScope, type Variables, resolveTemplate } from './argument-value.ts';
import { property } from './foreign-object.ts';
import type { DocumentReading, GraphqlDocument } from './graphql-document.ts';
import type { NdcRequestReading } from './ndc-request.ts';
import type { SelectedField, Selection } from './selection.ts';

/**
 * What a kill-switch rule of the namespace `ddn` sees. Own properties only, some of them getters that build their value
 * when a rule first asks for it. Every list is a list; whatever else a request does not have is null.
 */
export interface DdnFact {
  readonly namespace: string;
  readonly environment: string | null;
  readonly service: string | null;
  readonly role: string;
  readonly session: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly operationName: string | null;
  readonly operationType: string | null;
  readonly rootFields: readonly string[];
  readonly fields: readonly string[];
  /** Root field (or NDC collection) → argument → value. */
  readonly arguments: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly variables: Variables;
  /** Levels of selection. */
  readonly depth: number | null;
  /** The largest `limit`, `first` or `last` anywhere in the document. */
  readonly limit: number | null;
  readonly connector: string | null;
  readonly collection: string | null;
}

/** What is the same for every fact of one request. */
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
 * The facts of a GraphQL request. Usually one; where a root field is asked for several times with arguments, one per
 * use: a rule on `arguments.customers.limit` must not be escaped by a harmless first alias.
 */
export function graphqlFacts(context: FactContext, document: DocumentReading, request: GraphqlFactRequest): DdnFact[] {
  const common = commonFacts(context);
  if (document.kind === 'unreadable') {
    return [{ ...common, operationName: request.operationName, variables: request.variables }];
  }
  const uses = usesByRootField(document.selection);
  let variants = 1;
  for (const fields of uses.values()) {
    if (fields.some((field) => field.arguments.size > 0)) variants = Math.max(variants, fields.length);
  }
  let limit: number | null | undefined;
  return Array.from({ length: variants }, (_, variant) => {
    let built: DdnFact['arguments'] | undefined;
    return {
      ...common,
      operationName: request.operationName ?? document.operationName,
      operationType: document.operationType,
      rootFields: document.shape.rootFields,
      fields: document.shape.fields,
      variables: request.variables,
      depth: document.shape.features.depth,
      get arguments() {
        return (built ??= argumentsOf(document, uses, variant, request.variables));
      },
      get limit() {
        if (limit === undefined) limit = largestLimit(document, request.variables);
        return limit;
      },
    };
  });
}

/** The facts of an NDC request: one per collection it touches, so that a rule also meets those behind relationships. */
export function ndcFacts(context: FactContext, reading: NdcRequestReading): DdnFact[] {
  const common = commonFacts(context);
  return reading.collections.map((collection) => {
    let built: DdnFact['arguments'] | undefined;
    return {
      ...common,
      operationType: reading.operation,
      connector: reading.connector,
      collection,
      get arguments() {
        return (built ??= ndcArgumentsOf(reading, collection));
      },
    };
  });
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

function argumentsOf(
  document: GraphqlDocument,
  uses: UsesByRootField,
  variant: number,
  variables: Variables,
): DdnFact['arguments'] {
  const byField = emptyObject<Readonly<Record<string, unknown>>>();
  for (const [name, fields] of uses) {
    const field = fields[Math.min(variant, fields.length - 1)] as SelectedField;
    const values = emptyObject<unknown>();
    for (const [argument, template] of field.arguments) {
      values[argument] = resolveTemplate(template, scopeOf(document, variables)) ?? null;
    }
    byField[name] = values;
  }
  return byField;
}

function scopeOf(document: GraphqlDocument, variables: Variables): TemplateScope {
  return { variables, defaults: document.variableDefaults, inexact: 'number' };
}

const LIMIT_ARGUMENTS = ['limit', 'first', 'last'];

function largestLimit(document: GraphqlDocument, variables: Variables): number | null {
  let largest: number | null = null;
  const visit = (selection: Selection): void => {
    for (const field of selection.fields) {
      for (const name of LIMIT_ARGUMENTS) {
        const template = field.arguments.get(name);
        const value = template && resolveTemplate(template, scopeOf(document, variables));
        if (typeof value === 'number' && (largest === null || value > largest)) largest = value;
      }
      if (field.selection) visit(field.selection);
    }
  };
  visit(document.selection);
  return largest;
}

/** Arguments of one collection or procedure; a variable takes its value of the first variable set. */
function ndcArgumentsOf(reading: NdcRequestReading, collection: string): DdnFact['arguments'] {
  const values = emptyObject<unknown>();
  const prefix = `${collection}.`;
  for (const { path, value } of reading.uses) {
    if (!path.startsWith(prefix)) continue;
    const resolved = value.kind === 'literal' ? value.value : property(reading.variableSets[0], value.name);
    values[path.slice(prefix.length)] = resolved ?? null;
  }
  const byCollection = emptyObject<Readonly<Record<string, unknown>>>();
  byCollection[collection] = values;
  return byCollection;
}

/** Names in it come from outside: without a prototype `__proto__` is a key like any other. */
function emptyObject<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}

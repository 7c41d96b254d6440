import { LRUCache } from 'lru-cache';
import type { ArgumentValue } from '../domain/observation.ts';
import { type OperationType, type QueryShape, queryHashOf } from '../domain/query-shape.ts';
import {
  type TemplateScope,
  type ValueTemplate,
  type Variables,
  appendArgumentValues,
  resolveTemplate,
  templateOf,
} from './argument-value.ts';
import { graphqlShape, unreadableShape } from './graphql-shape.ts';
import {
  DEFAULT_DOCUMENT_LIMITS,
  type DocumentLimits,
  UnreadableError,
  type UnreadableReason,
  parseGuarded,
  selectOperation,
} from './parse-guarded.ts';
import { type Selection, collectSelection } from './selection.ts';

/** A GraphQL request's document as far as anything here needs it; the syntax tree is not kept. */
export interface GraphqlDocument {
  readonly kind: 'document';
  readonly operationType: OperationType;
  /** As declared in the document, whether or not the client named it. */
  readonly operationName: string | null;
  readonly selection: Selection;
  readonly shape: QueryShape;
  /** MD5 of the text: the original plugin's id. */
  readonly queryHash: string;
  readonly variableDefaults: ReadonlyMap<string, ValueTemplate>;
}

/** A document that could not be read. It still has a shape, so that it is seen, and no fields. */
export interface UnreadableDocument {
  readonly kind: 'unreadable';
  readonly reason: UnreadableReason;
  readonly shape: QueryShape;
  readonly queryHash: string;
}

export type DocumentReading = GraphqlDocument | UnreadableDocument;

export type DocumentReader = (text: string | null, operationName: string | null) => DocumentReading;

/** Readings kept, characters of text kept in all, and the longest text that is worth keeping. */
const CACHE_ENTRIES = 1_000;
const CACHE_CHARACTERS = 4 * 1_024 * 1_024;
const CACHE_LONGEST = 64 * 1_024;

/**
 * Reads each distinct document once: readings are kept by text and operation name, least recently used out first.
 * Never throws: what can't be read is an `unreadable` reading with its reason.
 */
export function createDocumentReader(limits: DocumentLimits = DEFAULT_DOCUMENT_LIMITS): DocumentReader {
  const cache = new LRUCache<string, DocumentReading>({
    max: CACHE_ENTRIES,
    maxSize: CACHE_CHARACTERS,
    maxEntrySize: CACHE_LONGEST,
    sizeCalculation: (_, key) => key.length + 1,
  });
  return (text, operationName) => {
    if (text !== null && text.length > CACHE_LONGEST) return readDocument(text, operationName, limits);
    const key = `${operationName ?? ''}\n${text ?? ''}`;
    const known = cache.get(key);
    if (known) return known;
    const reading = readDocument(text, operationName, limits);
    cache.set(key, reading);
    return reading;
  };
}

/** One reading, not kept. `text` is null where the hook is configured without the query. */
export function readDocument(
  text: string | null,
  operationName: string | null,
  limits: DocumentLimits = DEFAULT_DOCUMENT_LIMITS,
): DocumentReading {
  const queryHash = queryHashOf(text ?? '');
  try {
    if (text === null) throw new UnreadableError('absent');
    return { kind: 'document', queryHash, ...readOperation(text, operationName, limits) };
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    const { reason } = error;
    return { kind: 'unreadable', reason, queryHash, shape: unreadableShape(reason, text?.length ?? 0) };
  }
}

/** Every scalar argument at any level, as `root.child.argument.key`, with variables substituted. */
export function argumentValuesOf(document: DocumentReading, variables: Variables): ArgumentValue[] {
  const values: ArgumentValue[] = [];
  if (document.kind === 'unreadable') return values;
  const scope: TemplateScope = { variables, defaults: document.variableDefaults, inexact: 'text' };
  const visit = (selection: Selection, prefix: string): void => {
    for (const field of selection.fields) {
      const path = prefix + field.name;
      for (const [name, template] of field.arguments) {
        appendArgumentValues(`${path}.${name}`, resolveTemplate(template, scope), values);
      }
      if (field.selection) visit(field.selection, `${path}.`);
    }
  };
  visit(document.selection, '');
  return values;
}

function readOperation(
  text: string,
  operationName: string | null,
  limits: DocumentLimits,
): Omit<GraphqlDocument, 'kind' | 'queryHash'> {
  const ast = parseGuarded(text, limits);
  const operation = selectOperation(ast, operationName);
  const collected = collectSelection(ast, operation.selectionSet, limits);
  const definitions = operation.variableDefinitions ?? [];
  const variableDefaults = new Map<string, ValueTemplate>();
  for (const { variable, defaultValue } of definitions) {
    if (defaultValue) variableDefaults.set(variable.name.value, templateOf(defaultValue));
  }
  return {
    operationType: operation.operation,
    operationName: operation.name?.value ?? null,
    selection: collected.selection,
    shape: graphqlShape({
      operationType: operation.operation,
      collected,
      queryLength: text.length,
      variables: definitions.length,
    }),
    variableDefaults,
  };
}

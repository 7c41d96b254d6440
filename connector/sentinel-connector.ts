import type { Readable } from 'node:stream';
import type { Connector, QueryResponse } from '@hasura/ndc-sdk-typescript';
import { badRequest, unsupported } from '../core/domain/errors.ts';
import type { Verb } from '../core/services/verbs/verb.ts';
import type { QueryRequestForm } from '../schema/query/form.ts';
import type { TakeRows } from '../schema/query/query-runner.ts';
import { type CompiledQuery, compileQuery, explainQuery, runCompiled } from '../schema/query/run-query.ts';
import { CAPABILITIES } from './capabilities.ts';
import { CompiledRequests } from './compiled-requests.ts';
import type { ConnectorDeps } from './connector-deps.ts';
import { explainFunction, explainMutation, explainStatements } from './explain.ts';
import { runFunction } from './functions.ts';
import { JsonNode } from './json-node.ts';
import { parseMutationRequest } from './parse-mutation.ts';
import { type ParsedQueryRequest, parseQueryRequest } from './parse-query.ts';
import { runMutation } from './procedures.ts';
import { rowSetJson } from './row-set-json.ts';
import { RowStream } from './row-stream.ts';
import { schemaResponse } from './schema-response.ts';

type CompiledRequest = CompiledQuery | { readonly verb: Verb; readonly request: ParsedQueryRequest };

export interface SentinelConnector extends Connector<null, null> {
  /**
   * What `query` answers as JSON text. That of a long list is a stream that begins before the rows are all read and
   * goes as fast as it is taken; it fails where the reading does, and reading ends where the stream is destroyed.
   */
  queryJson(body: unknown): Promise<string | Buffer | Readable>;
}

/**
 * The SDK's `Connector` over our query engine and verbs. Requests are read again here, whatever a host has checked
 * before, so the object behaves the same under ours and under the SDK's. It fails with DomainErrors; each host maps them.
 */
export function createConnector(given: ConnectorDeps): SentinelConnector {
  const schema = schemaResponse(given.engine.catalogue, given.verbs);
  const deps = withResultTypes(given);
  const compile = (body: unknown): CompiledRequest => {
    const request = parseQueryRequest(new JsonNode(body));
    const verb = functionOf(deps, request);
    return verb ? { verb, request } : compileQuery(deps.engine, deps.runner.dialect, queryForm(request));
  };
  const compiled = new CompiledRequests(compile);
  const answer = async (asked: CompiledRequest, onRows?: TakeRows<object>): Promise<QueryResponse> => {
    const rowSets =
      'verb' in asked
        ? await runFunction(deps, asked.verb, asked.request)
        : await runCompiled(deps.engine, deps.runner, asked, onRows);
    // The same shape; the SDK's types lack `readonly`.
    return rowSets as QueryResponse;
  };
  return {
    parseConfiguration: async () => null,
    tryInitState: async () => null,
    fetchMetrics: async () => undefined,
    getHealthReadiness: async () => {
      await deps.ready?.();
      return undefined;
    },
    getCapabilities: () => CAPABILITIES,
    getSchema: async () => schema,
    query: async (_configuration, _state, body) => answer(compile(body)),
    queryJson: async (body) => {
      const asked = compiled.get(body);
      const { rows } = deps.engine.limits;
      const mayBeTooLong = !('verb' in asked) && (asked.request.root.limit ?? Infinity) > rows;
      const text = new RowStream(mayBeTooLong ? 'unlimited' : 'limited');
      const whole = answer(asked, text.add).then((response) => wholeJson(response, text));
      return Promise.race([whole, leavingText(text, whole)]);
    },
    queryExplain: async (_configuration, _state, body) => {
      const request = parseQueryRequest(new JsonNode(body));
      const verb = functionOf(deps, request);
      if (verb) return explainFunction(deps, verb, request);
      return explainStatements(await explainQuery(deps.engine, deps.runner, queryForm(request)));
    },
    mutation: async (_configuration, _state, body) => runMutation(deps, parseMutationRequest(new JsonNode(body))),
    mutationExplain: async (_configuration, _state, body) =>
      explainMutation(deps, parseMutationRequest(new JsonNode(body))),
  };
}

/** The text of an answer whose rows are all there; those of `text` are in no RowSet any more. */
function wholeJson(response: QueryResponse, text: RowStream): string | Buffer | Readable {
  const [first] = response;
  if (text.slices === 0 || !first) return rowSetJson(response);
  text.finish(first);
  return text.slices === 1 ? (text.read() as Buffer) : text;
}

/** The text of an answer that leaves before its end: what then fails ends it. */
async function leavingText(text: RowStream, whole: Promise<unknown>): Promise<Readable> {
  await text.leaving;
  whole.catch((error: unknown) => text.destroy(error as Error));
  return text;
}

/** The engine selects fields of results too, so it needs their types beside those of rows. */
function withResultTypes(deps: ConnectorDeps): ConnectorDeps {
  const { catalogue } = deps.engine;
  const objects = new Map(catalogue.objects);
  for (const object of deps.verbs.objects) objects.set(object.name, object);
  return { ...deps, engine: { ...deps.engine, catalogue: { ...catalogue, objects } } };
}

/** The function a request is addressed to; undefined where it is addressed to a collection. */
function functionOf({ verbs, engine }: ConnectorDeps, request: ParsedQueryRequest): Verb | undefined {
  for (const [name, { target }] of request.relationships) {
    if (isFunction(verbs.verbs.get(target))) {
      throw unsupported(
        'FUNCTION_RELATIONSHIP',
        `Relationship "${name}" leads to the function "${target}"; only collections can be joined.`,
        { path: `collection_relationships.${name}.target_collection` },
      );
    }
  }
  const verb = verbs.verbs.get(request.collection);
  if (isFunction(verb)) return verb;
  if (request.arguments.size > 0 && engine.catalogue.collections.has(request.collection)) {
    const [argument] = request.arguments.keys();
    throw badRequest(
      'UNKNOWN_ARGUMENT',
      `The collection "${request.collection}" has no argument "${argument}"; it takes none.`,
      { path: `arguments.${argument}` },
    );
  }
  return undefined;
}

function isFunction(verb: Verb | undefined): verb is Verb {
  return verb?.kind === 'function';
}

function queryForm({ collection, query, relationships, variables }: ParsedQueryRequest): QueryRequestForm {
  return { collection, query, relationships, ...(variables ? { variables } : {}) };
}

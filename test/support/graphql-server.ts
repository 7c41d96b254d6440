import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import type { ActorRole } from '../../core/domain/actor.ts';
import { createGraphqlHandler } from '../../schema/graphql/graphql-handler.ts';
import type { GraphqlDeps } from '../../schema/graphql/graphql-deps.ts';
import { createQueryEngine } from '../../schema/query/query-engine.ts';
import { call, type HttpAnswer, type HttpCall } from './http.ts';
import type { NdcDatabase } from './ndc-database.ts';
import { CATALOGUE, VERB_TABLE } from './ndc-fixture.ts';

export interface GraphqlAnswer {
  readonly status: number;
  readonly data: unknown;
  readonly errors: readonly {
    message: string;
    locations?: unknown;
    path?: unknown;
    extensions?: Record<string, unknown>;
  }[];
}

/** The GraphQL surface over the music store, mounted as the process mounts it, with what it did besides answering. */
export interface GraphqlServer {
  readonly schemaText: string;
  /** Text of every statement since the last `ask`. */
  readonly statements: string[];
  readonly logged: { readonly id: string; readonly error: unknown }[];
  ask(query: string, variables?: Record<string, unknown>, role?: ActorRole): Promise<GraphqlAnswer>;
  send(request: Omit<HttpCall, 'path'>): Promise<HttpAnswer>;
  close(): Promise<void>;
}

export async function startGraphql(database: NdcDatabase, changes: Partial<GraphqlDeps> = {}): Promise<GraphqlServer> {
  const statements: string[] = [];
  const logged: { id: string; error: unknown }[] = [];
  const watched: GraphqlDeps['runner'] = {
    dialect: database.runner.dialect,
    execute: (statement) => {
      statements.push(statement.sql);
      return database.runner.execute(statement);
    },
    snapshot: (run) =>
      database.runner.snapshot((execute) =>
        run((statement) => {
          statements.push(statement.sql);
          return execute(statement);
        }),
      ),
  };
  const { yoga, schemaText } = createGraphqlHandler({
    engine: createQueryEngine(CATALOGUE),
    runner: watched,
    verbs: VERB_TABLE,
    snapshot: (run) => database.snapshot(run),
    transaction: (run) => database.transaction(run),
    logError: (id, error) => logged.push({ id, error }),
    ...changes,
  });

  const app = fastify();
  // Yoga reads the body itself, so Fastify must not.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.route({
    url: '/graphql',
    method: ['GET', 'POST', 'OPTIONS'],
    handler: async (request, reply) => {
      const role = (request.headers['x-test-role'] ?? 'viewer') as ActorRole;
      const actor = { name: 'tester', role, surface: 'graphql' } as const;
      const response = await yoga.handleNodeRequestAndResponse(request, reply, { actor });
      for (const [name, value] of response.headers) void reply.header(name, value);
      return reply.code(response.status).send(await response.text());
    },
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const send = (request: Omit<HttpCall, 'path'>): Promise<HttpAnswer> =>
    call(`http://127.0.0.1:${port}`, { ...request, path: '/graphql' });

  return {
    schemaText,
    statements,
    logged,
    send,
    ask: async (query, variables = {}, role = 'viewer') => {
      statements.length = 0;
      const answer = await send({ headers: { 'x-test-role': role }, body: { query, variables } });
      const { data, errors } = (answer.json ?? {}) as { data?: unknown; errors?: GraphqlAnswer['errors'] };
      return { status: answer.status, data, errors: errors ?? [] };
    },
    close: () => app.close(),
  };
}

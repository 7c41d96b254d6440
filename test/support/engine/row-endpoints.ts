import { type DataConnector, runNdcQuery } from './data-connector.ts';
import type { RequestContext } from './engine-context.ts';

const SQL =
  /^select (?<columns>[\w, ]+) from (?<table>\w+)(?: where (?<column>\w+) = '(?<value>[^']*)')?(?: limit (?<limit>\d+))?$/i;

/**
 * `/v1/sql`, which PromptQL uses: `{"sql": "select id, name from customers where country = 'AT' limit 5"}`. The grammar
 * is that one sentence; what matters is that no GraphQL hook runs and that columns have names of the engine's choice.
 */
export async function answerSql(
  context: RequestContext,
  connectors: readonly DataConnector[],
  body: string,
): Promise<unknown> {
  const { sql } = JSON.parse(body) as { sql: string };
  const { columns = '', table = '', column, value, limit } = SQL.exec(sql)?.groups ?? {};
  const names = columns.split(',').map((name) => name.trim());
  const rows = await rowsOf(context, connectors, table, names, {
    ...(limit === undefined ? {} : { limit: Number(limit) }),
    ...(column === undefined
      ? {}
      : {
          predicate: {
            type: 'binary_comparison_operator',
            column: { type: 'column', name: column, path: [] },
            operator: '_eq',
            value: { type: 'scalar', value },
          },
        }),
  });
  return rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[`f${index}`]])));
}

/** JSON:API: `/v1/rest/<subgraph>/<collection>?fields=id,name&page[limit]=5`. */
export async function answerJsonApi(
  context: RequestContext,
  connectors: readonly DataConnector[],
  url: URL,
): Promise<unknown> {
  const [, , , , collection = ''] = url.pathname.split('/');
  const names = (url.searchParams.get('fields') ?? '').split(',');
  const limit = url.searchParams.get('page[limit]');
  const rows = await rowsOf(context, connectors, collection, names, limit === null ? {} : { limit: Number(limit) });
  return {
    data: rows.map((row) => ({
      type: collection,
      attributes: Object.fromEntries(names.map((name, index) => [name, row[`f${index}`]])),
    })),
  };
}

async function rowsOf(
  context: RequestContext,
  connectors: readonly DataConnector[],
  collection: string,
  columns: readonly string[],
  query: object,
): Promise<readonly Record<string, unknown>[]> {
  const connector = connectors.find(({ schema }) => schema.collections.some(({ name }) => name === collection));
  if (!connector) throw new Error(`no connector has a collection "${collection}"`);
  const fields = Object.fromEntries(columns.map((column, index) => [`f${index}`, { type: 'column', column }]));
  const [rowSet] = await runNdcQuery(context, connector, {
    collection,
    query: { fields, ...query },
    arguments: {},
    collection_relationships: {},
  });
  return rowSet?.rows ?? [];
}

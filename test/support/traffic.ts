import { modelsTrainedBy, type ServiceProcess } from './service-process.ts';

/** A small shop's traffic for tests through the public surface: ordinary bodies, and one with a wrong value. */
export const ORDERS_QUERY = 'query Orders { orders(limit: 10) { id total country paid } }';

export interface Order {
  readonly id: number;
  readonly total: number;
  readonly country: string;
  readonly paid: boolean;
}

export function ordinaryOrders(n: number): Order[] {
  return Array.from({ length: 10 }, (_, row) => {
    const k = n * 10 + row;
    return {
      id: k,
      total: 20 + ((k * 7919) % 1_000) / 10,
      country: ['AT', 'CH', 'DE'][(k * 13) % 3] as string,
      paid: k % 3 !== 0,
    };
  });
}

export function preResponseBody(orders: readonly unknown[], { role = 'sales', userId = '7' } = {}) {
  return {
    session: { role, variables: { 'x-hasura-role': role, 'x-hasura-user-id': { Unparsed: userId } } },
    rawRequest: { query: ORDERS_QUERY, variables: {}, operationName: 'Orders' },
    response: { data: { orders } },
  };
}

export async function postJson(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

export async function graphql(
  service: ServiceProcess,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
) {
  const response = await postJson(
    `${service.apiUrl}/graphql`,
    { query, variables },
    { authorization: `Bearer ${service.adminToken()}` },
  );
  // `any`: the shape of the data is the query's.
  // oxlint-disable-next-line typescript/no-explicit-any
  return (await response.json()) as { data: Record<string, any>; errors?: { message: string; extensions?: unknown }[] };
}

/** Rows of one collection by the NDC connector. */
export async function ndcRows(
  service: ServiceProcess,
  collection: string,
  columns: readonly string[],
  query: object = {},
): Promise<Record<string, unknown>[]> {
  const response = await postJson(`${service.ndcUrl}/query`, {
    collection,
    arguments: {},
    collection_relationships: {},
    query: { fields: Object.fromEntries(columns.map((column) => [column, { type: 'column', column }])), ...query },
  });
  const body = (await response.json()) as [{ rows: Record<string, unknown>[] }];
  if (!response.ok) throw new Error(`NDC answered ${response.status}: ${JSON.stringify(body)}`);
  return body[0].rows;
}

export async function callProcedure(
  service: ServiceProcess,
  name: string,
  args: object,
): Promise<Record<string, unknown>> {
  const response = await postJson(`${service.ndcUrl}/mutation`, {
    operations: [{ type: 'procedure', name, arguments: args }],
    collection_relationships: {},
  });
  const body = (await response.json()) as { operation_results: [{ result: Record<string, unknown> }] };
  if (!response.ok) throw new Error(`NDC answered ${response.status}: ${JSON.stringify(body)}`);
  return body.operation_results[0].result;
}

/** Teaches a new service what orders look like, until it scores by its model of them: that is later than the model is stored. */
export async function teachOrders(
  service: ServiceProcess,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  for (let n = 0; n < 40; n++) {
    const response = await postJson(
      `${service.apiUrl}/hooks/pre-response`,
      preResponseBody(ordinaryOrders(n)),
      headers,
    );
    if (response.status !== 204) throw new Error(`answered ${response.status}`);
  }
  await until(async () => {
    const stored = (await ndcRows(service, 'trained_models', ['id'])).length;
    return stored > 0 && stored === (await modelsTrainedBy(service));
  });
}

/** Polls a condition that another thread or process brings about. */
export async function until(condition: () => Promise<boolean>, seconds = 20): Promise<void> {
  const deadline = performance.now() + seconds * 1_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`it did not come about within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

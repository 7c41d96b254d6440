import { cpuSecondsOf, metricsText, type ServiceProcess, startService } from '../support/service-process.ts';
import { postJson } from '../support/traffic.ts';

/** The pre-parse hook with 1,000 rules in force: the whole HTTP handler, as the service's own histogram saw it. */
const RULES = 1_000;
const REQUESTS = 3_000;

export async function run(): Promise<void> {
  const service = await startService();
  try {
    await createRules(service);
    await ask(service, 300);
    const [before, cpuBefore] = [await histogram(service), await cpuSecondsOf(service)];
    await ask(service, REQUESTS);
    const [after, cpuAfter] = [await histogram(service), await cpuSecondsOf(service)];
    console.log(
      `${RULES} rules, a query of 1 kB: ${(((cpuAfter - cpuBefore) * 1e6) / REQUESTS).toFixed(0)} µs CPU per request (all of the process)`,
    );
    for (const bound of ['0.0005', '0.001', '0.002', '0.005']) {
      const share = ((after.get(bound) ?? 0) - (before.get(bound) ?? 0)) / REQUESTS;
      console.log(`answered within ${Number(bound) * 1_000} ms: ${(share * 100).toFixed(2)} %`);
    }
  } finally {
    await service.end();
    service.remove();
  }
}

async function createRules(service: ServiceProcess): Promise<void> {
  for (let i = 0; i < RULES; i += 100) {
    const operations = Array.from({ length: 100 }, (_, j) => ({
      type: 'procedure',
      name: 'create_kill_switch_rule',
      arguments: {
        key: `rule-${i + j}`,
        condition: `role == "role-${i + j}" and "customers" in rootFields and depth > 2`,
        status: 'active',
        reason: 'benchmark',
      },
    }));
    const response = await postJson(`${service.ndcUrl}/mutation`, { operations, collection_relationships: {} });
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  }
}

const FIELDS = Array.from({ length: 40 }, (_, i) => `someFieldOfACustomer${i}`).join(' ');
const QUERY = `query Customers($limit: Int) { customers(limit: $limit) { ${FIELDS} invoices { id total lines { id track { name } } } } }`;

async function ask(service: ServiceProcess, requests: number): Promise<void> {
  for (let i = 0; i < requests; i++) {
    const response = await postJson(`${service.apiUrl}/hooks/pre-parse`, {
      session: { role: `other-${i % 50}`, variables: { 'x-hasura-role': 'other', 'x-hasura-user-id': String(i) } },
      rawRequest: { query: QUERY, variables: { limit: i % 10 }, operationName: 'Customers' },
    });
    if (response.status !== 204) throw new Error(`answered ${response.status}`);
  }
}

/** Upper bound in seconds → requests of the pre-parse route within it. */
async function histogram(service: ServiceProcess): Promise<Map<string, number>> {
  const lines = (await metricsText(service)).matchAll(
    /^sentinel_http_request_duration_seconds_bucket\{le="([^"]+)",route="\/hooks\/pre-parse",status="204"\} (\d+)$/gm,
  );
  return new Map([...lines].map(([, bound, count]) => [bound as string, Number(count)]));
}

if (import.meta.main) await run();

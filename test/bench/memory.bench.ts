import { type ServiceProcess, startService } from '../support/service-process.ts';
import { ndcRows, postJson, until } from '../support/traffic.ts';

/**
 * Resident memory of the service while it serves 1,000 distinct queries that each have a trained model, and how long its
 * event loop was blocked meanwhile. On SQLite, 10 rows × 8 mixed columns per response. Both from the process's own
 * metrics: the loop's delay is what a timer of 10 ms came late, collections of garbage and other processes included.
 */
const QUERIES = 1_000;
const ROWS = 10;
const REQUESTS_TO_TRAIN = 11;
const ROUNDS = 3;
const TIMER_MS = 10;

export async function run(): Promise<void> {
  const service = await startService();
  try {
    console.log(`resident after the start: ${await residentMb(service)} MB`);
    for (let query = 0; query < QUERIES; query++) {
      await Promise.all(Array.from({ length: REQUESTS_TO_TRAIN }, (_, n) => send(service, query, n)));
    }
    await report(service, `learning ${QUERIES} queries`);
    await until(async () => (await trainedQueries(service)) >= QUERIES, 600);
    await report(service, 'training their models');
    for (let round = 0; round < ROUNDS; round++) {
      for (let query = 0; query < QUERIES; query += 4) {
        await Promise.all([0, 1, 2, 3].map((next) => send(service, query + next, 100 + round)));
      }
      await report(service, `serving all of them, round ${round + 1}`);
    }
    console.log('marks: 250 MB resident, 10 ms');
  } finally {
    await service.end();
    service.remove();
  }
}

async function report(service: ServiceProcess, what: string): Promise<void> {
  const metrics = await metricsOf(service);
  const late = (quantile: string) =>
    Math.max(0, (metrics.get(`nodejs_eventloop_lag_${quantile}_seconds`) ?? 0) * 1_000 - TIMER_MS).toFixed(1);
  console.log(
    `${what}: ${mb(metrics)} MB resident; event loop late by ${late('p50')} ms (median), ${late('p99')} ms (99 %), ${late('max')} ms (once)`,
  );
}

async function residentMb(service: ServiceProcess): Promise<string> {
  return mb(await metricsOf(service));
}

function mb(metrics: ReadonlyMap<string, number>): string {
  return ((metrics.get('process_resident_memory_bytes') ?? 0) / 1_048_576).toFixed(0);
}

/** Also resets the histogram of the event loop. */
async function metricsOf(service: ServiceProcess): Promise<Map<string, number>> {
  const response = await fetch(`${service.apiUrl}/metrics`, {
    headers: { authorization: `Bearer ${service.adminToken()}` },
  });
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.split(/[ {]/)[0] as string, Number(line.split(' ').at(-1))]));
}

async function trainedQueries(service: ServiceProcess): Promise<number> {
  const baselines = await ndcRows(service, 'historical_data', ['id', 'query_id']);
  const trained = new Set((await ndcRows(service, 'trained_models', ['baseline_id'])).map((row) => row['baseline_id']));
  return baselines.filter((row) => row['query_id'] !== null && trained.has(row['id'])).length;
}

const COUNTRIES = ['AT', 'CH', 'DE', 'FR', 'IT'];

async function send(service: ServiceProcess, query: number, n: number): Promise<void> {
  const dataset = `list${query}`;
  const rows = Array.from({ length: ROWS }, (_, row) => {
    const k = (query * 131 + n) * ROWS + row;
    return {
      id: k,
      total: 20 + ((k * 7_919) % 1_000) / 10,
      quantity: 1 + ((k * 31) % 5),
      country: COUNTRIES[(k * 13) % 5],
      status: k % 17 === 0 ? 'returned' : 'shipped',
      paid: k % 3 !== 0,
      createdAt: new Date(Date.now() - ((k * 7_919) % 100_000) * 1_000).toISOString(),
      note: k % 4 === 0 ? null : `order number ${k}`,
    };
  });
  const response = await postJson(`${service.apiUrl}/hooks/pre-response`, {
    session: { role: 'sales', variables: { 'x-hasura-role': 'sales', 'x-hasura-user-id': String(n % 20) } },
    rawRequest: {
      query: `query { ${dataset} { id total quantity country status paid createdAt note } }`,
      variables: {},
      operationName: null,
    },
    response: { data: { [dataset]: rows } },
  });
  if (response.status !== 204) throw new Error(`answered ${response.status}`);
}

if (import.meta.main) await run();

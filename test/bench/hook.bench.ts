import { cpuSecondsOf, modelsTrainedBy, type ServiceProcess, startService } from '../support/service-process.ts';

/**
 * CPU of the service per pre-response hook: 10 rows × 8 mixed columns, warm model, SQLite, durable before the answer.
 * Read from the process's own counter, all threads: parsing, scoring, the write, and the share of retraining.
 */
const ROWS = 10;

export async function run(): Promise<void> {
  const service = await startService();
  try {
    console.log(`start to ready: ${service.readyMs.toFixed(0)} ms`);
    const idleShare = await idleCpuShare(service);
    console.log(`idle: ${(idleShare * 1_000).toFixed(1)} ms CPU per second, taken off below`);
    await send(service, 120);
    for (const history of [1_000, 5_000, 20_000, 40_000]) {
      await fill(service, history);
      const requests = 300;
      const startedAt = performance.now();
      const [before, trainedBefore] = [await cpuSecondsOf(service), await modelsTrainedBy(service)];
      await send(service, requests);
      const seconds = (performance.now() - startedAt) / 1_000;
      const cpu = (await cpuSecondsOf(service)) - before - idleShare * seconds;
      const trainings = (await modelsTrainedBy(service)) - trainedBefore;
      console.log(
        `history of about ${history} records: ${((cpu * 1_000) / requests).toFixed(2)} ms CPU per request, with ${trainings} trainings among ${requests} requests`,
      );
    }
  } finally {
    await service.end();
    service.remove();
  }
}

/** CPU seconds per second that polling, heartbeats and checkpoints take while nothing is asked. */
async function idleCpuShare(service: ServiceProcess): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const before = await cpuSecondsOf(service);
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  return ((await cpuSecondsOf(service)) - before) / 6;
}

let sent = 0;

async function fill(service: ServiceProcess, records: number): Promise<void> {
  while (sent * ROWS < records) await send(service, 50);
}

async function send(service: ServiceProcess, requests: number): Promise<void> {
  for (let i = 0; i < requests; i++) {
    const response = await fetch(`${service.apiUrl}/hooks/pre-response`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body(sent++)),
    });
    if (response.status !== 204) throw new Error(`answered ${response.status}`);
  }
}

const COUNTRIES = ['AT', 'CH', 'DE', 'FR', 'IT'];

function body(n: number) {
  const orders = Array.from({ length: ROWS }, (_, row) => {
    const k = n * ROWS + row;
    return {
      id: k,
      total: 20 + ((k * 7919) % 1_000) / 10,
      quantity: 1 + ((k * 31) % 5),
      country: COUNTRIES[(k * 13) % 5],
      status: k % 17 === 0 ? 'returned' : 'shipped',
      paid: k % 3 !== 0,
      createdAt: new Date(Date.now() - ((k * 7_919) % 100_000) * 1_000).toISOString(),
      note: k % 4 === 0 ? null : `order number ${k}`,
    };
  });
  return {
    session: { role: 'sales', variables: { 'x-hasura-role': 'sales', 'x-hasura-user-id': String(n % 20) } },
    rawRequest: {
      query: 'query Orders { orders(limit: 10) { id total quantity country status paid createdAt note } }',
      variables: {},
      operationName: 'Orders',
    },
    response: { data: { orders } },
  };
}

if (import.meta.main) await run();

import { createKillSwitchService } from '../../core/services/kill-switch-service.ts';
import { createHookRuntime } from '../../plugin/hook-runtime.ts';
import { createPreParseHook } from '../../plugin/pre-parse.ts';
import { ruleWith } from '../core/kill-switch/rules.ts';
import { HOOK_OPTIONS, createFakeServices } from '../plugin/fake-services.ts';
import { cpuSecondsOf, metricsText, type ServiceProcess, startService } from '../support/service-process.ts';
import { postJson } from '../support/traffic.ts';

/**
 * The pre-parse hook on a query of 1 kB: its handler alone, from the body's text to the reply, and with 1,000 rules in force
 * the whole of HTTP and service, as the service's own histogram saw it.
 */
const RULES = 1_000;
const REQUESTS = 3_000;
const CALLS = 50_000;

export async function run(): Promise<void> {
  for (const count of [RULES, 10_000]) await reportHandler(count);
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
        condition: conditionOf(i + j),
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

const conditionOf = (at: number): string => `role == "role-${at}" and "customers" in rootFields and depth > 2`;

function bodyOf(i: number): object {
  return {
    session: { role: `other-${i % 50}`, variables: { 'x-hasura-role': 'other', 'x-hasura-user-id': String(i) } },
    rawRequest: { query: QUERY, variables: { limit: i % 10 }, operationName: 'Customers' },
  };
}

/** Wall time of each call on one thread, so what the machine takes away in between counts too; collections of garbage do. */
async function reportHandler(count: number): Promise<void> {
  const rules = Array.from({ length: count }, (_, at) =>
    ruleWith({ id: `id-${at}`, key: `rule-${at}`, namespace: 'ddn', condition: conditionOf(at) }),
  );
  const killSwitch = createKillSwitchService({
    rules: {
      revision: async () => 1,
      enforceable: async () => ({ revision: 1, rules }),
      changedSince: async () => ({ revision: 1, rules: [] }),
    },
    clock: Date,
    disabled: false,
    pause: () => new Promise<void>((resolve) => setImmediate(resolve)),
    onUnsupported: ({ message }) => {
      throw new Error(message);
    },
  });
  await killSwitch.refresh();
  const services = createFakeServices();
  const hook = createPreParseHook(
    createHookRuntime(
      {
        ...services,
        count: () => undefined,
        countDecision: () => undefined,
        hasRules: (stage) => killSwitch.hasRules(stage),
        decide: ({ fact, varying }, stage, isOverdue) => killSwitch.decide(fact, stage, { varying, isOverdue }),
      },
      HOOK_OPTIONS,
    ),
  );
  const texts = Array.from({ length: 1_000 }, (_, i) => JSON.stringify(bodyOf(i)));
  const micros: number[] = [];
  for (let i = -5_000; i < CALLS; i++) {
    const text = texts[Math.abs(i) % texts.length] as string;
    const started = performance.now();
    const reply = await hook({ headers: {}, parameters: {}, text, body: JSON.parse(text) });
    if (i >= 0) micros.push((performance.now() - started) * 1_000);
    if (reply.status !== 204) throw new Error(`answered ${reply.status}`);
  }
  micros.sort((a, b) => a - b);
  const [p50, p99] = [0.5, 0.99].map((share) => micros[Math.floor(share * CALLS)] as number);
  console.log(
    `${count} rules, the handler alone: p50 ${p50?.toFixed(0)} µs, p99 ${p99?.toFixed(0)} µs (mark p99 200 µs)`,
  );
}

async function ask(service: ServiceProcess, requests: number): Promise<void> {
  for (let i = 0; i < requests; i++) {
    const response = await postJson(`${service.apiUrl}/hooks/pre-parse`, bodyOf(i));
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

import { expect, it } from 'vitest';
import { startService } from '../support/service-process.ts';
import { createTestDatabase, TEST_DIALECTS } from '../support/stores.ts';
import { createTcpProxy } from '../support/tcp-proxy.ts';
import { ndcRows, ordinaryOrders, postJson, preResponseBody, until } from '../support/traffic.ts';

it.runIf(TEST_DIALECTS.includes('mariadb'))(
  'hooks answer 204 while MariaDB is away, and what they saw is written when it is back',
  async () => {
    const database = await createTestDatabase('mariadb');
    const { hostname: host, port } = new URL(database.url);
    const proxy = await createTcpProxy({ host, port: Number(port || 3306) });
    const url = Object.assign(new URL(database.url), { host: `127.0.0.1:${proxy.port}` });
    const service = await startService({ environment: { DATABASE_URL: url.href } });
    const hook = (n: number) => postJson(`${service.apiUrl}/hooks/pre-response`, preResponseBody(ordinaryOrders(n)));
    try {
      expect((await hook(0)).status).toBe(204);
      await proxy.cut();
      for (let n = 1; n <= 5; n++) expect((await hook(n)).status).toBe(204);
      expect((await fetch(`${service.apiUrl}/ready`)).status).toBe(503);
      const query = await postJson(`${service.ndcUrl}/query`, {
        collection: 'request_log',
        arguments: {},
        collection_relationships: {},
        query: { fields: {} },
      });
      expect(query.status).toBe(502);
      expect(await query.text()).not.toMatch(/select|mariadb|127\.0\.0\.1/i);
      await proxy.mend();
      await until(async () => (await fetch(`${service.apiUrl}/ready`)).status === 200);
      await until(async () => (await ndcRows(service, 'request_log', ['id'])).length === 6);
      expect(await service.end()).toBe(0);
    } finally {
      if (service.child.exitCode === null) await service.end('SIGKILL');
      service.remove();
      await proxy.cut();
      await database.drop();
    }
  },
);

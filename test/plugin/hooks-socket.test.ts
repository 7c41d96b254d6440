import { Agent, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  type FakeServices,
  type HookClient,
  SECRET,
  createFakeServices,
  hookBody,
  startHooks,
} from './fake-services.ts';

const LIMIT = 1_024 * 1_024;

let services: FakeServices;
let client: HookClient;
let port: number;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
beforeEach(async () => {
  services = createFakeServices();
  client = await startHooks(services, { bodyLimitBytes: LIMIT });
  await client.app.listen({ port: 0, host: '127.0.0.1' });
  port = (client.app.server.address() as AddressInfo).port;
});
afterEach(async () => {
  agent.destroy();
  await client.close();
});

function post(path: string, body: string, secret: string): Promise<{ status: number | undefined; reused: boolean }> {
  return new Promise((resolve, reject) => {
    const call = request({ port, path, method: 'POST', agent, headers: { 'hasura-m-auth': secret } }, (response) => {
      response.resume().on('end', () => resolve({ status: response.statusCode, reused: call.reusedSocket }));
    });
    call.on('error', reject).end(body);
  });
}

it('a body over the limit and one with a wrong secret leave the connection usable', async () => {
  const large = JSON.stringify(hookBody('{a}', { response: { data: { a: 'x'.repeat(4 * LIMIT) } } }));
  expect(await post('/hooks/pre-response', large, SECRET)).toEqual({ status: 204, reused: false });
  expect(await post('/hooks/pre-response', JSON.stringify(hookBody('{a}')), SECRET)).toEqual({
    status: 204,
    reused: true,
  });
  expect((await post('/hooks/pre-parse', '{}', 'wrong')).status).toBe(400);
  expect((await post('/hooks/pre-parse', JSON.stringify(hookBody('{a}')), SECRET)).status).toBe(204);
});

it('idle connections are kept longer than the engine keeps them', () => {
  expect(client.app.server.keepAliveTimeout).toBeGreaterThan(90_000);
});

it('long forwarded headers are read', async () => {
  const headers = { 'hasura-m-auth': SECRET, 'x-forwarded-cookie': 'c'.repeat(40_000) };
  const response = await fetch(`http://127.0.0.1:${port}/hooks/pre-parse`, { method: 'POST', headers, body: '{}' });
  expect(response.status).toBe(204);
});

it('an engine that hangs up in the middle of a body does no harm', async () => {
  const socket = connect(port, '127.0.0.1');
  const head = `POST /hooks/pre-response HTTP/1.1\r\nhost: x\r\nhasura-m-auth: ${SECRET}\r\ncontent-length: 1000\r\n\r\n{"se`;
  await new Promise<void>((resolve) => socket.write(head, () => resolve()));
  socket.destroy();
  expect((await post('/hooks/pre-parse', JSON.stringify(hookBody('{a}')), SECRET)).status).toBe(204);
});

/** The status line's number for a request written by hand. */
async function statusOf(lines: readonly string[]): Promise<number> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.setEncoding('utf8').write(`${lines.join('\r\n')}\r\n\r\n`);
  let answer = '';
  for await (const chunk of socket as AsyncIterable<string>) {
    answer += chunk;
    if (answer.includes('\r\n')) break;
  }
  socket.destroy();
  return Number(answer.split(' ')[1]);
}

const HEAD = ['Host: sentinel', `Hasura-M-Auth: ${SECRET}`, 'Content-Length: 0'];

it.each<[string, readonly string[], number]>([
  ['an expectation nobody knows', ['POST /hooks/pre-parse HTTP/1.1', ...HEAD, 'Expect: foo'], 400],
  ['headers beyond the limit', ['POST /hooks/pre-parse HTTP/1.1', ...HEAD, `X-Long: ${'x'.repeat(70_000)}`], 400],
  ['what is no HTTP', ['POST'], 400],
  ['a slash too many at the end', ['POST /hooks/pre-parse/ HTTP/1.1', ...HEAD], 400],
  ['a slash too many in front', ['POST //hooks/pre-parse HTTP/1.1', ...HEAD], 400],
  ['another method', ['PROPFIND /hooks/pre-parse HTTP/1.1', ...HEAD], 400],
  ['HEAD', ['HEAD /hooks/pre-parse HTTP/1.1', ...HEAD], 400],
  ['a hook that is none', ['POST /hooks/pre-lunch HTTP/1.1', ...HEAD], 400],
  ['no path of a hook', ['GET /nowhere HTTP/1.1', ...HEAD], 404],
])('%s is answered with a status that the engine understands', async (_, lines, status) => {
  expect(await statusOf(lines)).toBe(status);
});

it('slashes too many still find the hook', async () => {
  const body = JSON.stringify(hookBody('{a}'));
  expect((await post('//hooks/pre-parse/', body, SECRET)).status).toBe(204);
});

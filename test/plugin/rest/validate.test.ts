import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PLUGIN_FASTIFY_OPTIONS } from '../../../plugin/fastify-options.ts';
import { VALIDATE_ROUTES, registerValidate } from '../../../plugin/rest/validate.ts';
import { HOOK_OPTIONS, SECRET, createFakeServices } from '../fake-services.ts';

let app: FastifyInstance;
beforeEach(async () => {
  app = Fastify(PLUGIN_FASTIFY_OPTIONS);
  registerValidate(app, createFakeServices(), HOOK_OPTIONS);
  await app.ready();
});
afterEach(() => app.close());

async function validate(url: string, payload: string, headers: Record<string, string> = {}) {
  const response = await app.inject({
    method: 'POST',
    url,
    payload,
    headers: { 'content-type': 'application/json', 'hasura-m-auth': SECRET, ...headers },
  });
  return { status: response.statusCode, json: response.json<Record<string, unknown>>() };
}

describe.each(VALIDATE_ROUTES)('POST %s', (url) => {
  it.each([
    ['a match', { identifier: 'payments', data: { BANK: 'HSBC' } }, true],
    ['no match', { identifier: 'payments', data: { BANK: 'UBS' } }, false],
    ['an absent attribute', { identifier: 'payments', data: {} }, false],
    ['absent data', { identifier: 'payments' }, false],
    ['data that is a list', { identifier: 'payments', data: [1] }, false],
    ['data that is a text', { identifier: 'payments', data: 'HSBC' }, false],
    ['data that is null', { identifier: 'payments', data: null }, false],
    ['an unknown identifier', { identifier: 'none', data: { BANK: 'HSBC' } }, false],
    ['no identifier', { data: { BANK: 'HSBC' } }, false],
    ['an identifier that is no text', { identifier: 5, data: {} }, false],
    ['an empty object', {}, false],
  ])('answers %s', async (_, body, matches) => {
    expect(await validate(url, JSON.stringify(body))).toEqual({ status: 200, json: { matches } });
  });

  it.each([
    ['a list', '[1]', 400],
    ['a text', '"x"', 400],
    ['no JSON', '{', 400],
    ['2 MB', `{"data":"${'x'.repeat(2_000_000)}"}`, 413],
  ])('refuses %s as JSON, never with 500', async (_, body, status) => {
    expect(await validate(url, body)).toMatchObject({ status, json: { error: expect.any(String) as string } });
  });

  it('answers an empty body, and refuses another content type', async () => {
    expect(await validate(url, '')).toEqual({ status: 200, json: { matches: false } });
    expect((await validate(url, '{}', { 'content-type': 'text/plain' })).status).toBe(415);
  });

  it('asks for credentials', async () => {
    expect((await validate(url, '{}', { 'hasura-m-auth': 'wrong' })).status).toBe(401);
    expect((await validate(url, '{}', { 'hasura-m-auth': '', authorization: 'Bearer token-viewer' })).status).toBe(200);
  });

  it('has no other method', async () => {
    expect((await app.inject({ method: 'GET', url })).statusCode).toBe(405);
  });
});

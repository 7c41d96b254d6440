import { expect, it } from 'vitest';
import { unavailable } from '../../core/domain/errors.ts';
import type { TokenPort, TokenRecord } from '../../core/services/ports/tokens.ts';
import { createTokens } from '../../server/tokens.ts';

const TOKEN = `sentinel_${'a'.repeat(43)}`;
const ANN: TokenRecord = { name: 'ann', role: 'viewer', expiresAt: null, revokedAt: null };

function tokensOf(answer: () => Promise<TokenRecord | undefined>) {
  const clock = { at: 1_000_000, now: () => clock.at };
  const port = { byHash: answer } as unknown as TokenPort;
  return { clock, tokens: createTokens(port, clock) };
}

/** So long a record counts as fresh. */
const FRESH_MS = 10_100;

it('counts as what it last was while the store is away, and not beyond its end', async () => {
  let away = false;
  const { tokens, clock } = tokensOf(async () => {
    if (away) throw unavailable('STORE_UNAVAILABLE', 'The database does not answer.');
    return { ...ANN, expiresAt: 2_000_000 };
  });
  expect(await tokens.authenticate(TOKEN)).toMatchObject({ name: 'ann', role: 'viewer' });
  away = true;
  expect(await inLaterTime(() => tokens.authenticate(TOKEN))).toMatchObject({ name: 'ann' });
  clock.at = 2_000_000;
  expect(await tokens.authenticate(TOKEN)).toBeNull();
  await expect(tokens.authenticate(`sentinel_${'b'.repeat(43)}`)).rejects.toMatchObject({ kind: 'unavailable' });
});

it('does not wait for a store that hangs, and hears of a revocation when it answers', async () => {
  let answer = (): Promise<TokenRecord | undefined> => Promise.resolve(ANN);
  const { tokens } = tokensOf(() => answer());
  await tokens.authenticate(TOKEN);
  answer = () => new Promise(() => undefined);
  expect(await inLaterTime(() => tokens.authenticate(TOKEN))).toMatchObject({ name: 'ann' });
  answer = () => Promise.resolve({ ...ANN, revokedAt: 1 });
  expect(await tokens.authenticate(TOKEN)).toBeNull();
  answer = () => Promise.resolve(undefined);
  expect(await inLaterTime(() => tokens.authenticate(TOKEN))).toBeNull();
  answer = () => Promise.reject(unavailable('STORE_UNAVAILABLE', 'The database does not answer.'));
  await expect(tokens.authenticate(TOKEN)).rejects.toMatchObject({ kind: 'unavailable' });
});

/** Runs as if what is cached had become too old: the cache reads the process's monotonic clock. */
async function inLaterTime<T>(run: () => Promise<T>): Promise<T> {
  const { now } = performance;
  const start = now.call(performance);
  performance.now = () => start + FRESH_MS;
  try {
    return await run();
  } finally {
    performance.now = now;
  }
}

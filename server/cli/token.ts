import { systemClock, DAY, formatInstant } from '../../core/domain/time.ts';
import type { TokenPort } from '../../core/services/ports/tokens.ts';
import { CODECS } from '../../schema/store/codec.ts';
import { createTokenPort } from '../../schema/store/token-repository.ts';
import type { Environment } from '../configuration.ts';
import { createTokens } from '../tokens.ts';
import { withDatabase } from './storage.ts';

export interface TokenFlags {
  readonly role: 'viewer' | 'operator' | 'admin';
  readonly days?: number;
}

export async function runTokenCreate(
  environment: Environment,
  name: string,
  { role, days }: TokenFlags,
): Promise<void> {
  await withTokens(environment, async (port) => {
    const expiresAt = days === undefined ? null : systemClock.now() + days * DAY;
    const token = await createTokens(port, systemClock).create(name, role, expiresAt);
    process.stdout.write(`${token}\n`);
  });
}

export async function runTokenList(environment: Environment): Promise<void> {
  await withTokens(environment, async (port) => {
    for (const { name, role, createdAt, expiresAt, revokedAt } of await port.list()) {
      const state =
        revokedAt === null ? (expiresAt === null ? 'does not expire' : `until ${formatInstant(expiresAt)}`) : 'revoked';
      process.stdout.write(`${name}  ${role}  since ${formatInstant(createdAt)}  ${state}\n`);
    }
  });
}

export async function runTokenRevoke(environment: Environment, name: string): Promise<void> {
  await withTokens(environment, async (port) => {
    if (!(await port.revoke(name, systemClock.now()))) throw new Error(`there is no valid token named "${name}"`);
    process.stdout.write(`revoked ${name}; a running service knows it within 10 seconds\n`);
  });
}

async function withTokens(environment: Environment, run: (port: TokenPort) => Promise<void>): Promise<void> {
  await withDatabase(environment, async (database) => {
    await database.migrate();
    await run(createTokenPort(database.kysely, CODECS[database.dialect]));
  });
}

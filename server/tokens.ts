import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { Actor, ActorRole } from '../core/domain/actor.ts';
import { type Clock, SECOND } from '../core/domain/time.ts';
import type { TokenPort, TokenRecord } from '../core/services/ports.ts';

/** `sentinel_` and 43 characters: 256 random bits. The prefix lets secret scanners recognise a leaked one. */
const TOKEN = /^sentinel_[A-Za-z0-9_-]{43}$/;

export interface Tokens {
  /** Who the token stands for, or null. A revocation takes effect within 10 s. */
  authenticate(token: string): Promise<Actor | null>;
  create(name: string, role: ActorRole, expiresAt: number | null): Promise<string>;
}

/** Tokens of GraphQL and REST. The store has only their SHA-256: 256 random bits need no slow hash. */
export function createTokens(port: TokenPort, clock: Clock): Tokens {
  const known = new LRUCache<string, TokenRecord>({ max: 1_000, ttl: 10 * SECOND });
  return {
    async authenticate(token) {
      if (!TOKEN.test(token)) return null;
      const hash = hashOf(token);
      const record = known.get(hash) ?? (await port.byHash(hash));
      if (!record) return null;
      known.set(hash, record);
      const now = clock.now();
      if (record.revokedAt !== null || (record.expiresAt !== null && record.expiresAt <= now)) return null;
      return { name: record.name, role: record.role, surface: 'rest' };
    },
    async create(name, role, expiresAt) {
      const token = `sentinel_${randomBytes(32).toString('base64url')}`;
      await port.create({ name, role, hash: hashOf(token), createdAt: clock.now(), expiresAt });
      return token;
    },
  };
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

const FIRST_TOKEN_NAME = 'admin';

/** Where the first start leaves its admin token. */
export const firstTokenPath = (dataFolder: string): string => join(dataFolder, 'admin-token');

/**
 * A fresh store gets one admin token, in a file that only its owner can read. Undefined where there are tokens already.
 */
export async function ensureFirstToken(
  port: TokenPort,
  tokens: Tokens,
  dataFolder: string,
): Promise<string | undefined> {
  if ((await port.list()).length > 0) return undefined;
  const path = firstTokenPath(dataFolder);
  mkdirSync(dataFolder, { recursive: true });
  const token = await tokens.create(FIRST_TOKEN_NAME, 'admin', null);
  writeFileSync(path, `${token}\n`, { mode: 0o600, flag: existsSync(path) ? 'w' : 'wx' });
  return path;
}

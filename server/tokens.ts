import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { Actor, ActorRole } from '../core/domain/actor.ts';
import { DomainError } from '../core/domain/errors.ts';
import { type Clock, SECOND } from '../core/domain/time.ts';
import type { TokenPort, TokenRecord } from '../core/services/ports/tokens.ts';

/** `sentinel_` and 43 characters: 256 random bits. The prefix lets secret scanners recognise a leaked one. */
const TOKEN = /^sentinel_[A-Za-z0-9_-]{43}$/;

export interface Tokens {
  /**
   * Who the token stands for, or null. A revocation takes effect within 10 s. While the store is away a token counts as
   * what it last was; one that was not seen before is not known, which is a DomainError `unavailable`.
   */
  authenticate(token: string): Promise<Actor | null>;
  create(name: string, role: ActorRole, expiresAt: number | null): Promise<string>;
}

/** Tokens of GraphQL and REST. The store has only their SHA-256: 256 random bits need no slow hash. */
export function createTokens(port: TokenPort, clock: Clock): Tokens {
  const current = new LRUCache<string, TokenRecord>({ max: 1_000, ttl: 10 * SECOND });
  const lastKnown = new LRUCache<string, TokenRecord>({ max: 1_000 });

  async function ask(hash: string): Promise<TokenRecord | undefined> {
    const record = await port.byHash(hash);
    if (record) {
      current.set(hash, record);
      lastKnown.set(hash, record);
    } else {
      lastKnown.delete(hash);
    }
    return record;
  }

  /** Rules are answered from memory: whoever asks them must not wait for a store that is away. */
  async function askInTime(hash: string): Promise<TokenRecord | undefined> {
    const last = lastKnown.get(hash);
    const asked = ask(hash);
    if (last === undefined) return asked;
    return withDeadline(
      asked.catch((error: unknown) => {
        if (error instanceof DomainError && error.kind === 'unavailable') return last;
        throw error;
      }),
      STORE_MS,
      last,
    );
  }

  return {
    async authenticate(token) {
      if (!TOKEN.test(token)) return null;
      const hash = hashOf(token);
      const record = current.get(hash) ?? (await askInTime(hash));
      if (!record) return null;
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

/** So long the store is waited for where it is known what a token was. */
const STORE_MS = SECOND;

function withDeadline<T>(work: Promise<T>, ms: number, otherwise: T): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms, otherwise);
    void work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
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

import type { Instant } from '../../domain/time.ts';

export interface TokenRecord {
  readonly name: string;
  readonly role: 'viewer' | 'operator' | 'admin';
  readonly expiresAt: Instant | null;
  readonly revokedAt: Instant | null;
}

export interface TokenPort {
  /** Rejects with a DomainError `unavailable` while the database does not answer. */
  byHash(hash: string): Promise<TokenRecord | undefined>;
  create(token: {
    readonly name: string;
    readonly role: TokenRecord['role'];
    readonly hash: string;
    readonly createdAt: Instant;
    readonly expiresAt: Instant | null;
  }): Promise<void>;
  list(): Promise<readonly (TokenRecord & { readonly createdAt: Instant })[]>;
  revoke(name: string, at: Instant): Promise<boolean>;
}

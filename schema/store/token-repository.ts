import type { Kysely, Selectable } from 'kysely';
import { conflict } from '../../core/domain/errors.ts';
import { uuidv7 } from '../../core/domain/ids.ts';
import type { TokenPort, TokenRecord } from '../../core/services/ports/tokens.ts';
import type { Codec } from './codec.ts';
import { callerFault } from './database-faults.ts';
import { insertNew } from './dialect-statements.ts';
import type { Tables } from './tables.ts';

export function createTokenPort(kysely: Kysely<Tables>, codec: Codec): TokenPort {
  const read = (row: Selectable<Tables['api_tokens']>) => ({
    name: row.name,
    role: row.role as TokenRecord['role'],
    createdAt: codec.readInstant(row.created_at),
    expiresAt: codec.readInstantOrNull(row.expires_at),
    revokedAt: codec.readInstantOrNull(row.revoked_at),
  });
  return {
    async byHash(hash) {
      try {
        const row = await kysely.selectFrom('api_tokens').selectAll().where('token_hash', '=', hash).executeTakeFirst();
        return row && read(row);
      } catch (error) {
        throw callerFault(error);
      }
    },
    async create(token) {
      const row = {
        id: uuidv7(token.createdAt),
        name: token.name,
        role: token.role,
        token_hash: token.hash,
        created_at: codec.instant(token.createdAt),
        expires_at: codec.instantOrNull(token.expiresAt),
        revoked_at: null,
      };
      const inserted = await insertNew(kysely, 'api_tokens', [row], ['name']);
      if (inserted.length === 0) throw conflict('TOKEN_EXISTS', `There is a token named "${token.name}" already.`);
    },
    async list() {
      const rows = await kysely.selectFrom('api_tokens').selectAll().orderBy('created_at').execute();
      return rows.map(read);
    },
    async revoke(name, at) {
      const { numUpdatedRows } = await kysely
        .updateTable('api_tokens')
        .set({ revoked_at: codec.instant(at) })
        .where('name', '=', name)
        .where('revoked_at', 'is', null)
        .executeTakeFirstOrThrow();
      return numUpdatedRows > 0n;
    },
  };
}

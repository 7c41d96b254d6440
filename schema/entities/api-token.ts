import { defineEntity, p } from '@mikro-orm/core';

/** A bearer token of GraphQL and REST: named, with a role and an expiry. Only its hash is stored. */
export const ApiToken = defineEntity({
  name: 'ApiToken',
  tableName: 'api_tokens',
  properties: {
    id: p.uuid().primary(),
    name: p.string().length(191).unique(),
    role: p.string().length(16),
    token_hash: p.string().length(64).unique(),
    created_at: p.datetime(3),
    expires_at: p.datetime(3).nullable(),
    revoked_at: p.datetime(3).nullable(),
  },
});

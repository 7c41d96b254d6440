import { defineEntity, p } from '@mikro-orm/core';

/** "Seen for the first time" is the row whose insert wins: exactly once, whatever the number of instances. */
export const SeenKey = defineEntity({
  name: 'SeenKey',
  tableName: 'seen_keys',
  properties: {
    kind: p.string().length(32).primary(),
    scope: p.string().length(191).primary(),
    value: p.string().length(191).primary(),
    first_seen_at: p.datetime(3),
  },
});

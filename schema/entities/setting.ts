import { defineEntity, p } from '@mikro-orm/core';

/** Values that every instance on one database must share, such as the key of the history's hashes. */
export const Setting = defineEntity({
  name: 'Setting',
  tableName: 'settings',
  properties: {
    name: p.string().length(64).primary(),
    value: p.text(),
  },
});

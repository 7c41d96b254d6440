import { expect, it } from 'vitest';
import { CATALOGUE } from '../../schema/collections.ts';

// On the other databases the selects are run by the tests of the store and of the connector.
it.each(['sqlserver', 'oracle'] as const)('the selects behind published collections for %s', async (dialect) => {
  const selects = [...CATALOGUE.collections.values()].flatMap(({ name, backing }) =>
    backing.type === 'select' ? [`-- ${name}\n${backing.sql[dialect]};\n`] : [],
  );
  await expect(selects.join('\n')).toMatchFileSnapshot(`golden/selects.${dialect}.sql`);
});

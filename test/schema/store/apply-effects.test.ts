import { expect, it } from 'vitest';
import { ladderOf } from '../../../core/domain/baseline.ts';
import type { Effects } from '../../../core/domain/effects.ts';
import { applyEffects } from '../../../schema/store/apply-effects.ts';
import { CODECS } from '../../../schema/store/codec.ts';
import { openDatabase } from '../../../schema/store/database.ts';
import type { Tables } from '../../../schema/store/tables.ts';
import { datasetOf, observationOf } from '../../support/observations.ts';
import { createTestDatabase, TEST_DIALECTS } from '../../support/stores.ts';

it.each(TEST_DIALECTS)('a batch larger than one statement may be on %s is applied whole', async (dialect) => {
  const given = await createTestDatabase(dialect);
  const database = await openDatabase(given.location);
  // 20 MB of text; MariaDB takes 16 MiB per statement unless told otherwise.
  const batch = Array.from({ length: 10 }, () => effectsWith('x'.repeat(2_000_000)));
  const fresh = await database
    .fork()
    .transactional((em) => applyEffects(em.getKysely<Tables>(), CODECS[dialect], batch, new Set()));
  expect(fresh.size).toBe(10);
  const blocks = await database.kysely.selectFrom('history_blocks').select('record_count').execute();
  expect(blocks.map((block) => block.record_count)).toEqual(Array(10).fill(1));
  await database.close();
  await given.drop();
});

function effectsWith(feature: string): Effects {
  const observation = observationOf({ datasets: [datasetOf('orders', [{ note: 'long' }])] });
  const lesson = {
    ladder: ladderOf(observation, 'orders'),
    columns: ['note'],
    // A text of any length stands for the many records of a large response.
    records: [{ priority: 0.5, features: [feature] }],
    quarantined: [],
    learntCount: 1,
  };
  return {
    observation,
    hook: 'pre-response',
    verdict: 'allowed',
    ruleKey: null,
    analysis: null,
    lessons: [lesson],
  } as unknown as Effects;
}

import type { InferKyselyDB } from '@mikro-orm/sql';
import type { ENTITIES } from '../entities.ts';

/** The tables as Kysely sees them: rows as the driver returns them, dialect forms and all. */
export type Tables = InferKyselyDB<(typeof ENTITIES)[number]>;

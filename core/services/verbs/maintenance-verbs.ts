import { notFound, unprocessable } from '../../domain/errors.ts';
import type { Uuid } from '../../domain/ids.ts';
import { type FieldDef, objectOf, type ObjectDef, scalar } from '../../domain/kind.ts';
import type { Clock } from '../../domain/time.ts';
import type { BaselineRegistry } from '../baseline-registry.ts';
import { RETENTION_KINDS } from '../ports/retention.ts';
import { cutoffsAt, type RetentionDays } from '../retention-service.ts';
import type { Verb, VerbContext } from './verb.ts';

const BASELINE: FieldDef = {
  name: 'baseline_id',
  type: scalar('uuid'),
  description: 'Id of the baseline, from historical_data.',
};

const DELETED: Readonly<Record<(typeof RETENTION_KINDS)[number], string>> = {
  requests: 'Rows of request_log.',
  traffic_counts: 'Rows of traffic_metrics.',
  anomalies: 'Analyses with their records.',
  baselines: 'Baselines that nothing was added to, with their samples and models.',
  models: 'Superseded models.',
  samples: 'Blocks of history that lost against the sample.',
  query_shapes: 'Query shapes that nothing points to any more.',
};

export const MAINTENANCE_OBJECTS: readonly ObjectDef[] = [
  {
    name: 'cleanup_report',
    description: 'How many rows of each kind were deleted. Call again while a number is not 0.',
    fields: RETENTION_KINDS.map((name) => ({ name, type: scalar('int32'), description: DELETED[name] })),
  },
];

/** Rows per kind of one call. */
const CLEANUP_ROWS = 2_000;

export interface MaintenanceVerbDeps {
  readonly clock: Clock;
  readonly registry: BaselineRegistry;
  readonly retention: RetentionDays;
}

export function maintenanceVerbs({ clock, registry, retention }: MaintenanceVerbDeps): Verb[] {
  return [
    {
      name: 'cleanup_data',
      kind: 'procedure',
      description:
        'Deletes what is past its retention now instead of within the hour, at most 2,000 rows of each kind per call.',
      arguments: [],
      result: objectOf('cleanup_report'),
      role: 'admin',
      run: (_args, { tx }) => tx.retention.deleteBefore(cutoffsAt(clock.now(), retention), CLEANUP_ROWS),
    },
    {
      name: 'rollback_model',
      kind: 'procedure',
      description:
        'Makes the version before the active one score again, until so many new records came that the next training is due.',
      arguments: [BASELINE],
      result: objectOf('trained_model'),
      role: 'admin',
      run: async ({ baseline_id: id }, context) => {
        await demandBaseline(context, id as Uuid);
        const model = await context.tx.modelVersions.rollBack(id as Uuid, clock.now());
        if (!model)
          throw unprocessable('NO_EARLIER_MODEL', 'This baseline has no earlier version to go back to.', {
            path: 'baseline_id',
          });
        context.tx.afterCommit(() => registry.forget());
        return model;
      },
    },
    {
      name: 'retrain_model',
      kind: 'procedure',
      description:
        'Trains a new version with the next request of the baseline, however few records are new. Returns the version in use until then.',
      arguments: [BASELINE],
      result: objectOf('trained_model'),
      role: 'admin',
      run: async ({ baseline_id: id }, context) => {
        await demandBaseline(context, id as Uuid);
        const model = await context.tx.modelVersions.expire(id as Uuid, clock.now());
        if (!model)
          throw unprocessable(
            'NO_MODEL',
            'This baseline has no model yet; it is trained with the minimum of records.',
            { path: 'baseline_id' },
          );
        context.tx.afterCommit(() => registry.forget());
        return model;
      },
    },
  ];
}

async function demandBaseline({ tx }: VerbContext, id: Uuid): Promise<void> {
  if (!(await tx.modelVersions.exists(id)))
    throw notFound('BASELINE_UNKNOWN', `There is no baseline with the id ${id}.`, { path: 'baseline_id' });
}

import { notFound } from '../../domain/errors.ts';
import type { Uuid } from '../../domain/ids.ts';
import { type FieldDef, listOf, nullable, type ObjectDef, objectOf, oneOf, scalar } from '../../domain/kind.ts';
import type { Clock, Instant } from '../../domain/time.ts';
import type { BaselineRegistry } from '../baseline-registry.ts';
import type { ExpectedPatterns } from '../expected-patterns.ts';
import type { AnomalyFeedback } from '../ports/anomalies.ts';
import type { Transaction } from '../ports/store.ts';
import { queryRefOf, unknownQuery } from '../query-service.ts';
import type { Verb, VerbContext } from './verb.ts';

const text = scalar('string');
const ID: FieldDef = { name: 'id', type: scalar('uuid'), description: 'Id of the finding, from anomaly_records.' };
const NOTE: FieldDef = { name: 'note', type: nullable(text), description: 'A note to keep with the finding.' };
const RECORD = objectOf('anomaly_record');

export const ANOMALY_OBJECTS: readonly ObjectDef[] = [
  {
    name: 'anomaly_explanation',
    description: 'Why something was found, in words and field by field.',
    fields: [
      { name: 'id', type: scalar('uuid'), description: 'Id of the finding.' },
      { name: 'kind', type: text, description: 'What was found.' },
      { name: 'severity', type: text, description: 'How much it matters.' },
      { name: 'reason', type: text, description: 'The reason in one sentence.' },
      {
        name: 'p_value',
        type: nullable(scalar('float64')),
        description: 'Calibrated probability among ordinary records.',
      },
      {
        name: 'sentences',
        type: listOf(text),
        description: 'One sentence per field that explains it, most telling first.',
      },
    ],
  },
  {
    name: 'history_clearance',
    description: 'What was forgotten.',
    fields: [
      { name: 'query_id', type: text, description: 'The query, as it was named.' },
      { name: 'records_forgotten', type: scalar('int32'), description: 'Records its baselines had learnt.' },
    ],
  },
];

export interface AnomalyVerbDeps {
  readonly clock: Clock;
  readonly registry: BaselineRegistry;
  readonly expected: Pick<ExpectedPatterns, 'refresh'>;
}

export function anomalyVerbs({ clock, registry, expected }: AnomalyVerbDeps): Verb[] {
  return [
    {
      name: 'label_anomaly',
      kind: 'procedure',
      description:
        'Gives feedback on a finding: confirmed, or expected. Expected: the records of its dataset that were set aside with it are learnt, and its like is no longer raised (about data) or only with severity low (about queries and callers). Confirmed: they stay out of history or leave it again, which the next request has models trained for, and its like is raised again.',
      arguments: [ID, { name: 'label', type: oneOf(['confirmed', 'expected']), description: 'What it was.' }, NOTE],
      result: RECORD,
      role: 'operator',
      run: async ({ id, label, note }, context) => {
        const value = label as 'confirmed' | 'expected';
        const feedback = { label: { value, by: context.actor.name, at: clock.now() }, note: note as string | null };
        const row = await giveFeedback(context, id as Uuid, feedback, value);
        const remember = await (value === 'expected' ? release : withdraw)(context.tx, id as Uuid, clock.now());
        context.tx.afterCommit(async () => {
          remember(registry);
          await expected.refresh();
        });
        return row;
      },
    },
    {
      name: 'acknowledge_anomaly',
      kind: 'procedure',
      description: 'Marks a finding as seen. Safe to repeat.',
      arguments: [ID, NOTE],
      result: RECORD,
      role: 'operator',
      run: ({ id, note }, context) =>
        giveFeedback(
          context,
          id as Uuid,
          { acknowledgement: { by: context.actor.name, at: clock.now() }, note: note as string | null },
          null,
        ),
    },
    {
      name: 'explain_anomaly',
      kind: 'function',
      description: 'Why something was found.',
      arguments: [ID],
      result: objectOf('anomaly_explanation'),
      role: 'viewer',
      run: async ({ id }, { tx }) => {
        const row = await tx.anomalies.row(id as Uuid);
        if (!row) throw unknownFinding(id);
        const fields = await tx.anomalies.fieldRows(id as Uuid);
        return {
          id,
          kind: row['kind'],
          severity: row['severity'],
          reason: row['reason'],
          p_value: row['p_value'],
          sentences: fields.map((field) => field['description']),
        };
      },
    },
    {
      name: 'clear_history',
      kind: 'procedure',
      description:
        'Forgets what was learnt about a query: its samples and models. Safe to repeat. It learns anew from the next request.',
      arguments: [
        {
          name: 'query_id',
          type: text,
          description: 'The query: query_id of query_patterns, or its query_hash, of which all shapes are meant.',
        },
      ],
      result: objectOf('history_clearance'),
      role: 'operator',
      run: async ({ query_id: id }, { tx }) => {
        const query = queryRefOf(id as string);
        if (!query || !(await tx.queries.find(query))) throw unknownQuery(id as string);
        const records = await tx.baselines.clearHistory(query);
        tx.afterCommit(() => registry.forget());
        return { query_id: id, records_forgotten: records };
      },
    },
  ];
}

/** Lets what was set aside with a finding teach. */
async function release(tx: Transaction, id: Uuid): Promise<Remember> {
  const moved = await tx.anomalies.releaseQuarantine(id);
  return (registry) => {
    for (const { baselineKey, records } of moved) registry.released(baselineKey, records);
  };
}

/** Takes out of history what an earlier label let in, and asks for models that never saw it. */
async function withdraw(tx: Transaction, id: Uuid, at: Instant): Promise<Remember> {
  const moved = await tx.anomalies.withdrawReleased(id);
  for (const { baselineId } of moved) await tx.modelVersions.expire(baselineId, at);
  return (registry) => {
    for (const { baselineKey, records } of moved) registry.withdrawn(baselineKey, records);
  };
}

/** Tells memory what was stored. */
type Remember = (registry: BaselineRegistry) => void;

/** Repeating the same feedback changes nothing: the first time it was given stays. */
async function giveFeedback(
  { tx }: VerbContext,
  id: Uuid,
  feedback: AnomalyFeedback,
  label: string | null,
): Promise<unknown> {
  const before = await tx.anomalies.row(id);
  if (!before) throw unknownFinding(id);
  const given = label === null ? before['acknowledged_at'] !== null : before['label'] === label;
  if (given && (feedback.note ?? null) === null) return before;
  await tx.anomalies.giveFeedback(id, feedback);
  return tx.anomalies.row(id);
}

function unknownFinding(id: unknown): Error {
  return notFound('ANOMALY_UNKNOWN', `There is no finding with the id ${String(id)}.`, { path: 'id' });
}

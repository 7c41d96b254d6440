import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { ArgumentFacts } from '../../core/domain/argument-facts.ts';
import { DDN_NAMESPACE } from '../../core/domain/kill-switch-rule.ts';
import { HOLDERS } from '../../core/services/tally.ts';
import type { EvidenceReader, StoredFact } from '../../core/services/ports/evidence.ts';
import type { Codec } from './codec.ts';
import type { Tables } from './tables.ts';

/** What was seen, read from the request log, the tally and the findings. */
export function createEvidenceReader(kysely: Kysely<Tables>, codec: Codec): EvidenceReader {
  return {
    async facts(since, limit, before) {
      let query = kysely
        .selectFrom('request_log')
        .innerJoin('query_patterns', 'query_patterns.query_id', 'request_log.query_id')
        .select([
          'request_log.id as id',
          'request_log.at as at',
          'request_log.hook as hook',
          'request_log.source as source',
          'request_log.role as role',
          'request_log.user_id as user_id',
          'request_log.operation_name as operation_name',
          'request_log.argument_paths as argument_paths',
          'request_log.argument_facts as argument_facts',
          'query_patterns.operation_type as operation_type',
          'query_patterns.root_fields as root_fields',
          'query_patterns.fields as fields',
          'query_patterns.depth as depth',
        ])
        .where('request_log.at', '>=', codec.instant(since))
        .orderBy('request_log.at', 'desc')
        .orderBy('request_log.id', 'desc')
        .limit(limit);
      if (before !== null) {
        const at = codec.instant(before.at);
        query = query.where((where) =>
          where.or([
            where('request_log.at', '<', at),
            where.and([where('request_log.at', '=', at), where('request_log.id', '<', before.id)]),
          ]),
        );
      }
      return (await query.execute()).flatMap((row): StoredFact[] => {
        const rootFields = codec.readJson(row.root_fields) as string[];
        const kept = codec.readJson(row.argument_facts) as ArgumentFacts | null;
        const varying = kept?.varying ?? null;
        const stored = { id: row.id, at: codec.readInstant(row.at), hook: row.hook, varying };
        const common = { ...sessionOf(row.role, row.user_id), operationType: row.operation_type };
        if (row.source === 'ndc')
          return rootFields.map((root) => ({
            ...stored,
            fact: { ...common, ...placeOf(root), arguments: kept?.arguments ?? {} },
          }));
        const fact = {
          ...common,
          operationName: row.operation_name,
          rootFields,
          fields: codec.readJson(row.fields),
          arguments: kept?.arguments ?? argumentsOf(codec.readJson(row.argument_paths) as string[]),
          depth: row.depth,
          limit: kept?.limit ?? null,
        };
        return [{ ...stored, fact }];
      });
    },
    async matchesOf(ruleLabel, since) {
      const row = await kysely
        .selectFrom('traffic_metrics')
        .select(sql<number | string | null>`sum(enforced + would_enforce)`.as('matches'))
        .where('rule_key', '=', ruleLabel)
        .where('minute', '>=', codec.instant(since))
        .executeTakeFirstOrThrow();
      return Number(row.matches ?? 0);
    },
    async hasHolders(namespace, since) {
      const found = await kysely
        .selectFrom('traffic_metrics')
        .select('minute')
        .where('rule_key', '=', `${namespace}.*`)
        .where('source', '=', HOLDERS)
        .where('minute', '>=', codec.instant(since))
        .limit(1)
        .execute();
      return found.length > 0;
    },
    async findings(kinds, since) {
      let query = kysely
        .selectFrom('anomaly_records')
        .select((select) => select.fn.countAll().as('found'))
        .where('timestamp', '>=', codec.instant(since));
      if (kinds.length > 0) query = query.where('kind', 'in', kinds);
      return Number((await query.executeTakeFirstOrThrow()).found);
    },
  };
}

/** What the log keeps of a session. */
function sessionOf(role: string, userId: string | null) {
  const session = { 'x-hasura-role': role, ...(userId !== null && { 'x-hasura-user-id': userId }) };
  return { namespace: DDN_NAMESPACE, role, session };
}

/** A root of an NDC shape is `connector.collection`. */
function placeOf(root: string) {
  const dot = root.indexOf('.');
  return { connector: root.slice(0, dot), collection: root.slice(dot + 1), rootFields: [], fields: [] };
}

/** The arguments that were used, each with null for the value that was not kept. */
function argumentsOf(paths: readonly string[]): Record<string, Record<string, null>> {
  const byField = Object.create(null) as Record<string, Record<string, null>>;
  for (const path of paths) {
    const dot = path.indexOf('.');
    const values = (byField[path.slice(0, dot)] ??= Object.create(null) as Record<string, null>);
    values[path.slice(dot + 1)] = null;
  }
  return byField;
}

import { defineEntity, p } from '@mikro-orm/core';
import { listOf, scalar } from '../../core/domain/kind.ts';
import { publish, UNPUBLISHED } from '../publish.ts';
import { QueryPattern } from './query-pattern.ts';

/** The append-only record of traffic: a row per observed or refused request. The unique delivery key makes it exactly-once. */
export const RequestLog = defineEntity({
  name: 'RequestLog',
  tableName: 'request_log',
  properties: {
    id: p.uuid().primary(),
    at: p.datetime(3).index(),
    hook: p.string().length(32),
    source: p.string().length(16),
    delivery_key: p.string().length(64).unique(),
    trace_id: p.string().length(64).nullable().index(),
    request_id: p.string().length(255).nullable(),
    role: p.string().length(191),
    user_id: p.string().length(191).nullable(),
    operation_name: p.string().length(255).nullable(),
    query_id: () => p.manyToOne(QueryPattern).mapToPk().fieldName('query_id').index(false),
    argument_paths: p.json<readonly string[]>(),
    argument_facts: p.json<unknown>().nullable(),
    record_count: p.integer(),
    new_entities: p.integer().nullable(),
    error_count: p.integer(),
    verdict: p.string().length(16),
    rule_key: p.string().length(191).nullable(),
    anomalous: p.boolean(),
  },
  indexes: [{ properties: ['role', 'at'] }, { properties: ['user_id', 'at'] }, { properties: ['query_id', 'at'] }],
});

export const requestLog = publish(RequestLog, {
  rowType: 'logged_request',
  description:
    'One row per request seen by a hook: who asked for which query shape, how many records came back, and what the kill switch decided. Argument values are not shown. Rows expire with the request-log retention.',
  columns: {
    id: 'Id of the observation; ascending in receive time.',
    at: 'Event time of the request.',
    hook: {
      description:
        'The call that showed the request; rest also for a record that was given to be analysed, on any surface.',
      values: ['pre-parse', 'pre-response', 'pre-ndc-request', 'pre-ndc-response', 'rest'],
    },
    source: { description: 'GraphQL document or NDC request.', values: ['graphql', 'ndc'] },
    delivery_key: UNPUBLISHED,
    trace_id: 'Trace id; links what several hooks saw of one client request.',
    request_id: 'x-request-id header, when the client sent one and the hook forwards it.',
    role: 'Role of the session.',
    user_id: 'x-hasura-user-id of the session.',
    operation_name: 'Operation name the client chose.',
    query_id: 'The shape of the query.',
    argument_paths: {
      description: 'Arguments used, as rootField.argument; without values.',
      holds: listOf(scalar('string')),
    },
    argument_facts: UNPUBLISHED,
    record_count: { description: 'Records in the response.', unit: 'records' },
    new_entities: {
      description: 'Records of the response that this caller had not read within the hour; null for a refused request.',
      unit: 'records',
    },
    error_count: 'Entries of the errors list of the response.',
    verdict: {
      description: 'What the kill switch did.',
      values: ['allowed', 'blocked', 'responded', 'rewritten', 'masked'],
    },
    rule_key: 'The rule that decided, when one did.',
    anomalous: 'Whether detection flagged this request at the configured rate.',
  },
  relations: {
    query_id: { target: 'query_patterns', key: 'query_id', objectName: 'query_pattern', arrayName: 'requests' },
  },
});

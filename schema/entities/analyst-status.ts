import { defineEntity, p } from '@mikro-orm/core';
import { ANALYST_FAULTS, ANALYST_STATES } from '../../core/domain/analyst-opinion.ts';
import { publish } from '../publish.ts';

/** What the analyst of each process is doing; one row per process. */
export const AnalystStatus = defineEntity({
  name: 'AnalystStatus',
  tableName: 'analyst_status',
  properties: {
    instance: p.string().length(100).primary(),
    state: p.string().length(16),
    since: p.datetime(3),
    updated_at: p.datetime(3),
    model: p.string().length(100).nullable(),
    prompt_version: p.string().length(32),
    queue_length: p.integer(),
    calls_running: p.integer(),
    tokens_last_hour: p.integer(),
    tokens_last_day: p.integer(),
    cost_last_day: p.double().$type<number>().nullable(),
    tokens_per_hour: p.integer().nullable(),
    tokens_per_day: p.integer().nullable(),
    cost_per_day: p.double().$type<number>().nullable(),
    last_call_at: p.datetime(3).nullable(),
    last_fault: p.string().length(24).nullable(),
    last_fault_message: p.text().nullable(),
    retry_at: p.datetime(3).nullable(),
  },
});

export const analystStatus = publish(AnalystStatus, {
  rowType: 'analyst_state',
  description:
    'What the language-model analyst is doing, one row per running process: whether it is on, within its budget, and what failed last. A process that no longer runs leaves its row for a day.',
  columns: {
    instance: 'The process: host name and process id.',
    state: {
      description:
        'off: no key or not switched on; idle; working; over_budget: waits for room; open_circuit: the provider fails and is left alone until retry_at; misconfigured: wrong key or model.',
      values: ANALYST_STATES,
    },
    since: 'When it entered the state.',
    updated_at: 'When this row was written; older than some minutes: the process is gone.',
    model: 'The configured model; null while off.',
    prompt_version: 'Version of the instructions.',
    queue_length: { description: 'Questions waiting.', unit: 'questions' },
    calls_running: { description: 'Calls under way.', unit: 'calls' },
    tokens_last_hour: { description: 'Used or reserved in the last hour, all processes.', unit: 'tokens' },
    tokens_last_day: { description: 'Used or reserved in the last 24 hours, all processes.', unit: 'tokens' },
    cost_last_day: 'Cost in the last 24 hours by the configured prices; null without prices.',
    tokens_per_hour: { description: 'Limit per hour; null: none.', unit: 'tokens' },
    tokens_per_day: { description: 'Limit per 24 hours; null: none.', unit: 'tokens' },
    cost_per_day: 'Limit of cost per 24 hours; null: none.',
    last_call_at: 'When the model was asked last by this process.',
    last_fault: { description: 'Why the last call failed; null after a success.', values: ANALYST_FAULTS },
    last_fault_message: 'The same in one sentence.',
    retry_at: 'When the provider is tried again.',
  },
});

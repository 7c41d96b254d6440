import { RE2JS } from 're2js';
import { type Clock, HOUR, SECOND } from '../core/domain/time.ts';
import { createDraftRuleStore } from '../core/services/analyst-drafts.ts';
import type { Analyst } from '../core/services/analyst-ports.ts';
import { type AnalystService, createAnalystService } from '../core/services/analyst-service.ts';
import type { Store } from '../core/services/ports/store.ts';
import { createAnalystStore } from '../schema/store/analyst-repository.ts';
import type { Database } from '../schema/store/database.ts';
import type { SettingValues } from './settings.ts';

export interface AnalystWiring {
  readonly values: SettingValues;
  readonly store: Pick<Store, 'transaction'>;
  readonly database: Database;
  /** Name of this process in `analyst_status`. */
  readonly instance: string;
  readonly clock: Clock;
  pause(): Promise<void>;
  onNotice(message: string): void;
  onFault(what: string, error: unknown): void;
}

/** How long a question waits for requests like it: they are one question then. */
const GATHER_MS = 5 * SECOND;
/** Values per field in a sketch. */
const MAX_VALUES = 8;

/**
 * The model as configured, for `doctor` and `analyst-eval`, too; null without key and switch. The SDK and its schemas are 250
 * modules and 11 MB of memory (measured): they are loaded where they are used.
 */
export async function configuredModel(values: SettingValues): Promise<Analyst | null> {
  const { ANTHROPIC_API_KEY: apiKey } = values;
  if (!values.SENTINEL_ANALYST || apiKey === undefined) return null;
  const { createClaudeAnalyst } = await import('./adapters/claude.ts');
  return createClaudeAnalyst({
    apiKey,
    model: values.CLAUDE_MODEL,
    baseUrl: values.ANTHROPIC_BASE_URL,
    effort: values.SENTINEL_ANALYST_EFFORT,
    maxAnswerTokens: values.SENTINEL_ANALYST_ANSWER_TOKENS,
  });
}

/** The analyst as configured; without key and switch it is off, and the SDK is not even loaded. */
export async function createAnalyst({
  values,
  store,
  database,
  instance,
  clock,
  ...rest
}: AnalystWiring): Promise<AnalystService> {
  const excluded = values.SENTINEL_ANALYST_EXCLUDED_DATASETS.map((pattern) => RE2JS.compile(pattern));
  return createAnalystService({
    ...rest,
    analyst: await configuredModel(values),
    store: createAnalystStore(database, instance),
    drafts: createDraftRuleStore(store, clock),
    clock,
    policy: {
      severity: values.SENTINEL_ANALYST_SEVERITY,
      sampleRate: values.SENTINEL_ANALYST_SAMPLE,
      isOptedOut: (dataset) => excluded.some((pattern) => pattern.test(dataset)),
    },
    limits: {
      redaction: values.SENTINEL_ANALYST_REDACTION,
      maxRecords: values.MAX_RECORDS_PER_BATCH,
      maxValues: MAX_VALUES,
    },
    language: values.SENTINEL_ANALYST_LANGUAGE,
    maxPromptTokens: values.MAX_TOKENS,
    budget: {
      tokensPerHour: values.SENTINEL_ANALYST_TOKENS_PER_HOUR,
      tokensPerDay: values.SENTINEL_ANALYST_TOKENS_PER_DAY,
      costPerDay: values.SENTINEL_ANALYST_COST_PER_DAY ?? null,
    },
    prices: values.SENTINEL_ANALYST_PRICES ?? null,
    repeatMs: values.SENTINEL_ANALYST_REPEAT_HOURS * HOUR,
    gatherMs: GATHER_MS,
    after(ms, run) {
      // A question that waits is no reason to keep a process alive.
      const timer = setTimeout(run, ms).unref();
      return () => clearTimeout(timer);
    },
  });
}

/** What is odd about the analyst's settings as a whole, in sentences. */
export function analystWarnings(values: SettingValues): string[] {
  const warnings: string[] = [];
  if (values.SENTINEL_ANALYST && values.ANTHROPIC_API_KEY === undefined) {
    warnings.push('SENTINEL_ANALYST is on, but ANTHROPIC_API_KEY is not set: the analyst stays off');
  }
  if (!values.SENTINEL_ANALYST && values.ANTHROPIC_API_KEY !== undefined) {
    warnings.push('ANTHROPIC_API_KEY is set, but nothing is sent without SENTINEL_ANALYST=1');
  }
  if (values.SENTINEL_ANALYST_COST_PER_DAY !== undefined && values.SENTINEL_ANALYST_PRICES === undefined) {
    warnings.push('SENTINEL_ANALYST_COST_PER_DAY has no effect without SENTINEL_ANALYST_PRICES');
  }
  return warnings;
}

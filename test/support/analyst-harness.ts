import type { AnalystOpinion } from '../../core/domain/analyst-opinion.ts';
import type { Instant } from '../../core/domain/time.ts';
import { HOUR } from '../../core/domain/time.ts';
import type { Analyst } from '../../core/services/analyst-ports.ts';
import {
  type AnalystService,
  type AnalystServiceDeps,
  createAnalystService,
} from '../../core/services/analyst-service.ts';
import { createMemoryAnalystStore, type MemoryAnalystStore } from './analyst-store-memory.ts';

/** The analyst service over a memory store and a clock that a test moves. */
export interface AnalystHarness {
  readonly service: AnalystService;
  readonly store: MemoryAnalystStore;
  readonly clock: { now(): Instant; pass(ms: number): void };
  readonly notices: string[];
  readonly faults: unknown[];
  /** Opinions whose draft rule was handed on to be stored. */
  readonly drafted: AnalystOpinion[];
}

export function analystHarness(analyst: Analyst | null, changes: Partial<AnalystServiceDeps> = {}): AnalystHarness {
  const store = createMemoryAnalystStore();
  const notices: string[] = [];
  const faults: unknown[] = [];
  const drafted: AnalystOpinion[] = [];
  let now = Date.UTC(2026, 10, 20, 12);
  const clock = { now: () => now, pass: (ms: number) => void (now += ms) };
  const service = createAnalystService({
    analyst,
    store,
    drafts: { save: async (opinion) => void drafted.push(opinion) },
    clock,
    policy: { severity: 'medium', sampleRate: 0, isOptedOut: () => false },
    limits: { redaction: 'strict', maxRecords: 50, maxValues: 8 },
    language: 'English',
    maxPromptTokens: 8_000,
    budget: { tokensPerHour: 1_000_000, tokensPerDay: 10_000_000, costPerDay: null },
    prices: null,
    repeatMs: 24 * HOUR,
    gatherMs: 0,
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    after(ms, run) {
      const timer = setTimeout(run, ms).unref();
      return () => clearTimeout(timer);
    },
    onNotice: (message) => void notices.push(message),
    onFault: (what, error) => void faults.push([what, error]),
    ...changes,
  });
  return { service, store, clock, notices, faults, drafted };
}

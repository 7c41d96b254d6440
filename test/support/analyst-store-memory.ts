import type { AnalystOpinion } from '../../core/domain/analyst-opinion.ts';
import { totalTokens } from '../../core/domain/analyst-opinion.ts';
import type { LabelledFinding } from '../../core/analyst/examples.ts';
import type { AnalystStatus, AnalystStore, AskedQuestion } from '../../core/services/analyst-ports.ts';

/** The analyst's store in memory; passes the same contract as the one over a database. */
export interface MemoryAnalystStore extends AnalystStore {
  readonly asked: AskedQuestion[];
  readonly labels: LabelledFinding[];
  readonly statuses: AnalystStatus[];
}

export function createMemoryAnalystStore(): MemoryAnalystStore {
  const asked: AskedQuestion[] = [];
  const labels: LabelledFinding[] = [];
  const statuses: AnalystStatus[] = [];
  return {
    asked,
    labels,
    statuses,
    save: async (question) => void asked.push(question),
    saveStatus: async (status) => void statuses.push(status),
    spendingSince: async (since) =>
      asked
        .filter(({ at }) => at > since)
        .map(({ id, at, usage, cost }) => ({ id, at, tokens: totalTokens(usage), cost: cost ?? 0 })),
    askedSince: async (since) =>
      asked.filter(({ at, status }) => at > since && status === 'answered').map(({ subject, at }) => ({ subject, at })),
    latestOpinion: async (queryId, since) =>
      asked.findLast(({ subject, at, opinion }) => subject.queryId === queryId && at > since && opinion !== null)
        ?.opinion as AnalystOpinion | undefined,
    labelledFindings: async (_queryId, limit) => labels.slice(0, limit),
  };
}

import type { Answer } from '../analyst/answer.ts';
import type { Spending } from '../analyst/budget.ts';
import type { DossierObservation } from '../analyst/dossier.ts';
import type { LabelledFinding } from '../analyst/examples.ts';
import type { AskSubject } from '../analyst/when-to-ask.ts';
import type {
  AnalystFaultKind,
  AnalystOpinion,
  AnalystState,
  AskReason,
  TokenUsage,
} from '../domain/analyst-opinion.ts';
import type { Uuid } from '../domain/ids.ts';
import type { QueryId } from '../domain/query-shape.ts';
import type { Instant } from '../domain/time.ts';

export interface AnalystQuestion {
  /** Instructions; the same for every question, cached by the provider. */
  readonly system: string;
  /** One block of data. */
  readonly user: string;
  /** The call is given up when it fires: at the end of the process. */
  readonly signal: AbortSignal;
}

interface AnalystReplyBase {
  /** What the provider counted; null where it said nothing. */
  readonly usage: TokenUsage | null;
  readonly latencyMs: number;
  /** The provider's id of the request, for its support. */
  readonly requestId: string | null;
}

export interface AnalystAnswered extends AnalystReplyBase {
  readonly ok: true;
  readonly answer: Answer;
  readonly usage: TokenUsage;
  /** The model that answered. */
  readonly model: string;
}

export interface AnalystFailed extends AnalystReplyBase {
  readonly ok: false;
  readonly fault: AnalystFaultKind;
  /** One sentence for the operator; holds nothing of the prompt and no secret. */
  readonly message: string;
  /** How long the provider asked to be left alone, if it did. */
  readonly retryAfterMs: number | null;
  /** The request may have been worked on: its input counts as spent even though nobody said so. */
  readonly maybeCharged: boolean;
}

/** A language model that gives a second opinion. `server/adapters/claude.ts` implements it over the Messages API. */
export interface Analyst {
  readonly model: string;
  /** Output tokens of one answer at most. */
  readonly maxAnswerTokens: number;
  /** Never rejects; retries, honours what the provider asks for, and ends within its own deadline. */
  ask(question: AnalystQuestion): Promise<AnalystAnswered | AnalystFailed>;
  /** Whether key and model are accepted, without spending tokens. */
  check(): Promise<AnalystCheck>;
}

export type AnalystCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly fault: AnalystFaultKind; readonly message: string };

/** One question and what came of it, as it is stored. */
export interface AskedQuestion {
  readonly id: Uuid;
  readonly at: Instant;
  readonly subject: AskSubject;
  readonly reason: AskReason;
  readonly observations: readonly DossierObservation[];
  readonly system: string;
  readonly user: string;
  readonly estimatedTokens: number;
  readonly model: string;
  readonly promptVersion: string;
  readonly status: 'answered' | AnalystFaultKind;
  readonly message: string | null;
  readonly usage: TokenUsage;
  readonly cost: number | null;
  readonly latencyMs: number;
  readonly requestId: string | null;
  readonly opinion: AnalystOpinion | null;
}

export interface AnalystStatus {
  readonly state: AnalystState;
  /** When it entered the state. */
  readonly since: Instant;
  readonly model: string | null;
  readonly promptVersion: string;
  readonly queueLength: number;
  readonly callsRunning: number;
  readonly tokensLastHour: number;
  readonly tokensLastDay: number;
  /** Null where no prices are configured. */
  readonly costLastDay: number | null;
  readonly tokensPerHour: number | null;
  readonly tokensPerDay: number | null;
  readonly costPerDay: number | null;
  readonly lastCallAt: Instant | null;
  readonly lastFault: AnalystFaultKind | null;
  readonly lastFaultMessage: string | null;
  /** When the provider is tried again while the circuit is open. */
  readonly retryAt: Instant | null;
}

export interface AnalystStore {
  /**
   * One transaction: the question with its redacted prompt and answer, and the opinion's findings and recommendations
   * beside what statistics found about the same observations.
   */
  save(asked: AskedQuestion): Promise<void>;
  saveStatus(status: AnalystStatus, now: Instant): Promise<void>;
  /** Calls since then, of every process. */
  spendingSince(at: Instant): Promise<readonly Spending[]>;
  /** What was asked since then and answered. */
  askedSince(at: Instant): Promise<readonly { readonly subject: AskSubject; readonly at: Instant }[]>;
  /** The newest opinion on the shape since then. */
  latestOpinion(queryId: QueryId, since: Instant): Promise<AnalystOpinion | undefined>;
  /** Labelled findings on queries of the shape, newest first. */
  labelledFindings(queryId: QueryId, limit: number): Promise<readonly LabelledFinding[]>;
}

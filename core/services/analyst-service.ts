import type { DossierLimits } from '../analyst/sketch-limits.ts';
import { PROMPT_VERSION } from '../analyst/instructions.ts';
import {
  type AskPolicy,
  type AskSubject,
  createAskedBefore,
  isOptedOut,
  reasonToAsk,
  subjectOf,
} from '../analyst/when-to-ask.ts';
import type { Analysis } from '../domain/analysis.ts';
import type { AnalystOutcome, AnalystState } from '../domain/analyst-opinion.ts';
import type { QueryId } from '../domain/query-shape.ts';
import type { Instant } from '../domain/time.ts';
import { type AnalystCounters, createAnalystCounters } from './analyst-counters.ts';
import { createInquiry, type InquiryDeps, type ReadyQuestion } from './analyst-inquiry.ts';
import type { Analyst, AnalystStatus } from './analyst-ports.ts';
import { createAnalystQueue, type Question } from './analyst-queue.ts';

export interface AnalystServiceDeps extends Omit<InquiryDeps, 'analyst' | 'counters'> {
  /** Null: no key, or the switch is off. Then nothing is built, kept or sent. */
  readonly analyst: Analyst | null;
  readonly policy: AskPolicy;
  readonly limits: DossierLimits;
  /** How long a question waits for more requests of its kind. */
  readonly gatherMs: number;
  /** Lets others run. */
  pause(): Promise<void>;
  /** Runs something later; returns how to prevent it. */
  after(ms: number, run: () => void): () => void;
}

export interface AnalystService {
  /** Takes an analysis into the queue if there is reason to ask; a few microseconds, never throws, never waits. */
  offer(analysis: Analysis): void;
  /**
   * Asks about an analysis whether or not it is suspicious, and waits at most `waitMs`. An opinion on the same shape and
   * kinds from within the repeat period is returned at once and costs nothing.
   */
  consult(analysis: Analysis, waitMs: number): Promise<AnalystOutcome>;
  /** Reads what was spent and asked before, and checks key and model once. Never rejects. */
  start(): Promise<void>;
  /** Gives up what is queued and under way. */
  stop(): Promise<void>;
  /** Writes the state to the store; to be called every now and then so that it does not look abandoned. */
  reportStatus(): Promise<void>;
  status(): AnalystStatus;
  /** For `/metrics`: totals since the start of the process. */
  readonly counters: AnalystCounters;
  /** Resolves when nothing is queued or under way any more. */
  settled(): Promise<void>;
}

const CONCURRENCY = 2;
const MAX_QUESTIONS = 100;
/** Shapes of which it is known whether they read an opted-out dataset. */
const MAX_KNOWN_SHAPES = 5_000;

/** The queue before the analyst: who is asked about, in which order, and who waits for it. */
export function createAnalystService(deps: AnalystServiceDeps): AnalystService {
  const { analyst, clock, policy } = deps;
  const counters = createAnalystCounters();
  const inquiry = analyst && createInquiry({ ...deps, analyst, counters });
  const asked = createAskedBefore(deps.repeatMs);
  const optedOut = new Map<QueryId, boolean>();
  const running = new Map<ReadyQuestion, AbortController>();
  const queue = createAnalystQueue({
    limits: deps.limits,
    maxQuestions: MAX_QUESTIONS,
    pause: deps.pause,
    onReady: pump,
    onUnsketchable: (question, error) => {
      deps.onFault('an analysis could not be sketched for the analyst', error);
      if (question.dossier === null) finish(question, { status: 'failed', fault: 'bad_request' });
      pump();
    },
  });
  let stopped = false;
  let cancelTimer: (() => void) | null = null;
  let lastState: { state: AnalystState; since: Instant } = { state: 'off', since: clock.now() };
  let reporting: Promise<void> = Promise.resolve();
  let waitingForIdle: (() => void)[] = [];

  // --- taking questions in ----------------------------------------------------------------------------------------

  function offer(analysis: Analysis): void {
    if (inquiry === null || stopped) return;
    const reason = reasonToAsk(analysis, policy);
    if (reason === null) return;
    counters.offered++;
    // Sketching a question that can't be asked would be work for nothing.
    const obstacle = isExcluded(analysis) ? 'opted_out' : inquiry.obstacle();
    if (obstacle !== null) return void counters.skipped[obstacle]++;
    const subject = subjectOf(analysis, policy.severity);
    if (!isCovered(subject)) {
      enqueue({ subject, reason, dossier: null, dueAt: clock.now() + deps.gatherMs, waiters: [] }, analysis);
    } else if (!queue.join(subject, analysis)) {
      counters.repeated++;
    }
  }

  async function consult(analysis: Analysis, waitMs: number): Promise<AnalystOutcome> {
    if (inquiry === null) return { status: 'skipped', why: 'off' };
    if (stopped) return { status: 'skipped', why: 'stopping' };
    if (isExcluded(analysis)) return { status: 'skipped', why: 'opted_out' };
    const subject = subjectOf(analysis, policy.severity);
    if (!pendingQuestion(subject) && isCovered(subject)) {
      const opinion = await inquiry.opinionOn(subject.queryId);
      if (opinion) return { status: 'answered', opinion, cached: true };
    }
    const pending = pendingQuestion(subject);
    const reason = reasonToAsk(analysis, policy) ?? 'request';
    const question: Question = pending ?? { subject, reason, dossier: null, dueAt: clock.now(), waiters: [] };
    const outcome = outcomeWithin(question, waitMs);
    question.dueAt = Math.min(question.dueAt, clock.now());
    if (pending || enqueue(question, analysis)) pump();
    else finish(question, { status: 'skipped', why: 'queue_full' });
    return outcome;
  }

  function isExcluded(analysis: Analysis): boolean {
    const { id } = analysis.observation.shape;
    let excluded = optedOut.get(id);
    if (excluded === undefined) {
      excluded = isOptedOut(analysis, policy);
      if (optedOut.size >= MAX_KNOWN_SHAPES) optedOut.clear();
      optedOut.set(id, excluded);
    }
    return excluded;
  }

  function isCovered(subject: AskSubject): boolean {
    return asked.covers(subject, clock.now()) || inquiry?.isCoveredElsewhere(subject) === true;
  }

  /** Queued or under way, about all the kinds. */
  function pendingQuestion(subject: AskSubject): Question | undefined {
    return queue.find(subject) ?? [...running.keys()].find((question) => covers(question.subject, subject));
  }

  function enqueue(question: Question, analysis: Analysis): boolean {
    if (!queue.push(question, analysis)) {
      counters.skipped.queue_full++;
      return false;
    }
    // Marked when queued, so that a burst of one shape is one question.
    asked.mark(question.subject, clock.now());
    return true;
  }

  function outcomeWithin(question: Question, waitMs: number): Promise<AnalystOutcome> {
    return new Promise((resolve) => {
      const cancel = deps.after(waitMs, () => resolve({ status: 'pending' }));
      question.waiters.push((outcome) => {
        cancel();
        resolve(outcome);
      });
    });
  }

  // --- asking -----------------------------------------------------------------------------------------------------

  function pump(): void {
    cancelTimer?.();
    cancelTimer = null;
    for (let question = next(); question; question = next()) void run(question);
    if (isIdle()) {
      for (const tell of waitingForIdle.splice(0)) tell();
      return;
    }
    const due = queue.nextDue();
    if (due !== null && running.size < CONCURRENCY) {
      cancelTimer = deps.after(Math.max(0, due - clock.now()), pump);
    }
  }

  function next(): ReadyQuestion | undefined {
    return stopped || running.size >= CONCURRENCY ? undefined : queue.take(clock.now());
  }

  function isIdle(): boolean {
    return running.size === 0 && (stopped || queue.length === 0);
  }

  /** Never rejects. */
  async function run(question: ReadyQuestion): Promise<void> {
    const controller = new AbortController();
    running.set(question, controller);
    noteState();
    let outcome: AnalystOutcome = { status: 'failed', fault: 'bad_request' };
    let repeatable = true;
    try {
      if (inquiry) ({ outcome, repeatable } = await inquiry.ask(question, controller.signal));
    } catch (error) {
      deps.onFault('a question to the analyst failed', error);
    }
    if (repeatable) asked.unmark(question.subject);
    running.delete(question);
    finish(question, outcome);
    pump();
  }

  function finish(question: Question, outcome: AnalystOutcome): void {
    for (const tell of question.waiters.splice(0)) tell(outcome);
    void reportStatus();
  }

  // --- state ------------------------------------------------------------------------------------------------------

  function stateNow(): AnalystState {
    if (inquiry === null) return 'off';
    const { circuit, isOverBudget } = inquiry.health();
    if (circuit === 'misconfigured') return 'misconfigured';
    if (circuit === 'open') return 'open_circuit';
    if (running.size > 0) return 'working';
    return isOverBudget ? 'over_budget' : 'idle';
  }

  function noteState(): void {
    const state = stateNow();
    if (state === lastState.state) return;
    lastState = { state, since: clock.now() };
    if (state === 'over_budget') {
      deps.onNotice('The analyst is over its budget and is not asked until it has room again.');
    }
  }

  function status(): AnalystStatus {
    noteState();
    const health = inquiry?.health();
    return {
      ...lastState,
      ...deps.budget,
      model: analyst?.model ?? null,
      promptVersion: PROMPT_VERSION,
      queueLength: queue.length,
      callsRunning: running.size,
      tokensLastHour: health?.spent.tokensLastHour ?? 0,
      tokensLastDay: health?.spent.tokensLastDay ?? 0,
      costLastDay: deps.prices === null ? null : (health?.spent.costLastDay ?? 0),
      lastCallAt: health?.lastCallAt ?? null,
      lastFault: health?.lastFault?.fault ?? null,
      lastFaultMessage: health?.lastFault?.message ?? null,
      retryAt: health?.retryAt ?? null,
    };
  }

  /** One after the other, so that an older state never overwrites a newer one. */
  function reportStatus(): Promise<void> {
    noteState();
    reporting = reporting.then(async () => {
      try {
        await deps.store.saveStatus(status(), clock.now());
      } catch (error) {
        deps.onFault('the state of the analyst could not be stored', error);
      }
    });
    return reporting;
  }

  function settled(): Promise<void> {
    if (isIdle()) return Promise.resolve();
    return new Promise((resolve) => waitingForIdle.push(resolve));
  }

  return {
    offer,
    consult,
    async start() {
      await inquiry?.start();
      await reportStatus();
    },
    async stop() {
      stopped = true;
      cancelTimer?.();
      for (const question of queue.clear()) finish(question, { status: 'skipped', why: 'stopping' });
      for (const controller of running.values()) controller.abort();
      await settled();
      await reporting;
    },
    reportStatus,
    status,
    counters,
    settled,
  };
}

function covers(asked: AskSubject, subject: AskSubject): boolean {
  return asked.queryId === subject.queryId && subject.kinds.every((kind) => asked.kinds.includes(kind));
}

import type { BudgetLimits, Prices } from '../analyst/budget.ts';
import { costOf, createBudget } from '../analyst/budget.ts';
import { createCircuit, isMisconfiguration } from '../analyst/circuit.ts';
import type { Dossier, DossierLimits } from '../analyst/dossier.ts';
import { instructionsFor, PROMPT_VERSION } from '../analyst/instructions.ts';
import { type OpinionContent, opinionOf } from '../analyst/opinion.ts';
import { buildPrompt, type Prompt } from '../analyst/prompt.ts';
import { createTokenEstimator } from '../analyst/token-estimate.ts';
import {
  type AskPolicy,
  type AskSubject,
  createAskedBefore,
  isOptedOut,
  reasonToAsk,
  subjectOf,
} from '../analyst/when-to-ask.ts';
import type { Analysis } from '../domain/analysis.ts';
import {
  type AnalystFaultKind,
  type AnalystOpinion,
  type AnalystOutcome,
  type AnalystState,
  type SkipReason,
  type TokenUsage,
  totalTokens,
} from '../domain/analyst-opinion.ts';
import { uuidv7 } from '../domain/ids.ts';
import type { QueryId } from '../domain/query-shape.ts';
import { type Clock, DAY, type Instant, MINUTE } from '../domain/time.ts';
import { createAnalystCounters, type AnalystCounters } from './analyst-counters.ts';
import type { Analyst, AnalystAnswered, AnalystFailed, AnalystStatus, AnalystStore } from './analyst-ports.ts';
import { createAnalystQueue, type Question } from './analyst-queue.ts';
import { conditionFacts, type DraftRuleStore, refusalOf } from './analyst-drafts.ts';

export interface AnalystServiceDeps {
  /** Null: no key, or the switch is off. Then nothing is built, kept or sent. */
  readonly analyst: Analyst | null;
  readonly store: AnalystStore;
  /** Where a proposed kill-switch rule goes, as a draft. */
  readonly drafts: DraftRuleStore;
  readonly clock: Clock;
  readonly policy: AskPolicy;
  readonly limits: DossierLimits;
  readonly language: string;
  /** Tokens of one prompt at most (MAX_TOKENS), by the conservative estimate. */
  readonly maxPromptTokens: number;
  readonly budget: BudgetLimits;
  readonly prices: Prices | null;
  /** The same shape and kinds asked again within this time cost no call. */
  readonly repeatMs: number;
  /** How long a question waits for more requests of its kind. */
  readonly gatherMs: number;
  /** Lets others run. */
  pause(): Promise<void>;
  /** Runs something later; returns how to prevent it. */
  after(ms: number, run: () => void): () => void;
  /** Something a person should know, once per change: a wrong key, an unknown model, an open circuit. */
  onNotice(message: string): void;
  onFault(what: string, error: unknown): void;
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
  /** Resolves when nothing is due, sketched or under way any more. */
  settled(): Promise<void>;
}

const CONCURRENCY = 2;
const MAX_QUESTIONS = 100;
const MAX_OPINIONS_IN_MEMORY = 200;
const MAX_LABELS_READ = 50;
/** What other instances spent and asked is read this often, before a call. */
const REFRESH_MS = MINUTE;
/** After a question that did not fit the budget, the next is looked at this much later. */
const OVER_BUDGET_MS = MINUTE;
const NO_USAGE: TokenUsage = { input: 0, output: 0, cacheWrite: 0, cacheRead: 0 };

type Ready = Question & { readonly dossier: Dossier };

export function createAnalystService(deps: AnalystServiceDeps): AnalystService {
  const { analyst, clock, policy } = deps;
  const system = instructionsFor({ language: deps.language, conditionFacts: conditionFacts() });
  const budget = createBudget(deps.budget);
  const circuit = createCircuit();
  const estimator = createTokenEstimator();
  const askedHere = createAskedBefore(deps.repeatMs);
  const askedElsewhere = createAskedBefore(deps.repeatMs);
  const opinions = new Map<QueryId, AnalystOpinion>();
  const optedOut = new Map<QueryId, boolean>();
  const counters = createAnalystCounters();
  const running = new Map<Ready, AbortController>();
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
  let stopped = analyst === null;
  let refreshedAt = -Infinity;
  let cancelTimer: (() => void) | null = null;
  let lastState: { state: AnalystState; since: Instant } = { state: 'off', since: clock.now() };
  let overBudgetUntil = -Infinity;
  let lastCallAt: Instant | null = null;
  let lastFault: { fault: AnalystFaultKind; message: string } | null = null;
  let idle: (() => void)[] = [];

  // --- taking questions in ----------------------------------------------------------------------------------------

  function offer(analysis: Analysis): void {
    if (stopped) return;
    const reason = reasonToAsk(analysis, policy);
    if (reason === null) return;
    counters.offered++;
    const unable = cannotAsk();
    if (unable !== null) return void counters.skipped[unable]++;
    if (isExcluded(analysis)) return void counters.skipped.opted_out++;
    const subject = subjectOf(analysis, policy.severity);
    if (isCovered(subject)) {
      if (!queue.join(subject, analysis)) counters.repeated++;
      return;
    }
    enqueue({ subject, reason, dossier: null, dueAt: clock.now() + deps.gatherMs, waiters: [] }, analysis);
  }

  /** Sketching a question that can't be asked would be work for nothing. */
  function cannotAsk(): SkipReason | null {
    const now = clock.now();
    if (now < overBudgetUntil) return 'over_budget';
    const state = circuit.state(now);
    return state === 'misconfigured' && now < (circuit.retryAt ?? 0)
      ? 'misconfigured'
      : state === 'open'
        ? 'open_circuit'
        : null;
  }

  function isExcluded(analysis: Analysis): boolean {
    const { id } = analysis.observation.shape;
    let excluded = optedOut.get(id);
    if (excluded === undefined) {
      excluded = isOptedOut(analysis, policy);
      if (optedOut.size >= 5_000) optedOut.clear();
      optedOut.set(id, excluded);
    }
    return excluded;
  }

  function isCovered(subject: AskSubject): boolean {
    const now = clock.now();
    return askedHere.covers(subject, now) || askedElsewhere.covers(subject, now);
  }

  function enqueue(question: Question, analysis: Analysis): boolean {
    if (!queue.push(question, analysis)) {
      counters.skipped.queue_full++;
      return false;
    }
    // Marked when queued, so that a burst of one shape is one question.
    askedHere.mark(question.subject, clock.now());
    return true;
  }

  async function consult(analysis: Analysis, waitMs: number): Promise<AnalystOutcome> {
    if (analyst === null) return { status: 'skipped', why: 'off' };
    if (stopped) return { status: 'skipped', why: 'stopping' };
    if (isExcluded(analysis)) return { status: 'skipped', why: 'opted_out' };
    const subject = subjectOf(analysis, policy.severity);
    const pending = queue.find(subject) ?? [...running.keys()].find((question) => isAbout(question, subject));
    if (!pending && isCovered(subject)) {
      const opinion = opinions.get(subject.queryId) ?? (await storedOpinion(subject.queryId));
      if (opinion) return { status: 'answered', opinion, cached: true };
    }
    return new Promise((resolve) => {
      const question = pending ?? {
        subject,
        reason: reasonToAsk(analysis, policy) ?? 'request',
        dossier: null,
        dueAt: clock.now(),
        waiters: [],
      };
      const cancel = deps.after(waitMs, () => resolve({ status: 'pending' }));
      question.waiters.push((outcome) => {
        cancel();
        resolve(outcome);
      });
      question.dueAt = Math.min(question.dueAt, clock.now());
      if (!pending && !enqueue(question, analysis)) finish(question, { status: 'skipped', why: 'queue_full' });
      else pump();
    });
  }

  async function storedOpinion(queryId: QueryId): Promise<AnalystOpinion | undefined> {
    try {
      return await deps.store.latestOpinion(queryId, clock.now() - deps.repeatMs);
    } catch (error) {
      deps.onFault('stored opinions could not be read', error);
      return undefined;
    }
  }

  // --- asking -----------------------------------------------------------------------------------------------------

  function pump(): void {
    cancelTimer?.();
    cancelTimer = null;
    for (let question = next(); question; question = next()) {
      const asked = question;
      const controller = new AbortController();
      running.set(asked, controller);
      void ask(asked, controller.signal)
        .catch((error: unknown) => {
          deps.onFault('a question to the analyst failed', error);
          return skip(asked, null);
        })
        .then((outcome) => {
          running.delete(asked);
          finish(asked, outcome);
          pump();
        });
    }
    if (isIdle()) return announceIdle();
    const due = queue.nextDue();
    if (due !== null && running.size < CONCURRENCY) {
      cancelTimer = deps.after(Math.max(0, due - clock.now()), pump);
    }
  }

  const next = (): Ready | undefined => (stopped || running.size >= CONCURRENCY ? undefined : queue.take(clock.now()));

  const isIdle = (): boolean => running.size === 0 && (stopped || queue.length === 0);

  async function ask(question: Ready, signal: AbortSignal): Promise<AnalystOutcome> {
    const { subject, dossier } = question;
    await refresh();
    if (askedElsewhere.covers(subject, clock.now())) {
      const opinion = await storedOpinion(subject.queryId);
      if (opinion) return { status: 'answered', opinion, cached: true };
    }
    if (!circuit.admits(clock.now())) {
      return skip(question, circuit.state(clock.now()) === 'misconfigured' ? 'misconfigured' : 'open_circuit');
    }
    const labelled = await labelledFindings(subject.queryId);
    const prompt = buildPrompt(dossier, labelled, system, deps.maxPromptTokens, estimator);
    if (prompt === null) {
      circuit.withdrawn();
      return skip(question, 'too_large');
    }
    const id = uuidv7(clock.now());
    const { maxAnswerTokens } = analyst as Analyst;
    const most = worstUsage(prompt.estimatedTokens, maxAnswerTokens);
    const reserved = { id, at: clock.now(), tokens: totalTokens(most), cost: costOf(most, deps.prices) ?? 0 };
    if (!budget.reserve(reserved)) {
      circuit.withdrawn();
      overBudgetUntil = clock.now() + OVER_BUDGET_MS;
      return skip(question, 'over_budget');
    }
    counters.asked++;
    lastCallAt = reserved.at;
    noteState();
    const reply = await (analyst as Analyst).ask({ system: prompt.system, user: prompt.user, signal });
    return conclude(question, prompt, reply, id);
  }

  /** The dearest a call can be: all input written to the cache at its price, all output used. */
  function worstUsage(promptTokens: number, answerTokens: number): TokenUsage {
    return { input: 0, output: answerTokens, cacheWrite: promptTokens, cacheRead: 0 };
  }

  async function conclude(
    question: Ready,
    prompt: Prompt,
    reply: AnalystAnswered | AnalystFailed,
    id: string,
  ): Promise<AnalystOutcome> {
    const { subject, dossier, reason } = question;
    const at = clock.now();
    const guessed = !reply.ok && reply.maybeCharged ? { ...NO_USAGE, input: prompt.estimatedTokens } : NO_USAGE;
    const usage = reply.usage ?? guessed;
    const cost = costOf(usage, deps.prices);
    budget.settle({ id, at, tokens: totalTokens(usage), cost: cost ?? 0 });
    if (reply.usage) {
      estimator.correct(prompt.estimatedTokens, usage.input + usage.cacheWrite + usage.cacheRead);
      counters.count(usage, cost);
    }
    learnFrom(reply, at);
    const shared = { id, at, usage, cost, promptVersion: PROMPT_VERSION, latencyMs: reply.latencyMs };
    const content: OpinionContent | null = reply.ok
      ? opinionOf(reply.answer, dossier, prompt.recordCount, refusalOf)
      : null;
    const model = reply.ok ? reply.model : (analyst as Analyst).model;
    const opinion: AnalystOpinion | null = content && {
      ...shared,
      ...content,
      model,
      reason,
      queryId: subject.queryId,
      observationIds: dossier.observations.map((observation) => observation.id),
    };
    await save({
      ...shared,
      subject,
      reason,
      model,
      opinion,
      observations: dossier.observations,
      system: prompt.system,
      user: prompt.user,
      estimatedTokens: prompt.estimatedTokens,
      status: reply.ok ? 'answered' : reply.fault,
      message: reply.ok ? null : reply.message,
      requestId: reply.requestId,
    });
    if (opinion) return accept(opinion);
    const { fault } = reply as AnalystFailed;
    counters.failed[fault]++;
    // A provider that was unwell may be asked the same again; an answer of no use was paid for and is not bought twice.
    if (reply.usage === null) askedHere.unmark(subject);
    return { status: 'failed', fault };
  }

  function accept(opinion: AnalystOpinion): AnalystOutcome {
    counters.answered++;
    opinions.delete(opinion.queryId);
    opinions.set(opinion.queryId, opinion);
    const [oldest] = opinions.keys();
    if (opinions.size > MAX_OPINIONS_IN_MEMORY && oldest !== undefined) opinions.delete(oldest);
    return { status: 'answered', opinion, cached: false };
  }

  function learnFrom(reply: AnalystAnswered | AnalystFailed, at: Instant): void {
    const before = circuit.state(at);
    if (reply.ok) {
      circuit.succeeded();
      lastFault = null;
    } else {
      circuit.failed(at, reply.fault, reply.retryAfterMs);
      lastFault = { fault: reply.fault, message: reply.message };
    }
    const after = circuit.state(at);
    if (after !== before && (after === 'open' || after === 'misconfigured')) {
      deps.onNotice(`The analyst is not asked for a while: ${lastFault?.message ?? 'the provider fails'}`);
    }
  }

  async function save(asked: Parameters<AnalystStore['save']>[0]): Promise<void> {
    try {
      await deps.store.save(asked);
      if (asked.opinion) await deps.drafts.save(asked.opinion);
    } catch (error) {
      deps.onFault('an opinion could not be stored', error);
    }
  }

  async function labelledFindings(queryId: QueryId) {
    try {
      return await deps.store.labelledFindings(queryId, MAX_LABELS_READ);
    } catch (error) {
      deps.onFault('feedback could not be read', error);
      return [];
    }
  }

  /** What other processes spent and asked, and this one before its start. Without the store, memory has to do. */
  async function refresh(): Promise<void> {
    const now = clock.now();
    if (now - refreshedAt < REFRESH_MS) return;
    const first = refreshedAt === -Infinity;
    refreshedAt = now;
    try {
      budget.load(await deps.store.spendingSince(now - DAY));
      const since = first ? now - deps.repeatMs : now - 2 * REFRESH_MS;
      for (const { subject, at } of await deps.store.askedSince(since)) askedElsewhere.mark(subject, at);
    } catch (error) {
      deps.onFault('what the analyst was asked before could not be read', error);
    }
  }

  // --- ends -------------------------------------------------------------------------------------------------------

  function skip(question: Question, why: SkipReason | null): AnalystOutcome {
    askedHere.unmark(question.subject);
    if (why === null) return { status: 'failed', fault: 'bad_request' };
    counters.skipped[why]++;
    return { status: 'skipped', why };
  }

  function finish(question: Question, outcome: AnalystOutcome): void {
    for (const tell of question.waiters.splice(0)) tell(outcome);
    noteState();
    void reportStatus();
  }

  function announceIdle(): void {
    const waiting = idle;
    idle = [];
    for (const tell of waiting) tell();
  }

  function stateNow(): AnalystState {
    const now = clock.now();
    if (analyst === null) return 'off';
    const state = circuit.state(now);
    if (state === 'misconfigured') return 'misconfigured';
    if (state === 'open') return 'open_circuit';
    if (running.size > 0) return 'working';
    return now < overBudgetUntil || budget.exhausted(now) ? 'over_budget' : 'idle';
  }

  function noteState(): void {
    const state = stateNow();
    if (state === lastState.state) return;
    lastState = { state, since: clock.now() };
    if (state === 'over_budget')
      deps.onNotice('The analyst is over its budget and is not asked until it has room again.');
  }

  function status(): AnalystStatus {
    noteState();
    const spent = budget.spent(clock.now());
    return {
      ...lastState,
      model: analyst?.model ?? null,
      promptVersion: PROMPT_VERSION,
      queueLength: queue.length,
      callsRunning: running.size,
      tokensLastHour: spent.tokensLastHour,
      tokensLastDay: spent.tokensLastDay,
      costLastDay: deps.prices === null ? null : spent.costLastDay,
      ...deps.budget,
      lastCallAt,
      lastFault: lastFault?.fault ?? null,
      lastFaultMessage: lastFault?.message ?? null,
      retryAt: circuit.retryAt,
    };
  }

  async function reportStatus(): Promise<void> {
    try {
      await deps.store.saveStatus(status(), clock.now());
    } catch (error) {
      deps.onFault('the state of the analyst could not be stored', error);
    }
  }

  async function start(): Promise<void> {
    if (analyst !== null) {
      await refresh();
      const check = await analyst.check();
      if (!check.ok) {
        lastFault = { fault: check.fault, message: check.message };
        if (isMisconfiguration(check.fault)) circuit.failed(clock.now(), check.fault);
        deps.onNotice(`The analyst can't be asked: ${check.message}`);
      }
    }
    await reportStatus();
  }

  return {
    offer,
    consult,
    start,
    async stop() {
      stopped = true;
      cancelTimer?.();
      for (const question of queue.clear()) finish(question, { status: 'skipped', why: 'stopping' });
      for (const controller of running.values()) controller.abort();
      await settled();
    },
    reportStatus,
    status,
    counters,
    settled,
  };

  function settled(): Promise<void> {
    if (isIdle()) return Promise.resolve();
    return new Promise((resolve) => idle.push(resolve));
  }
}

function isAbout(question: Question, subject: AskSubject): boolean {
  return (
    question.subject.queryId === subject.queryId && subject.kinds.every((kind) => question.subject.kinds.includes(kind))
  );
}

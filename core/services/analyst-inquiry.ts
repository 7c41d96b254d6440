import { type BudgetLimits, costOf, createBudget, type Prices, type SpentSoFar } from '../analyst/budget.ts';
import { createCircuit, isMisconfiguration } from '../analyst/circuit.ts';
import type { Dossier } from '../analyst/dossier.ts';
import type { LabelledFinding } from '../analyst/examples.ts';
import { instructionsFor, PROMPT_VERSION } from '../analyst/instructions.ts';
import { opinionOf } from '../analyst/opinion.ts';
import { buildPrompt, type Prompt } from '../analyst/prompt.ts';
import { createTokenEstimator } from '../analyst/token-estimate.ts';
import { type AskSubject, createAskedBefore } from '../analyst/when-to-ask.ts';
import {
  type AnalystFaultKind,
  type AnalystOpinion,
  type AnalystOutcome,
  type SkipReason,
  type TokenUsage,
  totalTokens,
} from '../domain/analyst-opinion.ts';
import { type Uuid, uuidv7 } from '../domain/ids.ts';
import type { QueryId } from '../domain/query-shape.ts';
import { type Clock, DAY, type Instant, MINUTE } from '../domain/time.ts';
import type { AnalystCounters } from './analyst-counters.ts';
import { conditionFacts, type DraftRuleStore, refusalOf } from './analyst-drafts.ts';
import type { Analyst, AnalystAnswered, AnalystFailed, AnalystStore, AskedQuestion } from './analyst-ports.ts';
import type { Question } from './analyst-queue.ts';

export interface InquiryDeps {
  readonly analyst: Analyst;
  readonly store: AnalystStore;
  /** Where a proposed kill-switch rule goes, as a draft. */
  readonly drafts: DraftRuleStore;
  readonly clock: Clock;
  readonly language: string;
  /** Tokens of one prompt at most (MAX_TOKENS), by the conservative estimate. */
  readonly maxPromptTokens: number;
  readonly budget: BudgetLimits;
  readonly prices: Prices | null;
  /** The same shape and kinds asked again within this time cost no call. */
  readonly repeatMs: number;
  readonly counters: AnalystCounters;
  /** Something a person should know, once per change. */
  onNotice(message: string): void;
  onFault(what: string, error: unknown): void;
}

/** A question whose dossier is complete. */
export type ReadyQuestion = Question & { readonly dossier: Dossier };

export interface Inquiry {
  /**
   * Asks one question, if budget and circuit allow it and nobody else did: builds the prompt, calls, accounts, stores.
   * `repeatable` says that it came to nothing and may be asked again.
   */
  ask(question: ReadyQuestion, signal: AbortSignal): Promise<{ outcome: AnalystOutcome; repeatable: boolean }>;
  /** Why a question would not be asked now, or null: asking this costs next to nothing. */
  obstacle(): 'over_budget' | 'open_circuit' | 'misconfigured' | null;
  /** Whether another process asked about it, by what was read from the store last. */
  isCoveredElsewhere(subject: AskSubject): boolean;
  /** The newest opinion on the shape within the repeat period. */
  opinionOn(queryId: QueryId): Promise<AnalystOpinion | undefined>;
  /** Reads what was spent and asked before, and checks key and model. Never rejects. */
  start(): Promise<void>;
  health(): InquiryHealth;
}

export interface InquiryHealth {
  readonly circuit: 'closed' | 'open' | 'half_open' | 'misconfigured';
  readonly isOverBudget: boolean;
  readonly spent: SpentSoFar;
  readonly lastCallAt: Instant | null;
  readonly lastFault: { readonly fault: AnalystFaultKind; readonly message: string } | null;
  readonly retryAt: Instant | null;
}

const MAX_OPINIONS_IN_MEMORY = 200;
const MAX_LABELS_READ = 50;
/** What other processes spent and asked is read this often, before a call. */
const REFRESH_MS = MINUTE;
/** After a question that did not fit the budget, the next is looked at this much later. */
const OVER_BUDGET_MS = MINUTE;
const NO_USAGE: TokenUsage = { input: 0, output: 0, cacheWrite: 0, cacheRead: 0 };

export function createInquiry(deps: InquiryDeps): Inquiry {
  const { analyst, clock, counters } = deps;
  const system = instructionsFor({ language: deps.language, conditionFacts: conditionFacts() });
  const budget = createBudget(deps.budget);
  const circuit = createCircuit();
  const estimator = createTokenEstimator();
  const askedElsewhere = createAskedBefore(deps.repeatMs);
  const opinions = new Map<QueryId, AnalystOpinion>();
  let refreshedAt = -Infinity;
  let overBudgetUntil = -Infinity;
  let lastCallAt: Instant | null = null;
  let lastFault: InquiryHealth['lastFault'] = null;

  async function ask(question: ReadyQuestion, signal: AbortSignal) {
    await refresh();
    if (askedElsewhere.covers(question.subject, clock.now())) {
      const opinion = await opinionOn(question.subject.queryId);
      if (opinion) return { outcome: { status: 'answered', opinion, cached: true } as const, repeatable: false };
    }
    if (!circuit.admits(clock.now())) {
      return skipped(circuit.state(clock.now()) === 'misconfigured' ? 'misconfigured' : 'open_circuit');
    }
    try {
      return await askAdmitted(question, signal);
    } finally {
      // Whatever happened, the call that the circuit admitted is over.
      circuit.withdrawn();
    }
  }

  async function askAdmitted(question: ReadyQuestion, signal: AbortSignal) {
    const labelled = await labelledFindings(question.subject.queryId);
    const prompt = buildPrompt(question.dossier, labelled, system, deps.maxPromptTokens, estimator);
    if (prompt === null) return skipped('too_large');
    const id = uuidv7(clock.now());
    if (!reserve(id, prompt)) return skipped('over_budget');
    counters.asked++;
    lastCallAt = clock.now();
    const reply = await analyst.ask({ system: prompt.system, user: prompt.user, signal });
    const { usage, cost } = account(id, prompt, reply);
    const asked = askedQuestion(question, prompt, reply, { id, at: clock.now(), usage, cost });
    await save(asked);
    if (asked.opinion) return { outcome: accept(asked.opinion), repeatable: false };
    const { fault } = reply as AnalystFailed;
    counters.failed[fault]++;
    // A provider that was unwell may be asked the same again; an answer of no use was paid for and is not bought twice.
    return { outcome: { status: 'failed', fault } as const, repeatable: reply.usage === null };
  }

  function skipped(why: SkipReason) {
    counters.skipped[why]++;
    return { outcome: { status: 'skipped', why } as const, repeatable: true };
  }

  /** Sets aside the dearest the call can be: all input written to the cache at its price, all output used. */
  function reserve(id: Uuid, { estimatedTokens }: Prompt): boolean {
    const most = { ...NO_USAGE, cacheWrite: estimatedTokens, output: analyst.maxAnswerTokens };
    const cost = costOf(most, deps.prices) ?? 0;
    if (budget.reserve({ id, at: clock.now(), tokens: totalTokens(most), cost })) return true;
    overBudgetUntil = clock.now() + OVER_BUDGET_MS;
    return false;
  }

  /** Settles the reservation and lets estimator, circuit and counters learn from the call. */
  function account(id: Uuid, prompt: Prompt, reply: AnalystAnswered | AnalystFailed) {
    const at = clock.now();
    const guessed = !reply.ok && reply.maybeCharged ? { ...NO_USAGE, input: prompt.estimatedTokens } : NO_USAGE;
    const usage = reply.usage ?? guessed;
    const cost = costOf(usage, deps.prices);
    budget.settle({ id, at, tokens: totalTokens(usage), cost: cost ?? 0 });
    if (reply.usage) {
      estimator.correct(prompt.estimatedTokens, usage.input + usage.cacheWrite + usage.cacheRead);
      counters.count(usage, cost);
    }
    const before = circuit.state(at);
    if (reply.ok) circuit.succeeded();
    else circuit.failed(at, reply.fault, reply.retryAfterMs);
    lastFault = reply.ok ? null : { fault: reply.fault, message: reply.message };
    const after = circuit.state(at);
    if (lastFault && after !== before && (after === 'open' || after === 'misconfigured')) {
      deps.onNotice(`The analyst is not asked for a while: ${lastFault.message}`);
    }
    return { usage, cost };
  }

  function askedQuestion(
    { subject, reason, dossier }: ReadyQuestion,
    prompt: Prompt,
    reply: AnalystAnswered | AnalystFailed,
    call: Pick<AskedQuestion, 'id' | 'at' | 'usage' | 'cost'>,
  ): AskedQuestion {
    const model = reply.ok ? reply.model : analyst.model;
    const shared = { ...call, model, reason, promptVersion: PROMPT_VERSION, latencyMs: reply.latencyMs };
    return {
      ...shared,
      subject,
      observations: dossier.observations,
      system: prompt.system,
      user: prompt.user,
      estimatedTokens: prompt.estimatedTokens,
      status: reply.ok ? 'answered' : reply.fault,
      message: reply.ok ? null : reply.message,
      requestId: reply.requestId,
      opinion: reply.ok
        ? {
            ...shared,
            ...opinionOf(reply.answer, dossier, prompt.recordCount, refusalOf),
            queryId: subject.queryId,
            observationIds: dossier.observations.map((observation) => observation.id),
          }
        : null,
    };
  }

  function accept(opinion: AnalystOpinion): AnalystOutcome {
    counters.answered++;
    opinions.delete(opinion.queryId);
    opinions.set(opinion.queryId, opinion);
    const [oldest] = opinions.keys();
    if (opinions.size > MAX_OPINIONS_IN_MEMORY && oldest !== undefined) opinions.delete(oldest);
    return { status: 'answered', opinion, cached: false };
  }

  // --- the store: without it, memory has to do --------------------------------------------------------------------

  async function save(asked: AskedQuestion): Promise<void> {
    try {
      await deps.store.save(asked);
      if (asked.opinion) await deps.drafts.save(asked.opinion);
    } catch (error) {
      deps.onFault('an opinion could not be stored', error);
    }
  }

  async function opinionOn(queryId: QueryId): Promise<AnalystOpinion | undefined> {
    const since = clock.now() - deps.repeatMs;
    const known = opinions.get(queryId);
    if (known && known.at > since) return known;
    try {
      return await deps.store.latestOpinion(queryId, since);
    } catch (error) {
      deps.onFault('stored opinions could not be read', error);
      return undefined;
    }
  }

  async function labelledFindings(queryId: QueryId): Promise<readonly LabelledFinding[]> {
    try {
      return await deps.store.labelledFindings(queryId, MAX_LABELS_READ);
    } catch (error) {
      deps.onFault('feedback could not be read', error);
      return [];
    }
  }

  /** What other processes spent and asked, and this one before its start. */
  async function refresh(): Promise<void> {
    const now = clock.now();
    if (now - refreshedAt < REFRESH_MS) return;
    const since = refreshedAt === -Infinity ? now - deps.repeatMs : refreshedAt - REFRESH_MS;
    refreshedAt = now;
    try {
      budget.load(await deps.store.spendingSince(now - DAY));
      for (const { subject, at } of await deps.store.askedSince(since)) askedElsewhere.mark(subject, at);
    } catch (error) {
      deps.onFault('what the analyst was asked before could not be read', error);
    }
  }

  return {
    ask,
    obstacle() {
      const now = clock.now();
      if (now < overBudgetUntil) return 'over_budget';
      if (circuit.retryAt === null || now >= circuit.retryAt) return null;
      return circuit.state(now) === 'misconfigured' ? 'misconfigured' : 'open_circuit';
    },
    isCoveredElsewhere: (subject) => askedElsewhere.covers(subject, clock.now()),
    opinionOn,
    async start() {
      await refresh();
      const check = await analyst.check();
      if (check.ok) return;
      lastFault = { fault: check.fault, message: check.message };
      if (isMisconfiguration(check.fault)) circuit.failed(clock.now(), check.fault);
      deps.onNotice(`The analyst can't be asked: ${check.message}`);
    },
    health() {
      const now = clock.now();
      return {
        circuit: circuit.state(now),
        isOverBudget: now < overBudgetUntil || budget.exhausted(now),
        spent: budget.spent(now),
        lastCallAt,
        lastFault,
        retryAt: circuit.retryAt,
      };
    },
  };
}

import { type Dossier, dossierOf, joinDossiers } from '../analyst/dossier.ts';
import type { DossierLimits } from '../analyst/sketch-limits.ts';
import type { AskSubject } from '../analyst/when-to-ask.ts';
import type { Analysis } from '../domain/analysis.ts';
import type { AnalystOutcome, AskReason } from '../domain/analyst-opinion.ts';
import type { Instant } from '../domain/time.ts';

/** A question that waits for its turn, and who waits for it. */
export interface Question {
  readonly subject: AskSubject;
  readonly reason: AskReason;
  /** Null until it has been sketched; from then on nothing refers to the rows. */
  dossier: Dossier | null;
  /** Earliest time to ask: until then, requests of the same shape and kinds join. */
  dueAt: Instant;
  readonly waiters: ((outcome: AnalystOutcome) => void)[];
}

export interface AnalystQueueDeps {
  readonly limits: DossierLimits;
  readonly maxQuestions: number;
  /** Lets others run before and between sketches. */
  pause(): Promise<void>;
  /** A question is ready, or ready earlier than before. */
  onReady(): void;
  /** An analysis could not be sketched; a question that has no other is dropped. */
  onUnsketchable(question: Question, error: unknown): void;
}

export interface AnalystQueue {
  /** False: full. Costs a push; sketching happens later, off the caller's path. */
  push(question: Question, analysis: Analysis): boolean;
  /** Adds the analysis to a question of the same subject that still gathers. */
  join(subject: AskSubject, analysis: Analysis): boolean;
  find(subject: AskSubject): Question | undefined;
  /** Takes out the first question that is sketched and due. */
  take(now: Instant): (Question & { readonly dossier: Dossier }) | undefined;
  /** When the next question is due; null when none is sketched. */
  nextDue(): Instant | null;
  /** Takes out everything. */
  clear(): Question[];
  readonly length: number;
}

/** Analyses whose rows are held until they are sketched; further ones are not offered a place. */
const MAX_UNSKETCHED = 20;

/** Questions in order of arrival, bounded; rows are let go of as soon as the event loop has a turn. */
export function createAnalystQueue(deps: AnalystQueueDeps): AnalystQueue {
  const questions: Question[] = [];
  const unsketched: { readonly question: Question; readonly analysis: Analysis }[] = [];
  let sketching = false;

  function admit(question: Question, analysis: Analysis): void {
    unsketched.push({ question, analysis });
    if (!sketching) void sketchAll();
  }

  async function sketchAll(): Promise<void> {
    sketching = true;
    try {
      await deps.pause();
      for (let next = unsketched.shift(); next; next = unsketched.shift()) {
        sketch(next.question, next.analysis);
        await deps.pause();
      }
    } finally {
      sketching = false;
    }
  }

  function sketch(question: Question, analysis: Analysis): void {
    try {
      const dossier = dossierOf(analysis, question.reason, question.subject, deps.limits);
      question.dossier = question.dossier ? joinDossiers(question.dossier, dossier, deps.limits.maxRecords) : dossier;
      deps.onReady();
    } catch (error) {
      if (question.dossier === null && questions.includes(question)) questions.splice(questions.indexOf(question), 1);
      deps.onUnsketchable(question, error);
    }
  }

  /** Wholly: what joined it last, too. */
  const isSketched = (question: Question): boolean =>
    question.dossier !== null && unsketched.every((waiting) => waiting.question !== question);

  const find = (subject: AskSubject): Question | undefined =>
    questions.find(
      (question) =>
        question.subject.queryId === subject.queryId &&
        subject.kinds.every((kind) => question.subject.kinds.includes(kind)),
    );

  return {
    push(question, analysis) {
      if (questions.length >= deps.maxQuestions || unsketched.length >= MAX_UNSKETCHED) return false;
      questions.push(question);
      admit(question, analysis);
      return true;
    },
    join(subject, analysis) {
      const question = find(subject);
      if (!question || unsketched.length >= MAX_UNSKETCHED) return false;
      if ((question.dossier?.records.length ?? 0) >= deps.limits.maxRecords) return false;
      admit(question, analysis);
      return true;
    },
    find,
    take(now) {
      const at = questions.findIndex((question) => question.dueAt <= now && isSketched(question));
      if (at < 0) return undefined;
      return questions.splice(at, 1)[0] as Question & { readonly dossier: Dossier };
    },
    nextDue() {
      let next: Instant | null = null;
      for (const question of questions) {
        if (isSketched(question) && (next === null || question.dueAt < next)) next = question.dueAt;
      }
      return next;
    },
    clear: () => questions.splice(0),
    get length() {
      return questions.length;
    },
  };
}

import type { Uuid } from '../../domain/ids.ts';
import type { VaryingValue } from '../../domain/request-facts.ts';
import type { Instant } from '../../domain/time.ts';

/** A request as the log keeps it, in the words of the kill switch's facts. */
export interface StoredFact {
  readonly id: Uuid;
  readonly at: Instant;
  readonly hook: string;
  /** The fact without what is not kept: variables, headers, other session variables, and argument values unless allowed. */
  readonly fact: Readonly<Record<string, unknown>>;
  /** Arguments of which the request has several values; null: argument values were not kept. */
  readonly varying: readonly VaryingValue[] | null;
}

/** What was seen, for questions about rules. */
export interface EvidenceReader {
  /** One page of requests since the instant, newest first; `before` is the last one of the page before. */
  facts(since: Instant, limit: number, before: Pick<StoredFact, 'id' | 'at'> | null): Promise<readonly StoredFact[]>;
  /** Matches of a rule (`namespace.key`) since the instant, enforced or in dry run. */
  matchesOf(ruleLabel: string, since: Instant): Promise<number>;
  /** Whether a program was in touch since the instant that evaluates the rules of the namespace itself, uncounted. */
  hasHolders(namespace: string, since: Instant): Promise<boolean>;
  /** Findings since the instant; without kinds, of any. */
  findings(kinds: readonly string[], since: Instant): Promise<number>;
}

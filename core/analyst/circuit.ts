import type { AnalystFaultKind } from '../domain/analyst-opinion.ts';
import { type Instant, MINUTE, SECOND } from '../domain/time.ts';

/**
 * Circuit breaker (Nygard, Release It!, 2007): after several failures in a row the provider is left alone for a while;
 * then one call tries, and its outcome closes the circuit or opens it for twice as long.
 */
export interface Circuit {
  /** Whether a call may be made now; a half-open circuit admits one and counts it as under way. */
  admits(now: Instant): boolean;
  succeeded(): void;
  /** @param retryAfterMs what the provider asked for, if it did: it is left alone for at least as long. */
  failed(now: Instant, fault: AnalystFaultKind, retryAfterMs?: number | null): void;
  /** The call that was admitted was never made. */
  withdrawn(): void;
  state(now: Instant): 'closed' | 'open' | 'half_open' | 'misconfigured';
  /** When the next try is due; null while closed. */
  readonly retryAt: Instant | null;
}

const FAILURES_TO_OPEN = 3;
const FIRST_PAUSE_MS = 30 * SECOND;
const LONGEST_PAUSE_MS = 15 * MINUTE;
/** A wrong key or model is mended by a person: asked again rarely, so that a key restored at the provider is noticed. */
const MISCONFIGURED_PAUSE_MS = 15 * MINUTE;

/** What a fault says about the provider. An answer that came but was of no use says nothing against it. */
const MEANING: Readonly<Record<AnalystFaultKind, 'broken' | 'unwell' | 'answers'>> = {
  bad_key: 'broken',
  unknown_model: 'broken',
  bad_request: 'unwell',
  rate_limited: 'unwell',
  overloaded: 'unwell',
  provider_error: 'unwell',
  timeout: 'unwell',
  connection: 'unwell',
  refused: 'answers',
  cut_short: 'answers',
  invalid_answer: 'answers',
};

export function isMisconfiguration(fault: AnalystFaultKind): boolean {
  return MEANING[fault] === 'broken';
}

export function createCircuit(): Circuit {
  let failures = 0;
  let pauseMs = FIRST_PAUSE_MS;
  let retryAt: Instant | null = null;
  let misconfigured = false;
  let trying = false;

  function close(): void {
    failures = 0;
    pauseMs = FIRST_PAUSE_MS;
    retryAt = null;
    misconfigured = false;
    trying = false;
  }

  return {
    admits(now) {
      if (retryAt === null) return true;
      if (trying || now < retryAt) return false;
      trying = true;
      return true;
    },
    succeeded: close,
    failed(now, fault, retryAfterMs = null) {
      const meaning = MEANING[fault];
      if (meaning === 'answers') return close();
      if (meaning === 'broken') {
        misconfigured = true;
        trying = false;
        retryAt = now + MISCONFIGURED_PAUSE_MS;
        return;
      }
      failures++;
      const again = trying;
      trying = false;
      if (again) pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
      if (!again && retryAt === null && failures < FAILURES_TO_OPEN && retryAfterMs === null) return;
      retryAt = Math.max(retryAt ?? 0, now + Math.max(pauseMs, retryAfterMs ?? 0));
    },
    withdrawn() {
      trying = false;
    },
    state(now) {
      if (retryAt === null) return 'closed';
      if (misconfigured) return 'misconfigured';
      return now >= retryAt ? 'half_open' : 'open';
    },
    get retryAt() {
      return retryAt;
    },
  };
}

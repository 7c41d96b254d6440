/**
 * How many tokens a text is, before it is sent. The provider's tokeniser is not public, so this is an upper estimate: one
 * token per three bytes of UTF-8. English prose and JSON of names and numbers come to about four bytes per token, dense
 * digits and other scripts to about three. The true count comes back with every answer; the ratio of the two is learnt
 * and only ever used to make the estimate larger, or smaller down to the floor that prose would give.
 */
const BYTES_PER_TOKEN = 3;
/** Tokens that a message costs besides its text: roles, the schema's framing. */
const OVERHEAD_TOKENS = 50;
/** Weight of the newest call in the learnt ratio. */
const LEARNING_RATE = 0.2;
const LOWEST_RATIO = 0.75;
const HIGHEST_RATIO = 3;

export interface TokenEstimator {
  /** Tokens of the texts together, overhead included, rounded up. */
  estimate(...texts: readonly string[]): number;
  /** Learns from a call: what was estimated and what the provider counted. */
  correct(estimated: number, counted: number): void;
  /** Counted over plain estimate, smoothed; 1 before the first call. */
  readonly ratio: number;
}

export function createTokenEstimator(): TokenEstimator {
  let ratio = 1;
  return {
    estimate: (...texts) => Math.ceil(plainEstimate(texts) * ratio),
    correct(estimated, counted) {
      if (estimated <= 0 || counted <= 0) return;
      const seen = Math.min(HIGHEST_RATIO, Math.max(LOWEST_RATIO, (counted / estimated) * ratio));
      // An estimate that was too low is believed at once, one that was too high only slowly.
      ratio = seen > ratio ? seen : ratio + LEARNING_RATE * (seen - ratio);
    },
    get ratio() {
      return ratio;
    },
  };
}

export function plainEstimate(texts: readonly string[]): number {
  let bytes = 0;
  for (const text of texts) bytes += Buffer.byteLength(text, 'utf8');
  return Math.ceil(bytes / BYTES_PER_TOKEN) + OVERHEAD_TOKENS;
}

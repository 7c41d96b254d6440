/** A keyed hash of a text in hexadecimal, at least 16 characters: equal values stay equal, and only the key tells which. */
export type KeyedHash = (text: string) => string;

const HALF = 16;

const FORM = /^[0-9a-f]{32}$/;

/**
 * What stands for a text under the mask `hash`: 16 hexadecimal digits of its keyed hash, and 16 that prove, by the key, that
 * these are one. A pseudonym stands for itself: a GraphQL response whose rows were masked at pre-ndc-response comes by a
 * second time at pre-response, and must be told from values that a client chose or that only look alike (which happens
 * once in 2^64). Whoever stores a pseudonym that they saw is shown it again, and nothing else.
 */
export function pseudonymOf(text: string, hash: KeyedHash): string {
  if (isPseudonym(text, hash)) return text;
  const digest = hash(`value ${text}`).slice(0, HALF);
  return digest + proofOf(digest, hash);
}

function isPseudonym(text: string, hash: KeyedHash): boolean {
  return FORM.test(text) && text.slice(HALF) === proofOf(text.slice(0, HALF), hash);
}

/** Its own prefix: the hash of a value that a client chose must not serve as a proof. */
function proofOf(digest: string, hash: KeyedHash): string {
  return hash(`proof ${digest}`).slice(0, HALF);
}

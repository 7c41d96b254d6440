import { type Entities, hashText, mixed } from './entities.ts';
import { isJoin, keyArguments, type KeyedRequest } from './key-runs.ts';

/** A longer text, or one of several words, is no key. */
const KEY = /^\S{1,128}$/;

/**
 * The different keys a request asks for, of any form: numbers, UUIDs, e-mail addresses. Counted beside the records that
 * come back, since one who looks things up one by one reads few of them, and less than others by their lists.
 */
export function lookupsOf(request: KeyedRequest): Entities {
  if (isJoin(request)) return { hashes: new Uint32Array(0), beyond: 0 };
  const keys = keyArguments(request.arguments).filter(({ value }) =>
    typeof value === 'number' ? Number.isSafeInteger(value) : typeof value === 'string' && KEY.test(value),
  );
  const hashes = keys.map(({ path, value }) => mixed(hashText(hashText(2_166_136_261, path), String(value))));
  return { hashes: Uint32Array.from(hashes), beyond: 0 };
}

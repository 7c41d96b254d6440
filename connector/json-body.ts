import { badRequest } from '../core/domain/errors.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Reads a request body. The nesting is measured on the raw bytes, in a loop, before anything recursive sees the
 * document: a body of ten thousand brackets is an answer, not a stack overflow.
 */
export function parseJsonBody(body: Buffer, maxDepth: number): unknown {
  if (body.length === 0) throw badRequest('BODY_EMPTY', 'The body is empty; expected a JSON object.');
  if (exceedsDepth(body, maxDepth)) {
    throw badRequest('BODY_TOO_DEEP', `The body is nested more than ${maxDepth} levels deep.`, {
      details: { max_depth: maxDepth },
    });
  }
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch (error) {
    // V8's text says what was met and where; it quotes at most a few characters of the body.
    throw badRequest('BODY_NOT_JSON', `The body is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** In UTF-8 no byte of a longer character equals one of these, so bytes can be compared without decoding. */
function exceedsDepth(body: Buffer, maxDepth: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < body.length; i++) {
    const byte = body[i];
    if (inString) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) {
      inString = true;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > maxDepth) return true;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth--;
    }
  }
  return false;
}

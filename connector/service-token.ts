import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Makes the check of `Authorization: Bearer <secret>`. An unset or empty secret means an open connector (ndc-hub RFC
 * 0000: platforms pass the variable through, often empty). Both sides are hashed before they are compared, so that
 * neither content nor length can be read from the time it takes.
 */
export function createTokenCheck(secret: string | undefined): (authorization: string | undefined) => boolean {
  if (!secret) return () => true;
  const expected = digest(secret);
  return (authorization) => {
    const token = /^Bearer +(.*)$/is.exec(authorization ?? '')?.[1] ?? '';
    return timingSafeEqual(digest(token), expected);
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}

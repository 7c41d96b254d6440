/** Words that are never names when bare. */
export const KEYWORDS: ReadonlySet<string> = new Set(['and', 'or', 'not', 'in', 'true', 'false', 'null', 'now']);

/** Bare, these would mean an object's machinery in other languages; `a["constructor"]` and backquotes read own keys. */
export const FORBIDDEN_NAMES: ReadonlySet<string> = new Set(['constructor', '__proto__', 'prototype']);

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Whether a name can be written without backquotes. */
export function isBareName(name: string): boolean {
  return PLAIN_NAME.test(name) && !KEYWORDS.has(name) && !FORBIDDEN_NAMES.has(name);
}

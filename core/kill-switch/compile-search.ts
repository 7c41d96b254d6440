import type { Evaluation } from './evaluation.ts';
import { charge, tooLarge } from './part.ts';
import { compilePattern } from './patterns.ts';
import type { Node } from './syntax-tree.ts';

/** UTF-16 units from which on a search takes long enough to ask for the time before. */
const LONG_TEXT = 1_024;

/** Searches a text for the pattern that a literal node holds, within the limits; `site` is where a failure is reported. */
export function compileSearch(pattern: Node, site: Node): (evaluation: Evaluation, text: string) => unknown {
  const { search, maxLength } = compilePattern((pattern as { readonly value: unknown }).value as string, pattern.start);
  return (evaluation, text) => {
    if (text.length > maxLength) {
      const message = `The string searched has ${text.length} characters; at most ${maxLength} are allowed for this pattern.`;
      return evaluation.fail(message, site.start);
    }
    const isLong = text.length > LONG_TEXT;
    if (isLong && evaluation.isOverdue(text.length)) return evaluation.failOverdue(site.start);
    return charge(evaluation, text.length) ? search(text) : tooLarge(evaluation, 'too-much', site.start);
  };
}

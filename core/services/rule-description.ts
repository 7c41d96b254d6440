import { compileRule } from '../kill-switch/compile-rule.ts';
import { findingsOf } from '../kill-switch/rule-reach.ts';
import type { RulesPort } from './ports/rules.ts';

const PAGE = 100;

/**
 * Fills in what compiling finds out about rules that an earlier version stored. Safe on several instances at once: all
 * write the same. Rules that do not compile here stay as they are.
 *
 * @param pause lets others run between two rules.
 */
export async function describeRules(
  rules: Pick<RulesPort, 'undescribed' | 'describe'>,
  pause: () => Promise<void>,
): Promise<void> {
  let after = '';
  for (;;) {
    const page = await rules.undescribed(after, PAGE);
    for (const rule of page) {
      const compilation = compileRule(rule);
      if (compilation.ok) await rules.describe(rule, findingsOf(compilation.compiled));
      await pause();
    }
    if (page.length < PAGE) return;
    after = page.at(-1)?.id ?? '';
  }
}

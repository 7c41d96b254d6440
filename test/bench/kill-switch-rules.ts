import type { KillSwitchRule } from '../../core/domain/kill-switch-rule.ts';
import { ruleWith } from '../core/kill-switch/rules.ts';

/** What the kill-switch benchmarks evaluate: four conditions over eight facts, and a set of rules over eight others. */
export const BENCH_NOW = Date.parse('2026-11-20T12:00:00Z');

export interface BenchFact {
  readonly WORKFLOW?: string;
  readonly BANK?: string;
  readonly amount?: number;
  readonly country?: string;
  readonly role?: string;
  readonly depth?: number;
  readonly user?: { readonly id: string; readonly email: string };
  readonly tags?: readonly string[];
}

/** Eight facts in turn, so that no branch is always the same. */
export const BENCH_FACTS: readonly BenchFact[] = Array.from({ length: 8 }, (_, i) => ({
  WORKFLOW: i % 4 === 0 ? 'SALE' : 'PURCHASE',
  BANK: i % 3 === 0 ? 'BARCLAYS' : 'HSBC',
  amount: 90 + 10 * i,
  country: ['DE', 'FR', 'IT'][i % 3] as string,
  role: 'analyst',
  depth: i,
  user: { id: `u-${i}`, email: `person${i}@example.com` },
  tags: ['a', 'b', 'pii'],
}));

const MAIL = /^[a-z]+[0-9]+@example\.(?:com|org)$/;
const DOMAIN = /@example\.(?:com|org)$/;
const ID = /^u-[0-9]+$/;

export interface BenchCondition {
  readonly name: string;
  readonly markNs: number;
  readonly text: string;
  /** The same in filtrex: by its own operators, `y of x` for a member, `~=` for a pattern. */
  readonly filtrex: string;
  readonly byHand: (fact: BenchFact) => boolean;
}

export const BENCH_CONDITIONS: readonly BenchCondition[] = [
  {
    name: 'the seed’s rule',
    markNs: 100,
    text: 'WORKFLOW == "PURCHASE" and BANK == "HSBC"',
    filtrex: 'WORKFLOW == "PURCHASE" and BANK == "HSBC"',
    byHand: (fact) => fact.WORKFLOW === 'PURCHASE' && fact.BANK === 'HSBC',
  },
  {
    name: '4 terms, in-list, not',
    markNs: 250,
    text: 'WORKFLOW == "PURCHASE" and country in ["DE", "FR", "ES", "PT"] and not (BANK == "X") and amount > 100',
    filtrex: 'WORKFLOW == "PURCHASE" and country in ("DE", "FR", "ES", "PT") and not (BANK == "X") and amount > 100',
    byHand: (fact) =>
      fact.WORKFLOW === 'PURCHASE' &&
      ['DE', 'FR', 'ES', 'PT'].includes(fact.country ?? '') &&
      !(fact.BANK === 'X') &&
      (fact.amount ?? 0) > 100,
  },
  {
    name: '5 terms, 1 pattern, list fact',
    markNs: 1_000,
    text: 'depth >= 0 and "pii" in tags and user.email =~ "@example[.](?:com|org)$" and amount >= 100 and role != "admin"',
    filtrex:
      'depth >= 0 and "pii" in tags and email of user ~= "@example[.](?:com|org)$" and amount >= 100 and role != "admin"',
    byHand: (fact) =>
      (fact.depth ?? -1) >= 0 &&
      (fact.tags ?? []).includes('pii') &&
      DOMAIN.test(fact.user?.email ?? '') &&
      (fact.amount ?? 0) >= 100 &&
      fact.role !== 'admin',
  },
  {
    name: '20 terms, 2 patterns',
    markNs: 2_000,
    text:
      'WORKFLOW != "A" and BANK != "B" and amount >= 0 and country in ["DE", "FR", "IT"] and role == "analyst" and user.id =~ "^u-[0-9]+$" and ' +
      'user.email =~ "^[a-z]+[0-9]+@example[.](?:com|org)$" and "a" in tags and "b" in tags and depth < 10 and depth >= 0 and WORKFLOW != "C" and ' +
      'BANK != "D" and amount < 10000 and country != "US" and role != "admin" and user.id != "u-99" and not (depth == 11) and "pii" in tags and amount != 3',
    filtrex:
      'WORKFLOW != "A" and BANK != "B" and amount >= 0 and country in ("DE", "FR", "IT") and role == "analyst" and id of user ~= "^u-[0-9]+$" and ' +
      'email of user ~= "^[a-z]+[0-9]+@example[.](?:com|org)$" and "a" in tags and "b" in tags and depth < 10 and depth >= 0 and WORKFLOW != "C" and ' +
      'BANK != "D" and amount < 10000 and country != "US" and role != "admin" and id of user != "u-99" and not (depth == 11) and "pii" in tags and amount != 3',
    byHand: (fact) =>
      fact.WORKFLOW !== 'A' &&
      fact.BANK !== 'B' &&
      (fact.amount ?? -1) >= 0 &&
      ['DE', 'FR', 'IT'].includes(fact.country ?? '') &&
      ID.test(fact.user?.id ?? '') &&
      MAIL.test(fact.user?.email ?? '') &&
      (fact.tags ?? []).includes('a') &&
      (fact.tags ?? []).includes('b') &&
      (fact.depth ?? 99) < 10 &&
      (fact.depth ?? -1) >= 0 &&
      fact.WORKFLOW !== 'C' &&
      fact.BANK !== 'D' &&
      (fact.amount ?? 99_999) < 10_000 &&
      fact.country !== 'US' &&
      fact.role !== 'admin' &&
      fact.role === 'analyst' &&
      fact.user?.id !== 'u-99' &&
      fact.depth !== 11 &&
      (fact.tags ?? []).includes('pii') &&
      fact.amount !== 3,
  },
];

/** The condition of one rule of the set; ours and filtrex spell it alike. */
export function bankCondition(at: number): string {
  return `WORKFLOW == "PURCHASE" and BANK == "bank-${at}" and amount > ${at % 500}`;
}

export function bankRules(count: number): KillSwitchRule[] {
  return Array.from({ length: count }, (_, at) => ruleWith({ key: `rule-${at}`, condition: bankCondition(at) }));
}

/** Each names one bank; some amounts are too small for its rule. */
export const BANK_FACTS: readonly BenchFact[] = Array.from({ length: 8 }, (_, i) => ({
  WORKFLOW: 'PURCHASE',
  BANK: `bank-${i * 31}`,
  amount: 100 * i,
}));

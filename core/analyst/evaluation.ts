import { CATEGORIES, type Category } from '../domain/finding.ts';

/** Categories found in one case: what was expected and what the model said. */
export interface CaseOutcome {
  readonly expected: ReadonlySet<Category>;
  readonly found: ReadonlySet<Category>;
}

export interface CategoryScore {
  readonly category: Category | 'all';
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  /** Share of what was said that was expected; null when nothing was said. */
  readonly precision: number | null;
  /** Share of what was expected that was said; null when nothing was expected. */
  readonly recall: number | null;
}

/** Precision and recall per category over cases, and over all categories together (micro-average; van Rijsbergen, 1979). */
export function scoreByCategory(cases: readonly CaseOutcome[]): CategoryScore[] {
  const perCategory = CATEGORIES.map((category) => {
    const count = (holds: (outcome: CaseOutcome) => boolean): number => cases.filter(holds).length;
    return scoreOf(
      category,
      count(({ expected, found }) => expected.has(category) && found.has(category)),
      count(({ expected, found }) => !expected.has(category) && found.has(category)),
      count(({ expected, found }) => expected.has(category) && !found.has(category)),
    );
  });
  const sum = (of: (score: CategoryScore) => number): number =>
    perCategory.reduce((total, score) => total + of(score), 0);
  const all = scoreOf(
    'all',
    sum((score) => score.truePositives),
    sum((score) => score.falsePositives),
    sum((score) => score.falseNegatives),
  );
  return [...perCategory, all];
}

function scoreOf(category: Category | 'all', truePositives: number, falsePositives: number, falseNegatives: number) {
  const share = (of: number, total: number): number | null => (total === 0 ? null : of / total);
  return {
    category,
    truePositives,
    falsePositives,
    falseNegatives,
    precision: share(truePositives, truePositives + falsePositives),
    recall: share(truePositives, truePositives + falseNegatives),
  };
}

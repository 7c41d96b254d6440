import type { CoverageGap, KillSwitchRule, RuleAction, RuleReach } from '../domain/kill-switch-rule.ts';
import type { CompiledRule } from './compile-rule.ts';

/** What is stored of a rule beside what its author said: see `KillSwitchRule`. */
export type RuleFindings = Pick<KillSwitchRule, 'normalisedCondition' | 'reach'>;

/** What compiling a rule found out about it. */
export function findingsOf({ normalised, rule, stages, coverage }: CompiledRule): RuleFindings {
  if (stages === null) return { normalisedCondition: normalised, reach: null };
  const reach = { stages, coverage, gaps: gapsOf(rule.action, { stages, coverage }) };
  return { normalisedCondition: normalised, reach };
}

/** Each gap in words. */
export const GAP_MESSAGES: Readonly<Record<CoverageGap, string>> = {
  GRAPHQL_ONLY:
    "The rule covers GraphQL only: PromptQL's SQL and JSON:API do not pass the hooks where its names are known, and a subscription that runs already goes on.",
  RELATIONAL_SQL:
    'SQL on connectors with the capability relational_query is not covered: they are asked in a form that rules do not read.',
  WEBSOCKET_CLIENTS:
    'Websocket clients get this answer as a frame that common ones refuse, and lose the connection; a block without quiet is an error of the operation alone.',
};

function gapsOf(action: RuleAction, { stages, coverage }: Omit<RuleReach, 'gaps'>): readonly CoverageGap[] {
  const coversSql = coverage.includes('sql');
  const gaps: readonly [CoverageGap, boolean][] = [
    ['GRAPHQL_ONLY', coverage.length > 0 && !coversSql],
    ['RELATIONAL_SQL', coversSql],
    ['WEBSOCKET_CLIENTS', stages.some((stage) => WEBSOCKET_BREAKERS[stage]?.(action) === true)],
  ];
  return gaps.filter(([, isOpen]) => isOpen).map(([gap]) => gap);
}

/** Where an action answers with a status 200, which the engine passes to websocket clients as a raw binary frame. */
const WEBSOCKET_BREAKERS: Partial<Record<RuleReach['stages'][number], (action: RuleAction) => boolean>> = {
  'pre-parse': (action) => action.type === 'respond' || (action.type === 'block' && action.quiet === true),
  'pre-response': (action) => action.type === 'mask',
};

import type { DdnFact } from '../core/document/ddn-facts.ts';
import type { Decision, Stage } from '../core/domain/decision.ts';
import type { RequestFacts } from '../core/domain/request-facts.ts';
import type { PluginServices } from './plugin-services.ts';

/**
 * The decision on one request (see `graphqlFacts`, `ndcFacts`). Undefined where the deadline, in milliseconds from now,
 * passed before a rule that was asked by then refused the request.
 */
export function decideRequest(
  services: Pick<PluginServices, 'decide' | 'countDecision'>,
  request: RequestFacts<DdnFact>,
  stage: Stage,
  deadlineMs: number,
): Decision | undefined {
  const deadline = performance.now() + deadlineMs;
  const decision = services.decide(request, stage, () => performance.now() > deadline);
  services.countDecision(decision, request.fact.role, stage);
  return decision.unfinished && decision.terminal === null ? undefined : decision;
}

import type { Decision, Stage } from '../core/domain/decision.ts';
import { DDN_NAMESPACE } from '../core/domain/kill-switch-rule.ts';
import type { Clock } from '../core/domain/time.ts';
import type { AnalystService } from '../core/services/analyst-service.ts';
import type { KillSwitchService } from '../core/services/kill-switch-service.ts';
import type { ObserveService } from '../core/services/observe-service.ts';
import type { ProgramQuestions } from '../core/services/program-questions.ts';
import type { RequestTracer } from '../core/services/request-tracer.ts';
import type { QueryService } from '../core/services/query-service.ts';
import { addDecision, sourceOf, type Tally } from '../core/services/tally.ts';
import type { PluginServices } from '../plugin/plugin-services.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Tokens } from './tokens.ts';

export interface PluginServicesDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly killSwitch: KillSwitchService;
  readonly programs: Pick<ProgramQuestions, 'decide'>;
  readonly observe: ObserveService;
  readonly queries: QueryService;
  readonly tally: Tally;
  readonly tokens: Tokens;
  readonly analyst: AnalystService;
  /** Longest wait of a caller for the analyst's opinion. */
  readonly analystWaitMs: number;
  readonly tracer: RequestTracer;
}

/** The application as the hooks and the REST surface see it. */
export function createPluginServices(deps: PluginServicesDeps): PluginServices {
  const { clock, killSwitch, metrics, queries, tally } = deps;

  function countDecision(decision: Decision, role: string, stage: Stage): void {
    addDecision(tally, { at: clock.now(), source: sourceOf(stage), role, namespace: DDN_NAMESPACE }, decision);
    metrics.decided(decision);
  }

  return {
    clock,
    log: deps.log,
    tracer: deps.tracer,
    count: (event, hook) => metrics.hookEvent(event, hook),
    hasRules: (stage: Stage) => killSwitch.hasRules(stage),
    decide: ({ fact, varying }, stage, isOverdue) => killSwitch.decide(fact, stage, { varying, isOverdue }),
    countDecision,
    matches: (namespace, fact) => deps.programs.decide(namespace, fact).matched.length > 0,
    async observe(observation, hook, enforcement) {
      const observed = await deps.observe.observe(observation, hook, { enforcement });
      metrics.analysed(observed.analysis, observed.stored);
      return observed;
    },
    async recordRefusal(refusal) {
      await deps.observe.recordRefusal(refusal);
    },
    secondOpinion: (analysis) => deps.analyst.consult(analysis, deps.analystWaitMs),
    analystState: () => deps.analyst.status().state,
    queries: {
      async overview(query) {
        const found = await queries.overview(query);
        if (!found) return undefined;
        const [richest] = found.baselines;
        return {
          queryId: found.query.shape.id,
          queryHash: found.query.queryHash,
          historicalRecords: found.historicalRecords,
          model: richest?.model ?? null,
        };
      },
      history: (query, page) => queries.history(query, page),
      clearHistory: (query, actor) => queries.clearHistory(query, actor),
      analyzeRecord: (query, record, actor) => queries.analyzeRecord(query, record, actor),
    },
    authenticate: (token) => deps.tokens.authenticate(token),
  };
}

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Analysis } from '../core/domain/analysis.ts';
import { allFindings } from '../core/domain/analysis.ts';
import { ANALYST_STATES, type AnalystState } from '../core/domain/analyst-opinion.ts';
import type { Decision } from '../core/domain/decision.ts';
import type { AnalystCounters } from '../core/services/analyst-counters.ts';

export interface MetricsSources {
  queued(): number;
  away(): boolean;
  /** Baselines in memory whose data drifts. */
  drifting(): number;
  killSwitchRevision(): number;
  /** Whether the rules could not be refreshed lately. */
  killSwitchStale(): boolean;
  /** Rules whose previous version holds, since they do not compile here. */
  killSwitchUnsupported(): number;
  /** Rules of which more than 1 % of the evaluations failed over the last five minutes. */
  killSwitchErroring(): number;
  analyst(): { readonly state: AnalystState; readonly counters: AnalystCounters };
  /** Null before the first self-test. */
  killSwitchSelfTest(): boolean | null;
}

export interface Metrics {
  hookEvent(event: string, hook: string): void;
  request(route: string, status: number, seconds: number): void;
  analysed(analysis: Analysis, stored: string): void;
  trained(): void;
  /** A row of the tally that the database refused: its counts are lost. */
  tallyRowDropped(): void;
  /** One fact that the kill-switch rules were asked about. */
  decided(decision: Pick<Decision, 'matched' | 'wouldMatch' | 'errors'>): void;
  text(): Promise<string>;
}

/** Counters and gauges with units in their names. No label has a value of a user: labels are closed sets. */
export function createMetrics(sources: MetricsSources): Metrics {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });

  const hookEvents = new Counter({
    name: 'sentinel_hook_events_total',
    help: 'What became of hook calls.',
    labelNames: ['event', 'hook'],
    registers,
  });
  const requests = new Histogram({
    name: 'sentinel_http_request_duration_seconds',
    help: 'Time to answer a request of the hook, REST and GraphQL listener.',
    labelNames: ['route', 'status'],
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5],
    registers,
  });
  const observations = new Counter({
    name: 'sentinel_observations_total',
    help: 'Observed requests by what became of their effects.',
    labelNames: ['source', 'stored'],
    registers,
  });
  const records = new Counter({ name: 'sentinel_records_analysed_total', help: 'Records analysed.', registers });
  const findings = new Counter({
    name: 'sentinel_findings_total',
    help: 'Findings by kind and severity.',
    labelNames: ['kind', 'severity'],
    registers,
  });
  const models = new Counter({ name: 'sentinel_models_trained_total', help: 'Models trained.', registers });
  const tallyDropped = new Counter({
    name: 'sentinel_tally_rows_dropped_total',
    help: 'Counts per minute that the database refused; anything but 0 is a defect.',
    registers,
  });
  const decisions = new Counter({
    name: 'sentinel_kill_switch_decisions_total',
    help: 'Requests and facts of programs asked about with kill-switch rules in force, by what matched.',
    labelNames: ['outcome'],
    registers,
  });
  const ruleErrors = new Counter({
    name: 'sentinel_kill_switch_rule_errors_total',
    help: 'Evaluations of kill-switch rules that failed; sentinel_kill_switch_erroring_rules is the alarm.',
    registers,
  });
  const gauge = (name: string, help: string, read: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  const labelled = (name: string, help: string, label: string, read: () => [string, number][]): Gauge =>
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers,
      collect() {
        for (const [value, count] of read()) this.set({ [label]: value }, count);
      },
    });
  labelled('sentinel_analyst_state', '1 for the state the analyst is in.', 'state', () => {
    const { state } = sources.analyst();
    return ANALYST_STATES.map((one) => [one, one === state ? 1 : 0]);
  });
  labelled('sentinel_analyst_questions', 'Questions by what became of them, since the start.', 'outcome', () => {
    const { counters } = sources.analyst();
    const { offered, repeated, asked, answered, skipped, failed } = counters;
    const own = Object.entries({ offered, repeated, asked, answered });
    const reasons = Object.entries(skipped).map(([why, count]): [string, number] => [`skipped_${why}`, count]);
    return [
      ...own,
      ...reasons,
      ...Object.entries(failed).map(([why, count]): [string, number] => [`failed_${why}`, count]),
    ];
  });
  labelled('sentinel_analyst_tokens', 'Tokens of the model provider, since the start.', 'kind', () =>
    Object.entries(sources.analyst().counters.tokens),
  );
  gauge(
    'sentinel_analyst_cost',
    'Cost in the currency of the configured prices, since the start.',
    () => sources.analyst().counters.cost,
  );
  gauge('sentinel_writer_queue', 'Observations waiting to be written.', () => sources.queued());
  gauge('sentinel_store_away', '1 while the database does not answer the writer.', () => (sources.away() ? 1 : 0));
  gauge('sentinel_drifting_baselines', 'Baselines in memory whose data no longer fits what was learnt.', () =>
    sources.drifting(),
  );
  gauge('sentinel_kill_switch_revision', 'Revision of the kill-switch rules in force.', () =>
    sources.killSwitchRevision(),
  );
  gauge('sentinel_kill_switch_stale', '1 while the kill-switch rules could not be refreshed lately.', () =>
    sources.killSwitchStale() ? 1 : 0,
  );
  gauge('sentinel_kill_switch_unsupported_rules', 'Rules that do not compile here; their previous version holds.', () =>
    sources.killSwitchUnsupported(),
  );
  gauge(
    'sentinel_kill_switch_erroring_rules',
    'Rules of which more than 1 % of the evaluations here failed over the last five minutes.',
    () => sources.killSwitchErroring(),
  );
  gauge(
    'kill_switch_last_selftest_ok',
    '1 if a canary rule last came from the store into the rules in force, 0 if not; absent (NaN) before the first test.',
    () => {
      const ok = sources.killSwitchSelfTest();
      return ok === null ? Number.NaN : Number(ok);
    },
  );

  return {
    hookEvent: (event, hook) => hookEvents.inc({ event, hook }),
    request: (route, status, seconds) => requests.observe({ route, status: String(status) }, seconds),
    analysed(analysis, stored) {
      observations.inc({ source: analysis.observation.source, stored });
      for (const dataset of analysis.datasets) records.inc(dataset.recordCount);
      for (const { kind, severity } of allFindings(analysis)) findings.inc({ kind, severity });
    },
    trained: () => models.inc(),
    tallyRowDropped: () => tallyDropped.inc(),
    decided({ matched, wouldMatch, errors }) {
      const outcome = matched.length > 0 ? 'matched' : wouldMatch.length > 0 ? 'would_match' : 'passed';
      decisions.inc({ outcome });
      if (errors.length > 0) ruleErrors.inc(errors.length);
    },
    text: () => register.metrics(),
  };
}
